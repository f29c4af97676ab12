"""The market model once a close: beta, sigma and features of each stock, the return of each market.

Computed by the model process from the bars that came or were restated since the last time, and stored with the moment;
a row that changes stays readable as it was (trigger keep_replaced). Whoever forecasts or scores asks here first: a
crash between a bar and its market model costs nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import date, datetime
from typing import Any, Final, TypeVar

from backend import clock
from backend.db.recording import take_reading_moment, take_recording_moment
from backend.domain.knowledge import Knowledge
from backend.domain.stock_days import FEATURE_SET, StockDay
from backend.pipelines.context import RunContext
from backend.services.forecasts import forecasting
from backend.services.market import stock_days

# Prices of one call to the model process: stocks times sessions.
CELLS: Final = 100_000
_ROWS_A_WRITE: Final = 10_000  # readers wait for the moment of a write
_ALL: Final = 1_000_000  # sessions, more than there are
T = TypeVar("T")


async def update(context: RunContext) -> int:
    """Compute what is missing or outdated; returns how many stock days are new or different."""
    async with context.read() as session:
        if (await stock_days.find_changes(session)).first is None:
            return 0
    async with context.write() as session:
        read_by = await take_reading_moment(session)
    async with context.read() as session:
        changes = await stock_days.find_changes(session)
        stocks = dict(await stock_days.list_stocks(session))
    written = 0
    if stocks and changes.first is not None:
        moved = await _update_markets(context, changes.first, len(stocks))
        since = {code: _first(changes.stocks.get(code), moved) for code in stocks}
        due = {code: first for code, first in since.items() if first is not None}
        written = await _update_stocks(context, due)
    async with context.write() as session:
        await stock_days.record_state(session, read_by)
    return written


async def take_moment(context: RunContext) -> datetime:
    """A moment of reading at which the market model rests on every bar stored by then."""
    while True:
        await update(context)
        async with context.write() as session:
            moment = await take_reading_moment(session)
            if (await stock_days.find_changes(session, until=moment)).first is None:
                return moment


def _first(*days: date | None) -> date | None:
    return min((day for day in days if day is not None), default=None)


async def _read_bars(
    context: RunContext,
    knowledge: Knowledge,
    *,
    through: date,
    sessions: int = _ALL,
    codes: Sequence[str] | None = None,
) -> dict[str, Any]:
    """The one reading of bars that the market model is made of."""
    async with context.read() as session:
        return await forecasting.load_panel(
            session, knowledge=knowledge, through=through, sessions=sessions, codes=codes
        )


async def _list_sessions(context: RunContext) -> list[date]:
    now = clock.now()
    async with context.read() as session:
        return await forecasting.list_bar_sessions(
            session, Knowledge.newest(now), through=context.calendar.last_closed(now).trade_date
        )


async def _update_markets(context: RunContext, first: date, stocks: int) -> date | None:
    """Market days from `first` on; returns the first session of which one is new or different."""
    sessions = [day for day in await _list_sessions(context) if day >= first]
    closes = _close_moments(context, sessions)
    moved: date | None = None
    for chunk in _chunks(sessions, max(1, CELLS // stocks)):
        # One session more, for the close before.
        panel = await _read_bars(context, Knowledge.newest(clock.now()), through=chunk[-1], sessions=len(chunk) + 1)
        computed = await context.models.call("market_days", {"panel": panel})
        rows = [row for row in _market_rows(panel["dates"], computed, closes) if row["trade_date"] in set(chunk)]
        async with context.write() as session:
            recorded_at = await take_recording_moment(session)
            stamped = [row | {"recorded_at": recorded_at} for row in rows]
            moved = _first(moved, await stock_days.record_market_days(session, stamped))
    return moved


def _market_rows(
    dates: Sequence[str], computed: Mapping[str, Any], closes: Mapping[date, datetime]
) -> Iterator[dict[str, Any]]:
    for market, returns in computed["returns"].items():
        columns = zip(dates, returns, computed["open_to_close"], computed["n_stocks"], strict=True)
        for text, market_return, open_to_close, n_stocks in columns:
            day = date.fromisoformat(text)
            yield {
                "market": market,
                "trade_date": day,
                "market_return": market_return,
                "open_to_close": open_to_close,
                "n_stocks": n_stocks,
                "known_at": closes.get(day),
            }


async def _update_stocks(context: RunContext, since: Mapping[str, date]) -> int:
    """Stock days of each stock from its session in `since` on; returns the rows that are new or different."""
    sessions = await _list_sessions(context)
    if not sessions:
        return 0
    closes = _close_moments(context, sessions)
    async with context.read() as session:
        knowledge = Knowledge.newest(clock.now())
        market_returns = await stock_days.list_market_returns(session, knowledge, since=sessions[0])
    written = done = 0
    for codes in _chunks(sorted(since), max(1, CELLS // len(sessions))):
        asked = {code: since[code] for code in codes}
        computed = await _compute(context, knowledge, asked, sessions[-1], market_returns)
        rows = [row for code, columns in computed.items() for row in _stock_rows(code, columns, closes)]
        for part in _chunks(rows, _ROWS_A_WRITE):
            async with context.write() as session:
                recorded_at = await take_recording_moment(session)
                stamped = [row | {"recorded_at": recorded_at} for row in part]
                written += await stock_days.record_stock_days(session, stamped)
        done += len(codes)
        context.report(context.status.progress, f"market model of {done} of {len(since)} stocks")
    return written


async def _compute(
    context: RunContext,
    knowledge: Knowledge,
    since: Mapping[str, date],
    through: date,
    market_returns: stock_days.MarketReturns,
) -> dict[str, Any]:
    """Columns by stock, from its session in `since` up to `through`."""
    panel = await _read_bars(context, knowledge, through=through, codes=list(since))
    by_day = {market: dict(zip(*columns, strict=True)) for market, columns in market_returns.items()}
    returns = {
        market: [days.get(date.fromisoformat(day), 0.0) for day in panel["dates"]] for market, days in by_day.items()
    }
    asked = {
        "panel": panel | {"market_returns": returns},
        "since": {code: day.isoformat() for code, day in since.items()},
    }
    computed: dict[str, Any] = await context.models.call("stock_days", asked)
    return computed


async def recompute(context: RunContext, stock_code: str, day: date, knowledge: Knowledge) -> StockDay | None:
    """The market model of one stock at the close of `day`, computed again from bars up to that day alone."""
    async with context.read() as session:
        market_returns = await stock_days.list_market_returns(session, knowledge, since=date.min)
    computed = (await _compute(context, knowledge, {stock_code: day}, day, market_returns)).get(stock_code)
    if computed is None or computed["dates"] != [day.isoformat()]:
        return None
    (row,) = _stock_rows(stock_code, computed, {})
    return StockDay(**{field.name: row[field.name] for field in fields(StockDay)})


def _stock_rows(code: str, columns: Mapping[str, Any], closes: Mapping[date, datetime]) -> Iterator[dict[str, Any]]:
    names = [name for name in columns if name != "dates"]
    for day, *values in zip(columns["dates"], *(columns[name] for name in names), strict=True):
        trade_date = date.fromisoformat(day)
        yield {
            "stock_code": code,
            "trade_date": trade_date,
            **dict(zip(names, values, strict=True)),
            "feature_set": FEATURE_SET,
            "known_at": closes.get(trade_date),
        }


def _close_moments(context: RunContext, sessions: Sequence[date]) -> dict[date, datetime]:
    """The close of each session; without one, where the calendar has none, the database takes the usual hour."""
    if not sessions:
        return {}
    return {day.trade_date: day.closes_at for day in context.calendar.between(sessions[0], sessions[-1])}


def _chunks(values: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(values), size):
        yield values[start : start + size]
