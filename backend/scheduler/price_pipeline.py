"""From price sources to bars, shared by the jobs that read daily prices: fetch, keep what closed, store, adjust."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final

from backend import clock
from backend.crawlers import catalogue, naver_prices
from backend.crawlers.client import SourceClient
from backend.crawlers.corporate_actions import HIGHEST_OPEN, LOWEST_OPEN, infer_ratio
from backend.domain import DailyBar, IndexBar
from backend.errors import SourceError
from backend.krx import Calendar
from backend.scheduler.context import RunContext
from backend.services import bars, sources

SYMBOLS_AT_ONCE: Final = 4
SETTLE: Final = timedelta(minutes=10)  # after the close, until a vendor's daily bar is the last word


@dataclass(slots=True)
class FetchedBars:
    """Bars of sessions that have closed, and what went wrong."""

    daily: list[DailyBar] = field(default_factory=list)
    index: list[IndexBar] = field(default_factory=list)
    skipped: int = 0
    errors: list[SourceError] = field(default_factory=list)


def final_through(calendar: Calendar, moment: datetime) -> date:
    """Newest session whose bar is final at `moment`: closed since 10 minutes (or half the break, in short demos)."""
    closed = calendar.last_closed(moment)
    pause = calendar.next_open(closed.closes_at).opens_at - closed.closes_at
    if moment >= closed.closes_at + min(SETTLE, pause / 2):
        return closed.trade_date
    return calendar.shift(closed.trade_date, -1).trade_date


async def fetch_bars(context: RunContext, windows: Mapping[str, tuple[date, date]]) -> FetchedBars:
    """Daily bars of each symbol (stock or index code) within its two dates. An error costs one symbol only."""
    info = catalogue.get_source_info(context.settings.sources, naver_prices.CHART)
    fetched = FetchedBars()
    slots = asyncio.Semaphore(SYMBOLS_AT_ONCE)
    async with catalogue.open_source(context.settings.sources, info) as client:

        async def one(symbol: str, first: date, last: date) -> None:
            async with slots:
                if not any(error.retry_after_s for error in fetched.errors):
                    await _fetch_symbol(client, fetched, symbol, first, last)

        await asyncio.gather(*(one(symbol, *window) for symbol, window in windows.items()))
    _keep_closed(context.calendar, fetched)
    return fetched


async def _fetch_symbol(client: SourceClient, fetched: FetchedBars, symbol: str, first: date, last: date) -> None:
    try:
        answer = await naver_prices.fetch_daily(client, symbol, first, last)
        if symbol in naver_prices.INDEX_CODES:
            fetched.index += naver_prices.parse_index(answer, symbol)
        else:
            fetched.daily += naver_prices.parse_daily(answer, symbol)
    except SourceError as error:
        fetched.errors.append(error)


def _keep_closed(calendar: Calendar, fetched: FetchedBars) -> None:
    """Drop rows of days without a session and of the session that still runs."""
    dates = _dates(fetched)
    if not dates:
        return
    last_closed = calendar.last_closed(clock.now()).trade_date
    closed = {day.trade_date for day in calendar.between(min(dates), min(max(dates), last_closed))}
    daily = [bar for bar in fetched.daily if bar.trade_date in closed]
    index = [bar for bar in fetched.index if bar.trade_date in closed]
    fetched.skipped = len(dates) - len(daily) - len(index)
    fetched.daily, fetched.index = daily, index


async def store_bars(context: RunContext, fetched: FetchedBars) -> dict[str, int]:
    """Write the bars and the source's health, then adjust what lies before a corporate action."""
    kind = catalogue.PRICES
    async with context.write() as session:
        newest = final_through(context.calendar, clock.now())
        daily = await bars.upsert_daily_bars(session, fetched.daily, final_through=newest)
        index = await bars.upsert_index_bars(session, fetched.index)
        if fetched.errors:
            await sources.record_source_error(session, naver_prices.CHART, kind, fetched.errors[0])
        else:
            items = len(fetched.daily) + len(fetched.index)
            await sources.record_source_ok(
                session, naver_prices.CHART, kind, items=items, newest_item_at=_newest_close(context.calendar, fetched)
            )
    adjusted = await _adjust(context, {bar.stock_code for bar in fetched.daily})
    return {"daily_bars": daily, "index_bars": index, "adjusted": adjusted}


def _dates(fetched: FetchedBars) -> list[date]:
    return [bar.trade_date for bar in fetched.daily] + [bar.trade_date for bar in fetched.index]


def _newest_close(calendar: Calendar, fetched: FetchedBars) -> datetime | None:
    dates = _dates(fetched)
    return calendar.day(max(dates)).closes_at if dates else None


async def _adjust(context: RunContext, stock_codes: set[str]) -> int:
    async with context.read() as session:
        jumps = await bars.list_price_jumps(session, stock_codes, LOWEST_OPEN, HIGHEST_OPEN)
    actions: dict[str, dict[date, float]] = {}
    for jump in jumps:
        ratio = infer_ratio(jump.previous_close_krw, jump.open_krw)
        if ratio is not None:
            actions.setdefault(jump.stock_code, {})[jump.trade_date] = ratio
    if not actions:
        return 0
    async with context.write() as session:
        changed = [await bars.adjust_earlier_bars(session, code, ratios) for code, ratios in actions.items()]
    return sum(changed)
