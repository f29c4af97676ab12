"""Scores of reports: pending, partial, final; void with its reason; once."""

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert

from backend import clock
from backend.db.session import Database
from backend.db.tables.reports import Report
from backend.domain.record import ENGINE_VERSION
from backend.pipelines.context import RunContext
from backend.pipelines.record import report_scoring
from backend.services.record.report_scores import DueReport, SessionPrices
from tests.pipelines import scoring_world

SetClock = Callable[[datetime], None]
DAYS, CODE = scoring_world.SESSIONS, scoring_world.CODES[1]
SCORES = "SELECT * FROM report_scores ORDER BY report_id"


async def add_report(world: Database, position: int, *, code: str = CODE, **forecast: Any) -> None:
    """A report ten minutes after the close of a session, about five sessions."""
    day = DAYS[position]
    (bar,) = await scoring_world.fetch(
        world, "SELECT * FROM daily_bars WHERE stock_code = :code AND trade_date = :day", code=code, day=day.trade_date
    )
    price = bar["regular_close_krw"]
    said = {"p_up": 0.6, "direction": "up", "low_krw": price * 0.5, "median_krw": price * 2, "high_krw": price * 3}
    horizons = {"1": said | {"direction": "down"}, "5": said | forecast} if forecast != {"none": True} else {}
    async with world.write() as session:
        versions = await scoring_world.build_models(session)
        row = {
            "run_id": uuid.uuid4(), "stock_code": code, "model_version_id": versions["price"],
            "asof": day.closes_at + timedelta(minutes=10), "trigger": "first", "fact_sheet": {}, "fact_hash": "h",
            "text_ko": "", "text_en": "", "writer": "template",
            "targets": {"price_krw": price, "horizons": horizons},
        }  # fmt: skip
        await session.execute(insert(Report).values(row))


async def test_a_report_is_partial_while_its_sessions_pass_and_then_final(
    context: RunContext, world: Database, set_clock: SetClock
) -> None:
    await add_report(world, -20)
    states = []
    for position in (-20, -18, -15):
        set_clock(DAYS[position].closes_at + timedelta(hours=1))
        assert await report_scoring.score_reports(context) == 1
        (row,) = await scoring_world.fetch(world, SCORES)
        states.append((row["state"], row["sessions"], row["target_score"] is None))
    assert states == [("pending", 0, True), ("partial", 2, True), ("final", 5, False)]
    bars = await scoring_world.fetch(
        world,
        "SELECT max(high_krw) AS high, min(low_krw) AS low FROM daily_bars"
        " WHERE stock_code = :code AND trade_date BETWEEN :first AND :last",
        code=CODE,
        first=DAYS[-19].trade_date,
        last=DAYS[-15].trade_date,
    )
    assert (row["direction"], row["highest_krw"], row["lowest_krw"]) == ("up", bars[0]["high"], bars[0]["low"])
    assert (row["hit_session"], row["timing_score"], row["risk_score"]) == (None, 0, 1)
    assert await report_scoring.score_reports(context) == 0


async def test_a_split_afterwards_is_no_fall(context: RunContext, world: Database) -> None:
    await add_report(world, -20)
    await scoring_world.execute(
        world,
        "UPDATE daily_bars SET open_krw = open_krw / 5, high_krw = high_krw / 5, low_krw = low_krw / 5,"
        " regular_close_krw = regular_close_krw / 5 WHERE stock_code = :code AND trade_date >= :day",
        code=CODE,
        day=DAYS[-18].trade_date,
    )
    await scoring_world.execute(
        world,
        "UPDATE daily_bars SET adjust_factor = 0.2 WHERE stock_code = :code AND trade_date < :day",
        code=CODE,
        day=DAYS[-18].trade_date,
    )
    await report_scoring.score_reports(context)
    (row,) = await scoring_world.fetch(world, SCORES)
    assert (row["state"], row["risk_score"]) == ("final", 1)


async def test_what_cannot_be_scored_says_why(context: RunContext, world: Database) -> None:
    gone = scoring_world.CODES[2]
    await add_report(world, -30, none=True)
    await add_report(world, -30, code=gone)
    await scoring_world.execute(world, "UPDATE stocks SET status = 'delisted' WHERE code = :code", code=gone)
    await scoring_world.execute(
        world,
        "DELETE FROM daily_bars WHERE stock_code = :code AND trade_date > :day",
        code=gone,
        day=DAYS[-30].trade_date,
    )
    await report_scoring.score_reports(context)
    rows = await scoring_world.fetch(world, SCORES)
    assert [(row["state"], row["void_reason"]) for row in rows] == [("void", "no_forecast"), ("void", "delisted")]


def due(**changes: Any) -> DueReport:
    """A report that says up over five sessions, from 1,000 to 1,100 and between 900 and 1,300."""
    said = {"p_up": 0.6, "direction": "up", "low_krw": 900, "median_krw": 1_100, "high_krw": 1_300}
    targets = {"price_krw": 1_000, "horizons": {"3": said | {"direction": "down"}, "5": said}}
    asof = DAYS[-20].closes_at + timedelta(minutes=10)
    return replace(DueReport(7, CODE, asof, targets, "listed", None), **changes)


def bars(*highs: int, factor: float = 1.0) -> list[SessionPrices]:
    """The session of the report, then one a high; `factor` is that of the sessions after it."""
    first = SessionPrices(DAYS[-20].trade_date, 5_000, 10, 1_000, 1.0)  # the report's own session is no outcome
    after = [
        SessionPrices(DAYS[-19 + n].trade_date, high, high - 200, high - 100, factor) for n, high in enumerate(highs)
    ]
    return [first, *after]


NOTHING = {
    "void_reason": None, "sessions": 0, "direction": None, "hit_session": None, "highest_krw": None,
    "lowest_krw": None, "target_score": None, "timing_score": None, "risk_score": None,
}  # fmt: skip
HIT = {"sessions": 2, "direction": "up", "hit_session": 2, "highest_krw": 1_105, "lowest_krw": 850}
WHOLE = {"sessions": 5, "direction": "up", "hit_session": 2, "highest_krw": 1_105, "lowest_krw": 850}


@pytest.mark.parametrize(
    ("changes", "highs", "is_over", "expected"),
    [
        ({}, (), False, {"state": "pending"}),
        ({}, (), True, {"state": "void", "void_reason": "no_price"}),
        ({"status": "delisted"}, (), True, {"state": "void", "void_reason": "delisted"}),
        ({"status": "delisted"}, (), False, {"state": "pending"}),
        ({"targets": {"price_krw": 1_000}}, (1_050,), False, {"state": "void", "void_reason": "no_forecast"}),
        ({"targets": {"horizons": {"1": {}}}}, (1_050,), False, {"state": "void", "void_reason": "no_forecast"}),
        ({}, (1_050, 1_105), False, {"state": "partial", **HIT}),
        ({}, (1_050, 1_105, 1_060, 1_060, 1_060), False,
         {"state": "final", **WHOLE, "target_score": 1.0, "timing_score": 0.8, "risk_score": 0.5}),
        ({}, (1_050, 1_105), True,
         {"state": "final", **HIT, "target_score": 1.0, "timing_score": 0.8, "risk_score": 0.5}),
    ],
)  # fmt: skip
def test_a_score_says_what_came_of_the_longest_promise(
    changes: dict[str, Any], highs: tuple[int, ...], is_over: bool, expected: dict[str, Any]
) -> None:
    row = report_scoring.score_row(due(**changes), DAYS[-20:-14], bars(*highs), is_over=is_over)
    assert (row.pop("report_id"), row.pop("engine_version")) == (7, ENGINE_VERSION)
    assert len(row.pop("input_hash")) == 32
    assert (clock.now() - row.pop("evaluated_at")).total_seconds() < 60
    assert row == NOTHING | expected


def test_prices_after_a_split_are_told_in_the_shares_of_the_report() -> None:
    row = report_scoring.score_row(due(), DAYS[-20:-14], bars(500, 560, factor=2.0), is_over=False)
    assert (row["hit_session"], row["highest_krw"], row["lowest_krw"]) == (2, 1_120, 600)


def test_a_score_is_another_one_only_if_what_it_says_is() -> None:
    first = report_scoring.score_row(due(), DAYS[-20:-14], bars(1_050), is_over=False)["input_hash"]
    again = report_scoring.score_row(due(), DAYS[-20:-14], bars(1_050), is_over=False)["input_hash"]
    other = report_scoring.score_row(due(), DAYS[-20:-14], bars(1_051), is_over=False)["input_hash"]
    assert first == again != other
