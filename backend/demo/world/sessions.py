"""Numbers the sessions of the demo world: 0..count-1 are real ones before the start, then demo sessions follow.

All random numbers are keyed by this number, so a session does not depend on when it is requested.
Settings: AZAK_CALENDAR_DEMO_START, AZAK_CALENDAR_SESSION_MINUTES.
"""

import bisect
from datetime import date, datetime, timedelta
from typing import Final

from backend.krx import DemoCalendar, TradingDay

HISTORY_SESSIONS: Final = 260


class Sessions:
    """The numbered sessions; number `count` is the first demo session."""

    def __init__(self, start: datetime, session_minutes: int, history: int = HISTORY_SESSIONS) -> None:
        self.start = start
        self.length = timedelta(minutes=session_minutes)
        self._calendar = DemoCalendar(start, session_minutes)
        newest = self._calendar.last_closed(start).trade_date
        real = self._calendar.between(newest - timedelta(days=history * 8 // 5 + 4), newest)
        self._days = real[-history:]
        self.count = len(self._days)

    def day(self, number: int) -> TradingDay:
        while len(self._days) <= number:
            self._days.append(self._calendar.shift(self._days[-1].trade_date, 1))
        return self._days[number]

    def newest(self, moment: datetime) -> int:
        """Number of the newest session that opened at or before `moment`."""
        if moment < self.start:
            return self.count - 1
        return self.count + (moment - self.start) // self.length

    def fraction(self, number: int, moment: datetime) -> float:
        """Elapsed fraction of the session: 0 until its opening, 1 from its close on."""
        day = self.day(number)
        return min(max((moment - day.opens_at) / (day.closes_at - day.opens_at), 0.0), 1.0)

    def named(self, first: date, last: date, moment: datetime) -> list[int]:
        """Numbers of the sessions with a trade date in `first`..`last` that have opened by `moment`."""
        newest = self.newest(moment)
        self.day(newest)
        low = bisect.bisect_left(self._days, first, key=lambda day: day.trade_date)
        high = bisect.bisect_right(self._days, last, key=lambda day: day.trade_date)
        return list(range(low, min(high, newest + 1)))
