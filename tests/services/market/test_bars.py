"""Bars: windows for the page, partitions by month, adjustment by product of later actions."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.domain.market import DailyBar, IndexBar, Quote
from backend.services.market import bars

CODE = "005930"
FIRST = date(2026, 10, 1)


def bar(offset: int, price: int = 1000) -> DailyBar:
    return DailyBar(CODE, FIRST + timedelta(days=offset), price, price + 5, price - 5, price, 10, "test")


@pytest.fixture
async def stock(session: AsyncSession) -> str:
    await session.execute(text("INSERT INTO stocks (code, name, market) VALUES ('005930', '삼성전자', 'KOSPI')"))
    return CODE


async def test_the_newest_window_comes_in_ascending_order(session: AsyncSession, stock: str) -> None:
    await bars.upsert_daily_bars(session, [bar(i) for i in range(6)], final_through=FIRST + timedelta(days=4))
    newest = await bars.list_bars(session, stock, limit=2)
    older = await bars.list_bars(session, stock, limit=2, before=newest[0]["trade_date"])
    assert [row["trade_date"].day for row in (*older, *newest)] == [3, 4, 5, 6]
    assert [row["is_final"] for row in newest] == [True, False]
    assert await bars.list_latest_trade_dates(session, [stock]) == {stock: FIRST + timedelta(days=4)}


async def test_a_restated_bar_is_corrected_and_an_equal_one_left_alone(session: AsyncSession, stock: str) -> None:
    written = [
        await bars.upsert_daily_bars(session, rows, final_through=FIRST)
        for rows in ([bar(0)], [bar(0)], [bar(0, 1010)])
    ]
    assert written == [1, 0, 1]


async def test_index_closes_are_written_once(session: AsyncSession) -> None:
    close = IndexBar("KOSPI", FIRST, 2655.37, "test")
    assert [await bars.upsert_index_bars(session, [close]) for _ in range(2)] == [1, 0]
    assert (await bars.list_latest_index_dates(session))["KOSPI"] == FIRST


async def test_factors_are_the_product_of_all_later_actions(session: AsyncSession, stock: str) -> None:
    await bars.upsert_daily_bars(session, [bar(i) for i in range(3)], final_through=FIRST)
    actions = {FIRST + timedelta(days=1): 0.2, FIRST + timedelta(days=2): 0.5}
    changed = [await bars.adjust_earlier_bars(session, stock, actions) for _ in range(2)]
    factors = [row["adjust_factor"] for row in await bars.list_bars(session, stock, limit=5)]
    assert (changed, factors) == ([2, 0], [pytest.approx(0.1), pytest.approx(0.5), 1.0])


async def test_case_72_adjusting_leaves_raw_prices_on_the_tick_grid(session: AsyncSession, stock: str) -> None:
    await bars.upsert_daily_bars(session, [bar(0, 24_650), bar(1, 8_220)], final_through=FIRST)
    await bars.adjust_earlier_bars(session, stock, {FIRST + timedelta(days=1): 1 / 3})
    first = (await bars.list_bars(session, stock, limit=2))[0]
    assert first["regular_close_krw"] == 24_650
    assert first["regular_close_krw"] * first["adjust_factor"] == pytest.approx(8_216.67, abs=0.01)  # off the grid


async def test_case_70_the_evening_price_never_replaces_the_regular_close(session: AsyncSession, stock: str) -> None:
    """Naver's daily close becomes the 20:00 one; KIS and data.go.kr may correct what Naver gave."""
    closes = []
    for source, price in (("naver_chart", 1_000), ("naver_chart", 1_050), ("kis", 1_005), ("naver_chart", 1_060)):
        rows = [replace(bar(0, price), source=source)]
        await bars.upsert_daily_bars(session, rows, final_through=FIRST)
        closes.append((await bars.list_bars(session, stock, limit=1))[0]["regular_close_krw"])
    assert closes == [1_000, 1_000, 1_005, 1_005]


async def test_jumps_are_found_between_neighbouring_bars(session: AsyncSession, stock: str) -> None:
    prices = (50_000, 10_000, 10_100, 13_100)
    await bars.upsert_daily_bars(session, [bar(i, price) for i, price in enumerate(prices)], final_through=FIRST)
    jumps = await bars.list_price_jumps(session, [stock], 0.69, 1.31)
    assert [(jump.trade_date, jump.previous_close_krw, jump.open_krw) for jump in jumps] == [
        (FIRST + timedelta(days=1), 50_000, 10_000)
    ]


async def test_partitions_are_made_once_and_hold_their_month(session: AsyncSession) -> None:
    assert [await bars.ensure_partitions(session, {(2031, 12), (2032, 1)}) for _ in range(2)] == [2, 0]
    bounds = "SELECT pg_get_expr(relpartbound, oid) FROM pg_class WHERE relname = 'minute_bars_2031_12'"
    bound = (await session.execute(text(bounds))).scalar_one()
    assert "2031-12-01" in bound
    assert "2032-01-01" in bound


async def test_the_last_trade_of_an_earlier_session_makes_no_minute_bar(session: AsyncSession, stock: str) -> None:
    opens_at = datetime(2026, 10, 2, 0, 0, tzinfo=UTC)
    old = Quote(stock, 1000, 990, 500, opens_at - timedelta(hours=18), "test")
    first = Quote(stock, 1010, 1000, 30, opens_at + timedelta(minutes=1, seconds=5), "test")
    assert await bars.record_quotes(session, [old], session_opens_at=opens_at) == 1
    assert await bars.record_quotes(session, [first], session_opens_at=opens_at) == 2
    rows = (await session.execute(text("SELECT ts, volume FROM minute_bars"))).all()
    assert [tuple(row) for row in rows] == [(opens_at + timedelta(minutes=1), 30)]
