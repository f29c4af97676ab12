"""Loads the prices of a batch of price windows (backend.domain.price_windows), in a handful of statements."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.domain.market import BREAKS, MISSING_PRICES
from backend.domain.price_windows import (
    MARKET_MINIMUM,
    PATIENCE,
    Bar,
    PriceHistory,
    Timetable,
    TradingSession,
    WindowRequest,
)


def crosses_break(entry_ts: str) -> str:
    """SQL: whether the series changes its units after the entry `entry_ts` (a column) of a window, up to its exit.

    `x` is the bar of the exit, `r` the session of the entry with its `opens_at`. A change in the session of the entry
    counts when the entry is its open. The flags are spelt as in the index ix_daily_bars_breaks.
    """
    return f"""EXISTS (
            SELECT FROM daily_bars k
             WHERE k.stock_code = x.stock_code AND k.flags && '{{{",".join(sorted(BREAKS))}}}'
               AND k.trade_date <= x.trade_date
               AND (k.trade_date > r.trade_date OR (k.trade_date = r.trade_date AND {entry_ts} = r.opens_at)))"""


async def load_price_history(
    session: AsyncSession, timetable: Timetable, requests: Sequence[WindowRequest]
) -> PriceHistory:
    """All prices that `requests` may need; every date they name must be a session of `timetable` or near one."""
    dates = [s.trade_date for s in timetable.sessions]
    last = max(timetable.position(request.exit_trade_date) for request in requests)
    bounds = {
        "first": dates[min(request.base for request in requests)],
        "last": dates[min(last + PATIENCE, len(dates) - 1)],
    }
    codes = sorted({request.stock_code for request in requests})
    bars = await session.execute(_BARS, {**bounds, **_FLAGS, "codes": codes})
    markets = (await session.execute(_SESSIONS, {**bounds, **_FLAGS})).all()
    minute_prices, minute_returns = await _load_minutes(session, timetable, requests)
    return PriceHistory(
        timetable=timetable,
        bars={(row[0], row[1]): Bar(*row[2:]) for row in bars},
        collected=frozenset(row.trade_date for row in markets if row.finals),
        session_returns={row.trade_date: row.mean for row in markets if row.n >= MARKET_MINIMUM},
        minute_prices=minute_prices,
        minute_returns=minute_returns,
    )


async def _load_minutes(
    session: AsyncSession, timetable: Timetable, requests: Iterable[WindowRequest]
) -> tuple[Mapping[tuple[str, datetime], tuple[datetime, int]], Mapping[datetime, float]]:
    """`minute_prices` and `minute_returns` of PriceHistory, for entries that are not an opening."""
    wanted: dict[tuple[str, datetime], TradingSession] = {}
    for request in requests:
        running = timetable.sessions[timetable.base(request.entry_ts)]
        if running.opens_at < request.entry_ts < running.closes_at:
            wanted[request.stock_code, request.entry_ts] = running
    if not wanted:
        return {}, {}
    entries: dict[str, list[Any]] = {
        "codes": [code for code, _ in wanted],
        "moments": [moment for _, moment in wanted],
        "ends": [running.closes_at for running in wanted.values()],
    }
    found = await session.execute(_MINUTE_PRICES, entries)
    prices = {(row.stock_code, row.entry_ts): (row.ts, row.close_krw) for row in found}
    days: dict[datetime, date] = {moment: running.trade_date for (_, moment), running in wanted.items()}
    moments = {"moments": list(days), "dates": list(days.values()), "missing": _FLAGS["missing"]}
    means = await session.execute(_MINUTE_RETURNS, moments)
    return prices, {row.entry_ts: row.mean for row in means if row.n >= MARKET_MINIMUM}


_FLAGS: Final = {"missing": sorted(MISSING_PRICES), "breaks": sorted(BREAKS)}
_BARS = text(
    """
    SELECT stock_code, trade_date, open_krw, regular_close_krw, adjust_factor, is_final,
           NOT flags && CAST(:missing AS text[]), flags && CAST(:breaks AS text[])
    FROM daily_bars
    WHERE stock_code = ANY (CAST(:codes AS text[])) AND trade_date BETWEEN :first AND :last
    """
)
_SESSIONS = text(
    """
    SELECT trade_date, avg(regular_close_krw / open_krw - 1) FILTER (WHERE good) AS mean,
           count(*) FILTER (WHERE good) AS n, count(*) FILTER (WHERE is_final) AS finals
    FROM (SELECT *, NOT flags && CAST(:missing AS text[]) AS good FROM daily_bars
           WHERE trade_date BETWEEN :first AND :last) b
    GROUP BY trade_date
    """
)
_MINUTE_PRICES = text(
    """
    SELECT e.stock_code, e.entry_ts, m.ts, m.close_krw
    FROM unnest(CAST(:codes AS text[]), CAST(:moments AS timestamptz[]), CAST(:ends AS timestamptz[]))
         AS e (stock_code, entry_ts, ends_at)
    CROSS JOIN LATERAL (
        SELECT ts, close_krw FROM minute_bars
        WHERE stock_code = e.stock_code AND ts >= e.entry_ts AND ts < e.ends_at ORDER BY ts LIMIT 1
    ) m
    """
)
_MINUTE_RETURNS = text(
    """
    SELECT e.entry_ts, avg(d.regular_close_krw / m.close_krw - 1) AS mean, count(*) AS n
    FROM unnest(CAST(:moments AS timestamptz[]), CAST(:dates AS date[])) AS e (entry_ts, trade_date)
    JOIN daily_bars d ON d.trade_date = e.trade_date AND NOT d.flags && CAST(:missing AS text[])
    CROSS JOIN LATERAL (
        SELECT close_krw FROM minute_bars
        WHERE stock_code = d.stock_code AND ts >= e.entry_ts AND ts < e.entry_ts + interval '10 minutes'
        ORDER BY ts LIMIT 1
    ) m
    GROUP BY e.entry_ts
    """
)
