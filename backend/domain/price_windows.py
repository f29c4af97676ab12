"""Price windows: what a stock did between an entry and an exit, behind every impact and every outcome.

Entry is the first regular price after something was known: the open of a session, or inside one the close of the first
minute bar. Exit is the regular close h sessions later (docs/methods.md 1.1). Pure functions of prices that
backend.services.market.price_windows loads. No setting; a change here needs a new `domain.record.ENGINE_VERSION`.
"""

import bisect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final, Protocol

# Sessions to wait for a missing price: a halt at the exit, a bar that never came at the entry.
PATIENCE: Final = 5
# Equal-weight returns of fewer stocks than this are not a market.
MARKET_MINIMUM: Final = 10


class TradingSession(Protocol):
    """The part of backend.krx.TradingDay that is used here; this layer lies below the calendar."""

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
        self._bases: dict[datetime, int] = {}  # of moments asked before: the same for all stocks, models and horizons

    def base(self, moment: datetime) -> int:
        """Position of the session running at `moment`, else of the last one closed. Raises IndexError before all."""
        if (known := self._bases.get(moment)) is not None:
            return known
        position = bisect.bisect_right(self._opens, moment) - 1
        if position < 0:
            raise IndexError(f"No session at or before {moment.isoformat()}; hand in earlier sessions.")
        self._bases[moment] = position
        return position

    def position(self, trade_date: date) -> int:
        """Position of that session, or of the next one if the exchange closed on that day after all."""
        return bisect.bisect_left(self._dates, trade_date)

    def is_closed(self, position: int) -> bool:
        """Whether that session was over at `now`; False for one that was not handed in."""
        return position < len(self.sessions) and self.sessions[position].closes_at <= self.now

    def closed_through(self) -> date | None:
        """Newest closed trade date."""
        return max((s.trade_date for s in self.sessions if s.closes_at <= self.now), default=None)


@dataclass(frozen=True, slots=True)
class Bar:
    """Daily bar of the regular session, prices as they were paid; `adjust_factor` brings them to today's shares.

    `is_usable`: the stock traded and the bar does not lie. `is_break`: the prices before it are in another unit, and
    nobody told by which factor.
    """

    open_krw: float | None
    close_krw: float
    adjust_factor: float
    is_final: bool
    is_usable: bool = True
    is_break: bool = False


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
    entry_price_krw: float | None = None
    exit_price_krw: float | None = None
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


@dataclass(frozen=True)
class PriceHistory:
    """Prices for a batch of windows, all of sessions of `timetable`.

    `bars`: by stock code and trade date. `collected`: trade dates of which the final bars have been collected.
    `session_returns`: mean return of the market from open to close, by trade date; missing where too few stocks
    traded. `minute_prices`: (start of the minute bar, its close) for each entry (stock code, moment) inside a session.
    `minute_returns`: mean return of the market from such a moment to the close, by moment.
    """

    timetable: Timetable
    bars: Mapping[tuple[str, date], Bar]
    collected: frozenset[date]
    session_returns: Mapping[date, float]
    minute_prices: Mapping[tuple[str, datetime], tuple[datetime, int]] = field(default_factory=dict)
    minute_returns: Mapping[datetime, float] = field(default_factory=dict)

    def _stored(self, stock_code: str, position: int) -> Bar | None:
        return self.bars.get((stock_code, self.timetable.sessions[position].trade_date))

    def _bar(self, stock_code: str, position: int) -> Bar | None:
        """The bar of a session in which the stock traded, as far as its prices can be believed."""
        bar = self._stored(stock_code, position)
        return bar if bar is not None and bar.is_usable else None

    def _crosses_break(self, request: WindowRequest, end: int) -> bool:
        """Whether a corporate action without a factor, or an impossible move, lies between the base and the exit."""
        between = (self._stored(request.stock_code, position) for position in range(request.base + 1, end + 1))
        return any(bar is not None and bar.is_break for bar in between)

    def _exit(self, request: WindowRequest) -> tuple[int, Bar | None] | None:
        """The exit session and its bar, the bar None when the halt outlasted PATIENCE; None: not due yet.

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

    def _entry(self, request: WindowRequest, position: int) -> tuple[datetime, float, float | None] | None:
        """Moment and price of the entry, and the market's return over the rest of its session."""
        session = self.timetable.sessions[position]
        if request.entry_ts == session.opens_at:
            bar = self._bar(request.stock_code, position)
            market = self.session_returns.get(session.trade_date)
            return (request.entry_ts, bar.open_krw, market) if bar and bar.open_krw is not None else None
        found = self.minute_prices.get((request.stock_code, request.entry_ts))
        return (*found, self.minute_returns.get(request.entry_ts, 0.0)) if found else None

    def measure(self, request: WindowRequest) -> PriceWindow | None:
        """The window, perhaps void ('unknown_action', 'no_price' or 'halt'); None while it is not due."""
        start = self.timetable.base(request.entry_ts)
        ending = self._exit(request)
        if ending is None:
            return None
        end, last = ending
        entry = self._entry(request, start)
        if self._crosses_break(request, end):
            return PriceWindow(start, end, request.entry_ts, void_reason="unknown_action")
        if entry is None:
            waited = self.timetable.is_closed(start + PATIENCE)
            price = last.close_krw if last else None
            void = PriceWindow(start, end, request.entry_ts, exit_price_krw=price, void_reason="no_price")
            return void if waited else None
        if last is None:
            return PriceWindow(start, end, entry[0], entry[1], void_reason="halt")
        base = self._stored(request.stock_code, request.base)
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
