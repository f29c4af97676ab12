"""Trading calendar (sessions and their hours), tick sizes and price limits of the exchange.

`KrxCalendar` is the Korea Exchange (holidays from the `holidays` package, late openings from our own table, ad-hoc
closures and hours from the database by `follow`). `DemoCalendar` follows the KRX up to the moment the demo began and
from then on has one short session after another, so that a demo has a session at any hour. A session is named by its
`trade_date`, unique and increasing in both. Settings: AZAK_CALENDAR_*.
"""

import bisect
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Protocol

import holidays

from backend.clock import KST
from backend.domain.market import SpecialDay

OPEN, CLOSE = time(9, 0), time(15, 30)
# The first session of a year opens at 10:00. On the day of the university entrance exam all hours move by one.
CSAT_DAYS = frozenset({date(2024, 11, 14), date(2025, 11, 13), date(2026, 11, 19)})


@dataclass(frozen=True, slots=True, order=True)
class TradingDay:
    """One session: its name and its regular hours (aware datetimes)."""

    trade_date: date
    opens_at: datetime
    closes_at: datetime


class Calendar(Protocol):
    """A trading calendar. Moments are aware datetimes, dates name sessions."""

    def at(self, moment: datetime) -> TradingDay | None:
        """The session running at `moment`, or None while the market is closed."""

    def last_opened(self, moment: datetime) -> TradingDay:
        """The newest session that opened at or before `moment`."""

    def last_closed(self, moment: datetime) -> TradingDay:
        """The newest session that closed at or before `moment`."""

    def next_open(self, moment: datetime) -> TradingDay:
        """The first session that opens after `moment`."""

    def shift(self, trade_date: date, sessions: int) -> TradingDay:
        """The session `sessions` after (or before, if negative) the one named `trade_date`."""

    def day(self, trade_date: date) -> TradingDay:
        """The session named `trade_date`; KeyError if that day is closed."""

    def between(self, first: date, last: date) -> list[TradingDay]:
        """All sessions named within the two dates, both included."""


@lru_cache(maxsize=64)
def _krx_year(year: int) -> tuple[TradingDay, ...]:
    closed = holidays.financial_holidays("XKRX", years=year)
    sessions: list[TradingDay] = []
    day = date(year, 1, 1)
    while day.year == year:
        if day.weekday() < 5 and day not in closed:
            late = not sessions or day in CSAT_DAYS
            opens = time(10, 0) if late else OPEN
            closes = time(16, 30) if day in CSAT_DAYS else CLOSE
            sessions.append(
                TradingDay(day, datetime.combine(day, opens, KST), datetime.combine(day, closes, KST)),
            )
        day += timedelta(days=1)
    return tuple(sessions)


class KrxCalendar:
    """The Korea Exchange's regular sessions."""

    def __init__(self) -> None:
        self._special: dict[date, SpecialDay] = {}
        self._years: dict[int, tuple[TradingDay, ...]] = {}

    def follow(self, days: Sequence[SpecialDay]) -> bool:
        """Replace the special days by those of the database; returns whether that changed anything."""
        special = {day.trade_date: day for day in days}
        changed = special != self._special
        if changed:
            self._special, self._years = special, {}
        return changed

    def knows_exam_day(self, year: int) -> bool:
        """Whether the late hours of that year's university entrance exam are known."""
        november = {day for day in self._special if (day.year, day.month) == (year, 11)}
        return bool(november) or any(day.year == year for day in CSAT_DAYS)

    def _year(self, year: int) -> tuple[TradingDay, ...]:
        if year not in self._years:
            days = {session.trade_date: session for session in _krx_year(year)}
            for day in (day for day in self._special.values() if day.trade_date.year == year):
                days.pop(day.trade_date, None)
                if day.opens_at is not None and day.closes_at is not None:
                    hours = (datetime.combine(day.trade_date, hour, KST) for hour in (day.opens_at, day.closes_at))
                    days[day.trade_date] = TradingDay(day.trade_date, *hours)
            self._years[year] = tuple(days[day] for day in sorted(days))
        return self._years[year]

    def _around(self, year: int) -> list[TradingDay]:
        return [session for y in (year - 1, year, year + 1) for session in self._year(y)]

    def at(self, moment: datetime) -> TradingDay | None:
        session = self.last_opened(moment)
        return session if session.closes_at > moment else None

    def last_opened(self, moment: datetime) -> TradingDay:
        sessions = self._around(moment.astimezone(KST).year)
        return sessions[bisect.bisect_right(sessions, moment, key=lambda s: s.opens_at) - 1]

    def last_closed(self, moment: datetime) -> TradingDay:
        sessions = self._around(moment.astimezone(KST).year)
        return sessions[bisect.bisect_right(sessions, moment, key=lambda s: s.closes_at) - 1]

    def next_open(self, moment: datetime) -> TradingDay:
        sessions = self._around(moment.astimezone(KST).year)
        return sessions[bisect.bisect_right(sessions, moment, key=lambda s: s.opens_at)]

    def shift(self, trade_date: date, sessions: int) -> TradingDay:
        years = range(trade_date.year - 1 - abs(sessions) // 200, trade_date.year + 2 + abs(sessions) // 200)
        days = [session for year in years for session in self._year(year)]
        position = bisect.bisect_left(days, trade_date, key=lambda s: s.trade_date)
        if days[position].trade_date != trade_date:
            raise KeyError(trade_date)
        return days[position + sessions]

    def day(self, trade_date: date) -> TradingDay:
        return self.shift(trade_date, 0)

    def between(self, first: date, last: date) -> list[TradingDay]:
        days = [session for year in range(first.year, last.year + 1) for session in self._year(year)]
        return [session for session in days if first <= session.trade_date <= last]


class DemoCalendar:
    """KRX sessions that closed before `start`; from then on one session every `session_minutes`.

    The k-th demo session opens at start + k * session_minutes and is open for 5/6 of that time. Its
    trade_date is the k-th KRX trading date after the last real one, so names run ahead of the real date.
    """

    def __init__(self, start: datetime, session_minutes: int) -> None:
        self.start = start
        self.length = timedelta(minutes=session_minutes)
        self.open_for = self.length * 5 / 6
        self._krx = KrxCalendar()
        self._last_real = self._krx.last_closed(start).trade_date

    def _demo(self, k: int) -> TradingDay:
        opens = self.start + k * self.length
        return TradingDay(self._krx.shift(self._last_real, k + 1).trade_date, opens, opens + self.open_for)

    def _k(self, moment: datetime) -> int:
        return (moment - self.start) // self.length

    def at(self, moment: datetime) -> TradingDay | None:
        session = self.last_opened(moment)
        return session if session.closes_at > moment else None

    def last_opened(self, moment: datetime) -> TradingDay:
        if moment >= self.start:
            return self._demo(self._k(moment))
        return min(self._krx.last_opened(moment), self._krx.day(self._last_real))

    def last_closed(self, moment: datetime) -> TradingDay:
        k = self._k(moment - self.open_for)
        if k >= 0:
            return self._demo(k)
        return min(self._krx.last_closed(moment), self._krx.day(self._last_real))

    def next_open(self, moment: datetime) -> TradingDay:
        following = self._krx.next_open(moment)
        if moment < self.start and following.trade_date <= self._last_real:
            return following
        return self._demo(max(self._k(moment) + 1, 0))

    def shift(self, trade_date: date, sessions: int) -> TradingDay:
        return self.day(self._krx.shift(trade_date, sessions).trade_date)

    def day(self, trade_date: date) -> TradingDay:
        real = self._krx.day(trade_date)
        if trade_date <= self._last_real:
            return real
        return self._demo(len(self._krx.between(self._last_real, trade_date)) - 2)

    def between(self, first: date, last: date) -> list[TradingDay]:
        return [self.day(session.trade_date) for session in self._krx.between(first, last)]


def build_calendar(*, kind: str, demo_start: datetime | None, session_minutes: int) -> Calendar:
    """The calendar of the settings. Raises ValueError for a demo without its start."""
    if kind == "demo":
        if demo_start is None:
            raise ValueError(
                "AZAK_CALENDAR_DEMO_START is needed with AZAK_CALENDAR_KIND=demo; 'azak up --demo' sets it."
            )
        return DemoCalendar(demo_start, session_minutes)
    return KrxCalendar()


# Tick sizes of all KRX markets since 2023-01-25 in KRW: prices from which on the next one holds.
_TICK_STEPS = (2_000, 5_000, 20_000, 50_000, 200_000, 500_000)
_TICKS = (1, 5, 10, 50, 100, 500, 1_000)


def tick_size_krw(price_krw: float) -> int:
    """Tick size in KRW at `price_krw`."""
    return _TICKS[bisect.bisect_right(_TICK_STEPS, price_krw)]


def price_limits_krw(base_krw: int) -> tuple[int, int]:
    """Lowest and highest price (KRW) of a session: 30 % from `base_krw`, rounded to ticks, not symmetric."""
    up = base_krw * 13 // 10
    down = base_krw * 3 // 10
    tick_up, tick_down = tick_size_krw(up), tick_size_krw(base_krw)
    return base_krw - down // tick_down * tick_down, up // tick_up * tick_up
