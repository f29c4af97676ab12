"""APScheduler triggers: cron lines in Asia/Seoul, or offsets from the demo calendar's short sessions."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from backend.clock import KST
from backend.krx import Calendar, DemoCalendar
from backend.scheduler.kinds import Schedule
from backend.services.runs.jobs import CustomSchedule

_DAY = timedelta(days=1)
_SLACK = timedelta(seconds=5)
INTERVALS_FROM = datetime(2026, 1, 1, tzinfo=KST)


class SessionTrigger(BaseTrigger):  # type: ignore[misc]
    """Fires at an offset from each session's close (or before its opening), scaled to short sessions.

    A demo session stands for a day: with 60 minutes a session, "17:00" (90 minutes after the close) is
    3 min 45 s after it.
    """

    def __init__(self, calendar: DemoCalendar, schedule: Schedule) -> None:
        scale = calendar.length / _DAY
        self._calendar = calendar
        self._after_close = None if schedule.after_close is None else schedule.after_close * scale
        self._before_open = (schedule.before_open or timedelta()) * scale

    def _moment(self, position: int, around: datetime) -> datetime:
        day = self._calendar.shift(self._calendar.last_opened(around).trade_date, position)
        if self._after_close is not None:
            return day.closes_at + self._after_close
        return day.opens_at - self._before_open

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime | None:
        after = previous_fire_time or now - timedelta(microseconds=1)
        moments = [self._moment(position, after) for position in range(-2, 4)]
        return min((moment for moment in moments if moment > after), default=None)


def build_trigger(schedule: Schedule, calendar: Calendar) -> Any:
    """The trigger of a schedule. The time zone is set here: APScheduler's own does not apply to a CronTrigger."""
    bound_to_session = schedule.after_close is not None or schedule.before_open is not None
    if bound_to_session and isinstance(calendar, DemoCalendar):
        return SessionTrigger(calendar, schedule)
    return CronTrigger.from_crontab(schedule.cron, timezone=KST)


def build_custom_trigger(custom: CustomSchedule) -> Any:
    """The trigger of a schedule set by people. Intervals start at a fixed moment, so that all clocks fire at the same.

    Raises ValueError for a cron line that APScheduler does not accept.
    """
    if custom.interval_minutes is not None:
        return IntervalTrigger(minutes=custom.interval_minutes, start_date=INTERVALS_FROM, timezone=KST)
    return CronTrigger.from_crontab(custom.cron, timezone=KST)


@dataclass(frozen=True, slots=True)
class Repetition:
    """Moments that come again since the clock was set back: those up to `until`, which it had passed.

    Their ticks are work and need keys of their own: every key of an hour that is repeated is taken by runs of the wrong
    clock, and no job would run until the clock had caught up.
    """

    until: datetime | None = None
    times: int = 0

    def after(self, before: datetime) -> "Repetition":
        """The clock was set back from `before`."""
        until = before if self.until is None else max(before, self.until)
        return Repetition(until + _SLACK, self.times + 1)

    def mark(self, moment: datetime) -> str:
        """What the key of `moment` has besides: nothing unless it comes again."""
        return f"~{self.times}" if self.until is not None and moment <= self.until else ""


def latest_missed(trigger: Any, *, since: datetime, now: datetime) -> datetime | None:
    """The newest moment in (since, now] at which `trigger` would have fired; looks back a week at most."""
    moment, latest = max(since, now - 7 * _DAY), None
    while (moment := trigger.get_next_fire_time(moment, moment)) is not None and moment <= now:
        latest = moment
    return latest
