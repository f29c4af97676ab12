"""Daily prices, shared by the jobs that read them: fetch, keep closed sessions, store, check (bar_checks.py).

What the first source does not have (an error, a stock it does not know, a day it is late by) the next one is asked for.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final

from backend import clock
from backend.db.recording import take_recording_moment
from backend.domain.market import BarFlag, DailyBar, IndexBar
from backend.errors import SourceError
from backend.krx import Calendar
from backend.pipelines.context import RunContext
from backend.pipelines.market import bar_checks
from backend.pipelines.sources import catalogue, visits
from backend.pipelines.sources.visits import Admission, Visit
from backend.services.market import bars, corporate_actions
from backend.services.market.corporate_actions import ActionRow

SYMBOLS_AT_ONCE: Final = 4
SETTLE: Final = timedelta(minutes=10)  # after the close, until a vendor's daily bar is the last word
# What `store_bars` counts as written.
WRITTEN: Final = ("daily_bars", "index_bars", "adjusted", "flagged")
Windows = Mapping[str, tuple[date, date]]


@dataclass(slots=True)
class FetchedBars:
    """Closed bars from one source. `skipped`: rows of other days. `failed`: symbols that ended in an error."""

    visit: Visit
    daily: list[DailyBar] = field(default_factory=list)
    index: list[IndexBar] = field(default_factory=list)
    skipped: int = 0
    failed: int = 0

    @property
    def dates(self) -> list[date]:
        return [bar.trade_date for bar in self.daily] + [bar.trade_date for bar in self.index]


def final_through(calendar: Calendar, moment: datetime) -> date:
    """Newest session whose bar is final at `moment`: closed since 10 minutes (or half the break, in short demos)."""
    closed = calendar.last_closed(moment)
    pause = calendar.next_open(closed.closes_at).opens_at - closed.closes_at
    if moment >= closed.closes_at + min(SETTLE, pause / 2):
        return closed.trade_date
    return calendar.shift(closed.trade_date, -1).trade_date


async def admit(context: RunContext) -> list[Admission]:
    """The daily price sources that are on, the most trusted first."""
    return await visits.admit(context, catalogue.list_daily_infos(context.settings.sources))


async def fetch_bars(context: RunContext, admitted: Sequence[Admission], windows: Windows) -> list[FetchedBars]:
    """Daily bars of each symbol (stock or index code) within its dates, by source; closed sources are passed over."""
    fetched: list[FetchedBars] = []
    missing = dict(windows)
    for admission in (one for one in admitted if one.refusal is None):
        if not missing:
            break
        found = await _fetch(context, admission, missing)
        fetched.append(found)
        missing = _still_missing(missing, found)
    return fetched


async def _fetch(context: RunContext, admission: Admission, windows: Windows) -> FetchedBars:
    """All symbols from one source; an error costs one symbol, a pause (Retry-After) all that follow."""
    slots = asyncio.Semaphore(SYMBOLS_AT_ONCE)
    async with visits.visit(context, admission) as visit:
        fetched = FetchedBars(visit)

        async def one(symbol: str, first: date, last: date) -> None:
            async with slots:
                if not any(error.retry_after_s for error in visit.errors):
                    await _fetch_symbol(fetched, symbol, first, last)

        await asyncio.gather(*(one(symbol, *window) for symbol, window in windows.items()))
    _keep_closed(context.calendar, fetched)
    return fetched


async def _fetch_symbol(fetched: FetchedBars, symbol: str, first: date, last: date) -> None:
    read = catalogue.SOURCES[fetched.visit.info.id].daily
    assert read is not None  # only sources of daily bars are admitted
    try:
        for bar in await read(fetched.visit, symbol, first, last):
            if isinstance(bar, IndexBar):
                fetched.index.append(bar)
            else:
                fetched.daily.append(bar)
    except SourceError as error:
        fetched.failed += 1
        fetched.visit.errors.append(error)


def _keep_closed(calendar: Calendar, fetched: FetchedBars) -> None:
    """Drop rows of days without a session and of the session that still runs."""
    dates = fetched.dates
    if not dates:
        return
    last_closed = calendar.last_closed(clock.now()).trade_date
    closed = {day.trade_date for day in calendar.between(min(dates), min(max(dates), last_closed))}
    daily = [bar for bar in fetched.daily if bar.trade_date in closed]
    index = [bar for bar in fetched.index if bar.trade_date in closed]
    fetched.skipped = len(dates) - len(daily) - len(index)
    fetched.daily, fetched.index = daily, index


def _still_missing(windows: Windows, fetched: FetchedBars) -> dict[str, tuple[date, date]]:
    """What is left to ask the next source for: everything after the newest bar that came."""
    newest: dict[str, date] = {}
    for symbol, day in _newest_first(fetched):
        newest.setdefault(symbol, day)
    left = {}
    for symbol, (first, last) in windows.items():
        begin = newest[symbol] + timedelta(days=1) if symbol in newest else first
        if begin <= last:
            left[symbol] = (begin, last)
    return left


def _newest_first(fetched: FetchedBars) -> list[tuple[str, date]]:
    pairs = [(bar.stock_code, bar.trade_date) for bar in fetched.daily]
    pairs += [(bar.index_code, bar.trade_date) for bar in fetched.index]
    return sorted(pairs, key=lambda pair: pair[1], reverse=True)


async def store_bars(context: RunContext, fetched: Sequence[FetchedBars], *, hindsight: bool = False) -> dict[str, int]:
    """Write the bars and each source's health, then look at what they tell together (bar_checks.py)."""
    written = {"daily_bars": 0, "index_bars": 0}
    for found in fetched:
        async with context.write() as session:
            recorded_at = await take_recording_moment(session)
            closes = _closes(context.calendar, found, recorded_at)
            written["daily_bars"] += await bars.upsert_daily_bars(
                session,
                found.daily,
                closes=closes,
                final_through=final_through(context.calendar, recorded_at),
                recorded_at=recorded_at,
                hindsight=hindsight,
            )
            written["index_bars"] += await bars.upsert_index_bars(
                session, found.index, closes=closes, recorded_at=recorded_at, hindsight=hindsight
            )
            await corporate_actions.upsert_actions(session, _untold(found, closes), recorded_at=recorded_at)
            newest_close = _newest_close(context.calendar, found)
            await found.visit.record(session, items=len(found.dates), newest_item_at=newest_close)
    codes = {bar.stock_code for found in fetched for bar in found.daily}
    if not codes:
        return written | bar_checks.Checked().detail
    first = min(bar.trade_date for found in fetched for bar in found.daily)
    return written | (await bar_checks.check_bars(context, codes, first)).detail


def _untold(fetched: FetchedBars, closes: Mapping[date, datetime]) -> list[ActionRow]:
    """The actions that a source names without their factor."""
    bars_of_actions = [bar for bar in fetched.daily if BarFlag.UNKNOWN_ACTION in bar.flags]
    return [
        ActionRow(bar.stock_code, bar.trade_date, bar.source, None, closes[bar.trade_date]) for bar in bars_of_actions
    ]


def _closes(calendar: Calendar, fetched: FetchedBars, moment: datetime) -> dict[date, datetime]:
    """When the sessions from the first fetched one to the last closed one closed."""
    if not fetched.dates:
        return {}
    days = calendar.between(min(fetched.dates), calendar.last_closed(moment).trade_date)
    return {day.trade_date: day.closes_at for day in days}


def _newest_close(calendar: Calendar, fetched: FetchedBars) -> datetime | None:
    return calendar.day(max(fetched.dates)).closes_at if fetched.dates else None
