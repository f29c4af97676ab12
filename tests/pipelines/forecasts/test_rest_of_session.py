"""The rest of a running session: forecast by the model of sizes alone, once each half hour, scored and audited."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from backend import clock
from backend.config import Settings
from backend.db.session import Database
from backend.db.tables.bars import DailyBarRow, MinuteBarRow, QuoteRow
from backend.db.upsert import upsert
from backend.domain.members import BUILT_IN
from backend.domain.stock_days import StockDay
from backend.krx import DemoCalendar, TradingDay
from backend.pipelines.context import NoArguments, RunContext
from backend.pipelines.forecasts import generate_predictions, rest_of_session, train_models
from backend.pipelines.forecasts.forecasts import Known
from backend.pipelines.forecasts.moments import plan_moment
from backend.pipelines.forecasts.prices import Prices
from backend.pipelines.record import audit_predictions, scoring, size_metrics
from backend.services.forecasts import sizes
from backend.services.market import bars
from tests.services.forecasts.forecasting_world import add_bars, add_stocks, make_context

LIVE = generate_predictions.Arguments()
PRICE = 51_000


def session_of(context: RunContext) -> TradingDay:
    running = context.calendar.at(clock.now())
    assert running is not None
    return running


@pytest.fixture
async def context(database: Database, settings: Settings) -> RunContext:
    """Three stocks in a session of 50 minutes that opened ten minutes ago; the second has no price of it."""
    calendar = DemoCalendar(clock.now() - timedelta(minutes=10), 60)
    last = calendar.last_closed(clock.now()).trade_date
    async with database.write() as session:
        codes = await add_stocks(session, 3)
        await add_bars(session, codes, last, 180)
        close = (
            "UPDATE daily_bars SET regular_close_krw = 50000, high_krw = greatest(high_krw, 50000),"
            " low_krw = least(low_krw, 50000) WHERE trade_date = :day"
        )
        await session.execute(text(close), {"day": last})
    found = await make_context(database, settings)
    found.tools.calendar = calendar
    await train_models.run(found, NoArguments())
    async with found.write() as session:
        quote = {"previous_close_krw": 50_000, "volume": 1, "ts": clock.now(), "source": "test"}
        quotes = [quote | {"stock_code": "000001", "last_price_krw": PRICE}]
        # Of other shares than the last close was: split in two since.
        quotes += [quote | {"stock_code": "000003", "last_price_krw": 25_000}]
        await upsert(session, QuoteRow, quotes, key=["stock_code"])
    return found


async def rows(context: RunContext, query: str) -> list[Any]:
    async with context.read() as session:
        return list(await session.execute(text(query)))


async def test_the_rest_of_a_session_is_told_scored_and_made_again(
    context: RunContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = session_of(context)
    assert (await generate_predictions.run(context, LIVE)).written == 3 * 3 * len(BUILT_IN) + 1
    ((row),) = await rows(
        context,
        "SELECT p.*, m.name FROM predictions p JOIN model_versions v ON v.id = p.model_version_id"
        " JOIN models m ON m.id = v.model_id WHERE p.horizon = 0",
    )
    assert (row.name, row.stock_code, row.base_price_krw, row.verdict) == ("size", "000001", PRICE, "none")
    assert (row.trade_date, row.exit_trade_date) == (running.trade_date, running.trade_date)
    assert row.asof < row.entry_ts < running.closes_at
    assert row.explanation["closes_at"] == running.closes_at.isoformat()
    assert row.quantiles_krw[1] < PRICE < row.quantiles_krw[5]
    assert row.size["references"]["own"]["p_3pct"] > 0
    # Nothing has changed by a tick: nothing more is said.
    again = await generate_predictions.run(context, LIVE)
    assert (again.written, again.detail["unchanged"]) == (0, 3 * 3 * len(BUILT_IN) + 1)
    async with context.read() as session:
        assert [found.horizon for found in await sizes.list_sizes(session, "000001")] == [0, 1, 3, 5]
    audited = await audit_predictions.run(context, audit_predictions.Arguments(prediction_ids=[row.id]))
    assert audited.detail == {"reproduced": 1, "differ": 0}

    # The session closes 4 % below the price of then, and the stock was traded at the entry.
    monkeypatch.setattr(clock, "now", lambda: running.closes_at + timedelta(minutes=5))
    async with context.write() as session:
        await bars.ensure_partitions(session, [(row.entry_ts.year, row.entry_ts.month)])
        minute = {
            "open_krw": PRICE,
            "high_krw": PRICE,
            "low_krw": PRICE,
            "close_krw": PRICE,
            "volume": 1,
            "source": "t",
        }
        await upsert(
            session, MinuteBarRow, [minute | {"stock_code": "000001", "ts": row.entry_ts}], key=["stock_code", "ts"]
        )
        bar = {"open_krw": 50_000, "high_krw": 52_000, "low_krw": 48_000, "regular_close_krw": 48_960, "volume": 9,
               "source": "test", "is_final": True, "trade_date": running.trade_date}  # fmt: skip
        await upsert(
            session,
            DailyBarRow,
            [bar | {"stock_code": f"00000{n}"} for n in (1, 2, 3)],
            key=["stock_code", "trade_date"],
        )
    await scoring.evaluate(context)
    ((came),) = await rows(
        context, f"SELECT state, size_move, size_losses FROM outcomes WHERE prediction_id = {row.id}"
    )
    assert (came.state, came.size_move) == ("final", pytest.approx(-0.04))
    assert came.size_losses[0] == pytest.approx((row.size["p_3pct"] - 1) ** 2)
    assert await size_metrics.update(context) == 4
    assert [tuple(found) for found in await rows(context, "SELECT DISTINCT horizon, n FROM size_metrics")] == [(0, 1)]
    assert await rows(context, "SELECT 1 FROM metric_days") == []


async def test_outside_of_a_session_nothing_is_left_of_it(context: RunContext) -> None:
    async with context.write() as session:
        await session.execute(
            text("UPDATE quotes SET ts = :before"), {"before": session_of(context).opens_at - timedelta(hours=1)}
        )
    assert (await generate_predictions.run(context, LIVE)).written == 3 * 3 * len(BUILT_IN)
    assert await rows(context, "SELECT 1 FROM predictions WHERE horizon = 0") == []


@pytest.mark.parametrize(("minutes", "left"), [(0, 1.0), (25, 6 / 13), (47, 1 / 13), (48, None), (51, None)])
def test_it_is_told_as_long_as_somebody_can_still_buy(minutes: float, left: float | None) -> None:
    """In a session of 50 minutes: the entry is the first minute that begins a minute later."""
    opened = datetime.fromisoformat("2026-11-20T10:00:00+09:00")
    calendar = DemoCalendar(opened, 60)
    moment = plan_moment(calendar, opened + timedelta(minutes=minutes))
    day = calendar.last_closed(opened).trade_date
    prices = Prices([day], {("000001", day): StockDay("000001", day, 200, 0, 50_000, 0.02, None)})
    item = rest_of_session.build_item(calendar, moment, "000001", Known(prices, {}, None, {"000001": PRICE}))
    assert (item and item.sizes["left"]) == (left and pytest.approx(left))
