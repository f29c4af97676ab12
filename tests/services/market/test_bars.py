"""Bars: windows for the page, partitions by month, adjustment by product of later actions."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.domain.market import Basis, DailyBar, IndexBar, Quote
from backend.services.market import bar_flags, bars, corporate_actions
from backend.services.market.corporate_actions import Adjustment

CODE = "005930"
FIRST = date(2026, 10, 1)
CLOSES = {
    day: datetime(day.year, day.month, day.day, 6, 30, tzinfo=UTC) for day in (FIRST + timedelta(i) for i in range(7))
}
LATER = datetime(2026, 10, 9, tzinfo=UTC)


def bar(offset: int, price: int = 1000) -> DailyBar:
    return DailyBar(CODE, FIRST + timedelta(days=offset), price, price + 5, price - 5, price, 10, "test")


async def store(
    session: AsyncSession, rows: Sequence[DailyBar], final_through: date = FIRST, at: datetime = LATER
) -> int:
    return await bars.upsert_daily_bars(session, rows, closes=CLOSES, final_through=final_through, recorded_at=at)


def split(offset: int, factor: float) -> Adjustment:
    day = FIRST + timedelta(days=offset)
    return Adjustment(day, factor, CLOSES[day] - timedelta(hours=6, minutes=30))


@pytest.fixture
async def stock(session: AsyncSession) -> str:
    await session.execute(text("INSERT INTO stocks (code, name, market) VALUES ('005930', '삼성전자', 'KOSPI')"))
    return CODE


async def test_the_newest_window_comes_in_ascending_order(session: AsyncSession, stock: str) -> None:
    await store(session, [bar(i) for i in range(6)], FIRST + timedelta(days=4))
    newest = await bars.list_bars(session, stock, limit=2)
    older = await bars.list_bars(session, stock, limit=2, before=newest[0]["trade_date"])
    assert [row["trade_date"].day for row in (*older, *newest)] == [3, 4, 5, 6]
    assert [row["is_final"] for row in newest] == [True, False]
    assert await bars.list_latest_trade_dates(session, [stock]) == {stock: FIRST + timedelta(days=4)}


async def test_a_restated_bar_is_corrected_and_an_equal_one_left_alone(session: AsyncSession, stock: str) -> None:
    written = [await store(session, rows) for rows in ([bar(0)], [bar(0)], [bar(0, 1010)])]
    assert written == [1, 0, 1]


async def test_index_closes_are_written_once(session: AsyncSession) -> None:
    close = IndexBar("KOSPI", FIRST, 2655.37, "test")
    assert [await bars.upsert_index_bars(session, [close], closes=CLOSES, recorded_at=LATER) for _ in range(2)] == [
        1,
        0,
    ]
    assert (await bars.list_latest_index_dates(session))["KOSPI"] == FIRST


async def test_factors_are_the_product_of_all_later_actions(session: AsyncSession, stock: str) -> None:
    await store(session, [bar(i) for i in range(3)])
    actions = [split(1, 0.2), split(2, 0.5)]
    changed = [
        await corporate_actions.adjust_earlier_bars(session, stock, actions, recorded_at=LATER) for _ in range(2)
    ]
    factors = [row["adjust_factor"] for row in await bars.list_bars(session, stock, limit=5)]
    assert (changed, factors) == ([2, 0], [pytest.approx(0.1), pytest.approx(0.5), 1.0])


async def test_case_72_adjusting_leaves_raw_prices_on_the_tick_grid(session: AsyncSession, stock: str) -> None:
    await store(session, [bar(0, 24_650), bar(1, 8_220)])
    await corporate_actions.adjust_earlier_bars(session, stock, [split(1, 1 / 3)], recorded_at=LATER)
    first = (await bars.list_bars(session, stock, limit=2))[0]
    assert first["regular_close_krw"] == 24_650
    assert first["regular_close_krw"] * first["adjust_factor"] == pytest.approx(8_216.67, abs=0.01)  # off the grid


async def test_case_70_the_evening_price_never_replaces_the_regular_close(session: AsyncSession, stock: str) -> None:
    """Naver's daily close becomes the 20:00 one; KIS and data.go.kr may correct what Naver gave."""
    closes = []
    for source, price in (("naver_chart", 1_000), ("naver_chart", 1_050), ("kis", 1_005), ("naver_chart", 1_060)):
        rows = [replace(bar(0, price), source=source)]
        await store(session, rows)
        closes.append((await bars.list_bars(session, stock, limit=1))[0]["regular_close_krw"])
    assert closes == [1_000, 1_000, 1_005, 1_005]


async def test_a_changed_bar_keeps_what_it_was_and_a_read_of_then_finds_it(session: AsyncSession, stock: str) -> None:
    """Known at its close, recorded when it came; the same bar again is neither new nor older."""
    first, second = CLOSES[FIRST] + timedelta(minutes=20), CLOSES[FIRST] + timedelta(days=1)
    for at, price in ((first, 1_000), (second, 1_000), (second, 1_010)):
        await store(session, [bar(0, price)], at=at)
    query = text("SELECT regular_close_krw, recorded_at, hindsight FROM daily_bars_as_of(:known, :recorded)")

    async def seen(known: datetime, recorded: datetime) -> list[tuple[float, datetime, bool]]:
        return [tuple(row) for row in await session.execute(query, {"known": known, "recorded": recorded})]

    assert await seen(CLOSES[FIRST] - timedelta(seconds=1), LATER) == []
    assert await seen(LATER, first - timedelta(seconds=1)) == []
    assert await seen(LATER, second - timedelta(seconds=1)) == [(1_000.0, first, False)]
    assert await seen(CLOSES[FIRST], LATER) == [(1_010.0, second, True)]


async def test_a_fill_is_hindsight_and_a_session_that_still_runs_is_unfinished(
    session: AsyncSession, stock: str
) -> None:
    at = CLOSES[FIRST + timedelta(days=2)] - timedelta(minutes=1)
    await store(session, [bar(0), bar(1), bar(2)], FIRST + timedelta(days=2), at)
    rows = await bars.list_bars(session, stock, limit=3)
    assert [(row["hindsight"], row["is_final"], row["flags"]) for row in rows] == [
        (True, True, []), (False, True, []), (False, False, ["unfinished"]),
    ]  # fmt: skip
    await store(session, [bar(2)], FIRST + timedelta(days=2))
    finished = (await bars.list_bars(session, stock, limit=1))[0]
    assert (finished["is_final"], finished["flags"]) == (True, [])


async def test_an_adjusted_bar_is_in_the_shares_of_the_day_it_was_told(session: AsyncSession, stock: str) -> None:
    """Told on its own day it was raw then; told after the split it is adjusted, and nothing is left to do."""
    adjusted = replace(bar(0, 500), basis=Basis.ADJUSTED)
    await store(session, [adjusted], at=CLOSES[FIRST])
    await store(session, [replace(adjusted, trade_date=FIRST + timedelta(days=1)), bar(2)])
    changed = [
        await corporate_actions.adjust_earlier_bars(session, stock, [split(3, 0.5)], recorded_at=LATER)
        for _ in range(2)
    ]
    factors = [row["adjust_factor"] for row in await bars.list_bars(session, stock, limit=3)]
    assert (changed, factors) == ([2, 0], [0.5, 1.0, 0.5])


async def test_partitions_are_made_once_and_hold_their_month(session: AsyncSession) -> None:
    assert [await bars.ensure_partitions(session, {(2031, 12), (2032, 1)}) for _ in range(2)] == [2, 0]
    bounds = "SELECT pg_get_expr(relpartbound, oid) FROM pg_class WHERE relname = 'minute_bars_2031_12'"
    bound = (await session.execute(text(bounds))).scalar_one()
    assert "2031-12-01" in bound
    assert "2032-01-01" in bound


async def test_trades_of_an_earlier_session_and_of_the_after_market_make_no_minute_bar(
    session: AsyncSession, stock: str
) -> None:
    opens_at = datetime(2026, 10, 2, 0, 0, tzinfo=UTC)
    hours = {"session_opens_at": opens_at, "session_closes_at": opens_at + timedelta(hours=6, minutes=30)}
    old = Quote(stock, 1000, 990, 500, opens_at - timedelta(hours=18), "test")
    first = Quote(stock, 1010, 1000, 30, opens_at + timedelta(minutes=1, seconds=5), "test")
    evening = Quote(stock, 1050, 1000, 90, opens_at + timedelta(hours=9), "test")
    assert [await bars.record_quotes(session, [quote], **hours) for quote in (old, first, evening)] == [1, 2, 1]
    rows = (await session.execute(text("SELECT ts, volume FROM minute_bars"))).all()
    assert [tuple(row) for row in rows] == [(opens_at + timedelta(minutes=1), 30)]


async def test_usable_bars_leave_out_what_lies_and_rejoin_a_series_at_an_unknown_move(
    session: AsyncSession, stock: str
) -> None:
    """Closes 1000, 1010 | 505 (nobody told why), 510: the past is halved, the move itself is missing."""
    rows = [bar(0, 1_000), bar(1, 1_010), bar(2, 505), bar(3, 510), bar(4, 520)]
    rows[3] = replace(rows[3], open_krw=None, high_krw=None, low_krw=None, volume=0)
    await store(session, rows, FIRST + timedelta(days=4))
    marks = {1: "volume_break", 2: "unknown_action", 3: "no_trade"}
    found = [{"stock_code": stock, "trade_date": FIRST + timedelta(days=n), "flags": flag} for n, flag in marks.items()]
    assert await bar_flags.record_flags(session, found, recorded_at=LATER + timedelta(hours=1)) == 3
    read = text("SELECT close, volume, raw_close FROM usable_bars(:at, :at, :first, :last) ORDER BY trade_date")

    async def usable(at: datetime, last: int = 4) -> list[tuple[float | None, ...]]:
        bound = {"at": at, "first": FIRST, "last": FIRST + timedelta(days=last)}
        return [tuple(row) for row in await session.execute(read, bound)]

    assert await usable(LATER + timedelta(hours=2)) == [
        (pytest.approx(500.0), 10.0, 1_000.0),
        (pytest.approx(505.0), None, 1_010.0),
        (None, None, None),
        (None, None, None),
        (520.0, 10.0, 520.0),
    ]
    assert await usable(LATER + timedelta(hours=2), 1) == [(1_000.0, 10.0, 1_000.0), (1_010.0, None, 1_010.0)]
    before = await usable(LATER)  # as it was read before anybody had looked at it
    assert [row[0] for row in before] == [1_000.0, 1_010.0, 505.0, 510.0, 520.0]
