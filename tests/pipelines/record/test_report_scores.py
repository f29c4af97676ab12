"""Scores of reports: pending, partial, final; void with its reason; once."""

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert

from backend.db.session import Database
from backend.db.tables.reports import Report
from backend.pipelines.context import RunContext
from backend.pipelines.record import report_scoring
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
