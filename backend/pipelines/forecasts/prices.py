"""The market model at some moments, and where each stock stood among all of its day then."""

import asyncio
import bisect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from backend.domain.knowledge import Knowledge
from backend.domain.moves.cross_section import CrossSection, rank_day
from backend.domain.moves.sizes import day_sizes
from backend.domain.stock_days import StockDay
from backend.pipelines.context import RunContext
from backend.pipelines.forecasts.moments import AsOf
from backend.pipelines.market import market_model
from backend.services.market import stock_days

Days = Mapping[tuple[str, date], StockDay]


@dataclass(frozen=True, slots=True)
class Prices:
    """The market model of all stocks at the sessions that some moments need; `sessions`: all up to the last of them.

    `sections`: by session the cross-section of all its stocks, forecast or not; `sizes`: what they tell of the size
    of moves (backend.domain.moves.sizes).
    """

    sessions: Sequence[date]
    days: Days
    sections: Mapping[date, CrossSection] = field(default_factory=dict)
    sizes: Mapping[date, Mapping[str, float]] = field(default_factory=dict)

    def newest(self, closed: date) -> date | None:
        """The newest session with prices that is not after `closed`; None if there is none."""
        position = bisect.bisect_right(self.sessions, closed)
        return self.sessions[position - 1] if position else None

    def section(self, closed: date) -> CrossSection:
        """The cross-section of the newest session that is not after `closed`, empty without one."""
        day = self.newest(closed)
        return {} if day is None else self.sections.get(day, {})


async def read_prices(context: RunContext, moments: Sequence[AsOf]) -> Prices:
    """The market model at the last closed session of each of `moments`, as it was known and stored by then."""
    sessions, days = await _read(context, moments)
    return await _among(Prices(sessions, days), days)


async def recompute_prices(context: RunContext, moment: AsOf, code: str) -> Prices:
    """The same, the row of one stock computed again from the bars up to that session alone: for the audit.

    The rows of the others are those that were stored by then, because the forecast was made among them.
    """
    sessions, days = await _read(context, [moment])
    prices = Prices(sessions, {})
    day = prices.newest(moment.closed)
    row = None if day is None else await market_model.recompute(context, code, day, moment.knowledge)
    if row is None:
        return prices
    own = {(code, row.trade_date): row}
    return await _among(Prices(sessions, own), {**days, **own})


async def _read(context: RunContext, moments: Sequence[AsOf]) -> tuple[list[date], Days]:
    last = Knowledge(max(m.asof for m in moments), max(m.recorded_by for m in moments))
    async with context.read() as session:
        through = max(moment.closed for moment in moments)
        sessions = await stock_days.list_sessions(session, last, through=through)
        known = Prices(sessions, {})
        wanted = {known.newest(moment.closed) for moment in moments}
        return sessions, await stock_days.list_stock_days(
            session, last, sorted(day for day in wanted if day is not None)
        )


async def _among(prices: Prices, days: Days) -> Prices:
    """The same with what all stocks of each session in `days` tell together."""
    by_day: dict[date, list[StockDay]] = {}
    for row in days.values():
        by_day.setdefault(row.trade_date, []).append(row)
    sections: dict[date, CrossSection] = {}
    for day, rows in by_day.items():
        sections[day] = rank_day(rows)
        await asyncio.sleep(0)  # a year of the whole exchange takes seconds
    return replace(prices, sections=sections, sizes={day: day_sizes(rows) for day, rows in by_day.items()})
