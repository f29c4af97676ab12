"""The price part of a report: newest price, returns beside the market's, and how unusual the volume is.

The market is the mean of the watched stocks over the same window, because the index is known at the close
only and a report is written at any time. Stocks whose newest price is of another session are another window.
"""

import math
import statistics
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.domain.market import MISSING_PRICES
from backend.domain.price_windows import MARKET_MINIMUM
from backend.reports.fact_sheet import PriceFacts

HISTORY: Final = 61  # sessions
WEEK: Final = 5  # sessions
VOLUME_MINIMUM: Final = 20  # sessions before the newest one
# A stock without a bar for so long is halted or delisted: what its last ones did is no news.
RECENT: Final = timedelta(days=10)

_BARS = text("""
    SELECT s.code, q.last_price_krw, q.ts, q.source AS quote_source, found.*
    FROM stocks s
    LEFT JOIN quotes q ON q.stock_code = s.code AND q.ts <= :asof
    CROSS JOIN LATERAL (
        SELECT array_agg(trade_date ORDER BY trade_date) AS days,
               array_agg(round(regular_close_krw)::int ORDER BY trade_date) AS raw,
               array_agg(regular_close_krw * adjust_factor ORDER BY trade_date) AS closes,
               array_agg(volume ORDER BY trade_date) AS volumes,
               array_agg(CASE WHEN NOT flags && '{volume_break}' THEN volume / adjust_factor END ORDER BY trade_date)
                   AS adjusted_volumes,
               array_agg(source ORDER BY trade_date) AS sources
        FROM (
            SELECT * FROM daily_bars WHERE stock_code = s.code AND trade_date <= :trade_date
               AND NOT flags && CAST(:missing AS text[])
               AND trade_date >= (SELECT coalesce(max(k.trade_date), '-infinity') FROM daily_bars k
                                   WHERE k.stock_code = s.code AND k.trade_date <= :trade_date
                                     AND k.flags && '{beyond_limit,other_basis,unknown_action}')
            ORDER BY trade_date DESC LIMIT :history
        ) newest
    ) found
    WHERE s.is_active
""")


async def list_price_facts(
    session: AsyncSession, codes: Sequence[str], *, asof: datetime, trade_date: date, sigmas: Mapping[str, float]
) -> dict[str, PriceFacts]:
    """Price facts by stock code, of the session `trade_date`; stocks without any price are left out.

    `sigmas`: daily volatility by code, as a fraction.
    """
    bound = {"asof": asof, "trade_date": trade_date, "history": HISTORY, "missing": sorted(MISSING_PRICES)}
    rows = (await session.execute(_BARS, bound)).all()
    prices = {row.code: own for row in rows if (own := _own(row, trade_date)) is not None}
    prices = _beside_markets(prices, trade_date)
    return {code: _with_sigma(prices[code], sigmas.get(code)) for code in codes if code in prices}


def _beside_markets(prices: Mapping[str, PriceFacts], trade_date: date) -> dict[str, PriceFacts]:
    """The same, each with the returns of the stocks whose newest price is of the same session."""
    same: defaultdict[date | None, list[PriceFacts]] = defaultdict(list)
    for price in prices.values():
        same[_session_of(price, trade_date)].append(price)
    markets = {
        session: (_mean([price.day_return for price in group]), _mean([price.five_day_return for price in group]))
        for session, group in same.items()
    }
    found = {}
    for code, price in prices.items():
        day, five = markets[_session_of(price, trade_date)]
        found[code] = replace(price, market_day_return=day, market_five_day_return=five)
    return found


def _session_of(price: PriceFacts, trade_date: date) -> date | None:
    """The session of the newest price: a quote is of `trade_date`, else it is that of the last bar."""
    return trade_date if price.at is not None else price.bars_to


def _own(row: Any, trade_date: date) -> PriceFacts | None:
    """What the stock's own prices tell. A quote belongs to `trade_date`; the bars before it are its past."""
    days, closes = row.days or [], row.closes or []
    if row.last_price_krw is not None:
        last, at, source = row.last_price_krw, row.ts, row.quote_source
        past = [close for day, close in zip(days, closes, strict=True) if day < trade_date]
    elif closes:
        last, at, source, past = row.raw[-1], None, row.sources[-1], closes[:-1]
    else:
        return None
    is_old = bool(days) and days[-1] < trade_date - RECENT
    if is_old:
        past = []
    return PriceFacts(
        last_krw=last,
        at=at,
        source=source,
        day_return=_return(last, past, 1),
        five_day_return=_return(last, past, WEEK),
        market_day_return=None,
        market_five_day_return=None,
        sigma_day=None,
        volume=row.volumes[-1] if days and not is_old else None,
        volume_z=None if is_old else _volume_z(row.adjusted_volumes or []),
        bars_from=days[0] if days else None,
        bars_to=days[-1] if days else None,
    )


def _return(last: float, past: Sequence[float], sessions: int) -> float | None:
    return round(last / past[-sessions] - 1, 5) if len(past) >= sessions else None


def _mean(returns: Sequence[float | None]) -> float | None:
    """Equal-weight return of the market; None of fewer stocks than MARKET_MINIMUM."""
    known = [value for value in returns if value is not None]
    return round(statistics.fmean(known), 5) if len(known) >= MARKET_MINIMUM else None


def _volume_z(volumes: Sequence[float | None]) -> float | None:
    """Standard score of the newest volume among those before it, in logarithms; None of a broken one."""
    logs = [math.log1p(volume) for volume in volumes if volume is not None]
    if len(logs) <= VOLUME_MINIMUM or volumes[-1] is None:
        return None
    spread = statistics.stdev(logs[:-1])
    return round((logs[-1] - statistics.fmean(logs[:-1])) / spread, 2) if spread else None


def _with_sigma(price: PriceFacts, sigma: float | None) -> PriceFacts:
    """The same with the stock's daily sigma."""
    return replace(price, sigma_day=None if sigma is None else round(sigma, 5))
