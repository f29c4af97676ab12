"""When a session's morning begins: from then on what belongs to the day before it is known."""

from datetime import date, datetime, timedelta
from typing import Final

from backend.krx import Calendar

# KIS's files of a session can be had an hour before it opens.
LEAD: Final = timedelta(hours=1)
_LONGEST_BREAK: Final = timedelta(days=30)  # longer than the exchange is ever closed


def begins_at(calendar: Calendar, trade_date: date) -> datetime:
    """An hour before this session opens; in the demo, where that is too early, at the close before it."""
    before = calendar.shift(trade_date, -1)
    return max(calendar.day(trade_date).opens_at - LEAD, before.closes_at)


def begins_after(calendar: Calendar, day: date) -> datetime:
    """The morning of the first session after `day`, which need not be a session itself."""
    following = calendar.between(day + timedelta(days=1), day + _LONGEST_BREAK)[0]
    return begins_at(calendar, following.trade_date)
