"""What a stock did between an entry and an exit: the prices behind every impact and every outcome.

Entry is the first regular price after something was known (the open of a session, or inside one the close of the
first minute bar), exit the regular close h sessions later (prediction.md 3.1). Sessions are handed in, because
services know no exchange calendar. No setting; a change here needs a new `domain.record.ENGINE_VERSION`.
"""

import bisect
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

# Sessions a missing price is waited for: a halt at the exit, a bar that never came at the entry.
PATIENCE = 5
# Equal-weight returns of fewer stocks than this are not a market.
MARKET_MINIMUM = 10


class TradingSession(Protocol):
    """Structure of backend.krx.TradingDay."""

    @property
    def trade_date(self) -> date: ...
    @property
    def opens_at(self) -> datetime: ...
    @property
    def closes_at(self) -> datetime: ...


class Timetable:
    """Consecutive sessions, past and the next few, and the moment up to which they count as closed."""

    def __init__(self, sessions: Sequence[TradingSession], now: datetime) -> None:
        self.sessions = list(sessions)
        self.now = now
        self._opens = [session.opens_at for session in self.sessions]
        self._dates = [session.trade_date for session in self.sessions]

    def base(self, moment: datetime) -> int:
        """Position of the session running at `moment`, else of the last one closed. Raises IndexError before all."""
        position = bisect.bisect_right(self._opens, moment) - 1
        if position < 0:
            raise IndexError(f"No session at or before {moment.isoformat()}; hand in earlier sessions.")
        return position

    def position(self, trade_date: date) -> int:
        """Position of that session, or of the next one if the exchange closed on that day after all."""
        return bisect.bisect_left(self._dates, trade_date)

    def is_closed(self, position: int) -> bool:
        return position < len(self.sessions) and self.sessions[position].closes_at <= self.now

    def closed_through(self) -> date | None:
        """Newest closed trade date."""
        return max((s.trade_date for s in self.sessions if s.closes_at <= self.now), default=None)


@dataclass(frozen=True, slots=True)
class Bar:
    open_krw: int
    close_krw: int
    adjust_factor: float
    is_final: bool


@dataclass(frozen=True, slots=True)
class WindowRequest:
    """`base` is the position of the session in which (or after which) the news or prediction was known."""

    stock_code: str
    base: int
    entry_ts: datetime
    exit_trade_date: date


@dataclass(frozen=True, slots=True)
class PriceWindow:
    """Prices of one window. `adjust_ratio` and `base_ratio`: exit's factor over that of the entry and of the base.

    `first_leg` is the market's return from the entry to the close of the entry session, None if it is not known.
    """

    entry_position: int
    exit_position: int
    entry_ts: datetime
    entry_price_krw: int | None = None
    exit_price_krw: int | None = None
    adjust_ratio: float = 1.0
    base_ratio: float = 1.0
    first_leg: float | None = None
    void_reason: str | None = None

    @property
    def raw_return(self) -> float:
        """Fraction gained from entry to exit, splits inside the window taken out; only of a window with both prices."""
        assert self.entry_price_krw is not None
        assert self.exit_price_krw is not None
        return self.exit_price_krw * self.adjust_ratio / self.entry_price_krw - 1


@dataclass
class Tape:
    """Prices loaded for a batch of windows."""

    timetable: Timetable
    bars: Mapping[tuple[str, date], Bar]
    collected: frozenset[date]
    session_returns: Mapping[date, float]
    minute_prices: Mapping[tuple[str, datetime], tuple[datetime, int]] = field(default_factory=dict)
    minute_returns: Mapping[datetime, float] = field(default_factory=dict)

    def _bar(self, stock_code: str, position: int) -> Bar | None:
        return self.bars.get((stock_code, self.timetable.sessions[position].trade_date))

    def _exit(self, request: WindowRequest) -> tuple[int, Bar | None] | None:
        """The exit session and its bar, the bar None when the halt outlasted our patience; None: not due yet.

        A session without any final bar was not collected yet, which is no halt.
        """
        planned = self.timetable.position(request.exit_trade_date)
        for position in range(planned, planned + PATIENCE + 1):
            if not self.timetable.is_closed(position):
                return None
            bar = self._bar(request.stock_code, position)
            if bar is not None:
                return (position, bar) if bar.is_final else None
            if self.timetable.sessions[position].trade_date not in self.collected:
                return None
        return planned, None

    def _entry(self, request: WindowRequest, position: int) -> tuple[datetime, int, float | None] | None:
        """Moment and price of the entry, and the market's return over the rest of its session."""
        session = self.timetable.sessions[position]
        if request.entry_ts == session.opens_at:
            bar = self._bar(request.stock_code, position)
            market = self.session_returns.get(session.trade_date)
            return (request.entry_ts, bar.open_krw, market) if bar else None
        found = self.minute_prices.get((request.stock_code, request.entry_ts))
        return (*found, self.minute_returns.get(request.entry_ts, 0.0)) if found else None

    def measure(self, request: WindowRequest) -> PriceWindow | None:
        """The window, perhaps void ('no_price' or 'halt'); None while it is not due."""
        start = self.timetable.base(request.entry_ts)
        ending = self._exit(request)
        if ending is None:
            return None
        end, last = ending
        entry = self._entry(request, start)
        if entry is None:
            waited = self.timetable.is_closed(start + PATIENCE)
            price = last.close_krw if last else None
            void = PriceWindow(start, end, request.entry_ts, exit_price_krw=price, void_reason="no_price")
            return void if waited else None
        if last is None:
            return PriceWindow(start, end, entry[0], entry[1], void_reason="halt")
        base = self._bar(request.stock_code, request.base)
        first = self._bar(request.stock_code, start) or last
        return PriceWindow(
            entry_position=start,
            exit_position=end,
            entry_ts=entry[0],
            entry_price_krw=entry[1],
            exit_price_krw=last.close_krw,
            adjust_ratio=last.adjust_factor / first.adjust_factor,
            base_ratio=last.adjust_factor / (base or first).adjust_factor,
            first_leg=entry[2],
        )


async def load_tape(session: AsyncSession, timetable: Timetable, requests: Sequence[WindowRequest]) -> Tape:
    """All prices that `requests` may need, in a handful of statements."""
    dates = [s.trade_date for s in timetable.sessions]
    last = max(timetable.position(request.exit_trade_date) for request in requests)
    bounds = {
        "first": dates[min(request.base for request in requests)],
        "last": dates[min(last + PATIENCE, len(dates) - 1)],
    }
    codes = sorted({request.stock_code for request in requests})
    bars = await session.execute(_BARS, {**bounds, "codes": codes})
    markets = (await session.execute(_SESSIONS, bounds)).all()
    tape = Tape(
        timetable=timetable,
        bars={(row[0], row[1]): Bar(*row[2:]) for row in bars},
        collected=frozenset(row.trade_date for row in markets if row.finals),
        session_returns={row.trade_date: row.mean for row in markets if row.n >= MARKET_MINIMUM},
    )
    await _load_minutes(session, tape, requests)
    return tape


async def _load_minutes(session: AsyncSession, tape: Tape, requests: Iterable[WindowRequest]) -> None:
    """Prices inside sessions, for entries that are not an opening."""
    wanted: dict[tuple[str, datetime], TradingSession] = {}
    for request in requests:
        running = tape.timetable.sessions[tape.timetable.base(request.entry_ts)]
        if running.opens_at < request.entry_ts < running.closes_at:
            wanted[request.stock_code, request.entry_ts] = running
    if not wanted:
        return
    entries: dict[str, list[Any]] = {
        "codes": [code for code, _ in wanted],
        "moments": [moment for _, moment in wanted],
        "ends": [running.closes_at for running in wanted.values()],
    }
    found = await session.execute(_MINUTE_PRICES, entries)
    tape.minute_prices = {(row.stock_code, row.entry_ts): (row.ts, row.close_krw) for row in found}
    days = {moment: running.trade_date for (_, moment), running in wanted.items()}
    means = await session.execute(_MINUTE_RETURNS, {"moments": list(days), "dates": list(days.values())})
    tape.minute_returns = {row.entry_ts: row.mean for row in means if row.n >= MARKET_MINIMUM}


async def market_model_payload(session: AsyncSession, codes: Sequence[str]) -> dict[str, Any]:
    """Columns for the operation "market_model": every session of the history of `codes`, oldest first.

    The whole history, so that beta and sigma of a day do not depend on what else is due.
    """
    bound = {"codes": list(codes)}
    grid = (await session.execute(_GRID, bound)).scalars().all()
    stocks = await session.execute(_ADJUSTED_CLOSES, bound)
    indices = await session.execute(_INDEX_CLOSES, bound)
    return {
        "trade_dates": [day.isoformat() for day in grid],
        "stocks": {row.code: {"market": row.market, "adjusted_closes": row.closes} for row in stocks},
        "markets": {row.index_code: row.closes for row in indices},
    }


_BARS = text(
    """
    SELECT stock_code, trade_date, open_krw, regular_close_krw, adjust_factor, is_final FROM daily_bars
    WHERE stock_code = ANY (CAST(:codes AS text[])) AND trade_date BETWEEN :first AND :last
    """
)
_SESSIONS = text(
    """
    SELECT trade_date, avg(regular_close_krw::float8 / open_krw - 1) AS mean, count(*) AS n,
           count(*) FILTER (WHERE is_final) AS finals
    FROM daily_bars WHERE trade_date BETWEEN :first AND :last GROUP BY trade_date
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
    SELECT e.entry_ts, avg(d.regular_close_krw::float8 / m.close_krw - 1) AS mean, count(*) AS n
    FROM unnest(CAST(:moments AS timestamptz[]), CAST(:dates AS date[])) AS e (entry_ts, trade_date)
    JOIN daily_bars d ON d.trade_date = e.trade_date
    CROSS JOIN LATERAL (
        SELECT close_krw FROM minute_bars
        WHERE stock_code = d.stock_code AND ts >= e.entry_ts AND ts < e.entry_ts + interval '10 minutes'
        ORDER BY ts LIMIT 1
    ) m
    GROUP BY e.entry_ts
    """
)
_GRID = text(
    """
    SELECT trade_date FROM daily_bars WHERE stock_code = ANY (CAST(:codes AS text[]))
    UNION SELECT trade_date FROM index_bars ORDER BY trade_date
    """
)
_ADJUSTED_CLOSES = text(
    """
    WITH grid AS (
        SELECT trade_date FROM daily_bars WHERE stock_code = ANY (CAST(:codes AS text[]))
        UNION SELECT trade_date FROM index_bars
    )
    SELECT s.code, s.market, array_agg(b.regular_close_krw * b.adjust_factor ORDER BY g.trade_date) AS closes
    FROM stocks s CROSS JOIN grid g
    LEFT JOIN daily_bars b ON b.stock_code = s.code AND b.trade_date = g.trade_date
    WHERE s.code = ANY (CAST(:codes AS text[])) GROUP BY s.code
    """
)
_INDEX_CLOSES = text(
    """
    WITH grid AS (
        SELECT trade_date FROM daily_bars WHERE stock_code = ANY (CAST(:codes AS text[]))
        UNION SELECT trade_date FROM index_bars
    )
    SELECT i.index_code, array_agg(b.close ORDER BY g.trade_date) AS closes
    FROM (SELECT DISTINCT index_code FROM index_bars) i CROSS JOIN grid g
    LEFT JOIN index_bars b ON b.index_code = i.index_code AND b.trade_date = g.trade_date
    GROUP BY i.index_code
    """
)
