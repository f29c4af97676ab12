"""Nightly: create the partitions of the coming months and delete old rows of tables that only grow."""

from datetime import timedelta

from backend import clock
from backend.domain.runs import Counts
from backend.internal import NoArguments
from backend.krx import KrxCalendar
from backend.pipelines.context import RunContext
from backend.services.market import bars
from backend.services.operations import housekeeping, processes
from backend.services.operations.delivery import alarms, outbox
from backend.services.runs import stream_events

PARTITIONS_AHEAD_MONTHS = 2


def _months_ahead() -> list[tuple[int, int]]:
    """(year, month) of this month and the next ones, in UTC like the partitions."""
    today = clock.now()
    first = today.year * 12 + today.month - 1
    return [(month // 12, month % 12 + 1) for month in range(first, first + 1 + PARTITIONS_AHEAD_MONTHS)]


async def _warn_of_unknown_hours(context: RunContext) -> None:
    """Warn when the exam day of this year is unknown: the ministry names it a year ahead, no rule computes it."""
    year = clock.now().astimezone(clock.KST).year
    if isinstance(context.calendar, KrxCalendar) and not context.calendar.knows_exam_day(year):
        remedy = f"azak calendar set {year}-11-DD 수능 --hours 10:00-16:30"
        await context.log("The late hours of this year's exam day are not known.", level="warning", remedy=remedy)


async def run(context: RunContext, _arguments: NoArguments) -> Counts:
    await _warn_of_unknown_hours(context)
    async with context.write() as session:
        detail = {
            "partitions": await bars.ensure_partitions(session, _months_ahead()),
            "runs": await housekeeping.delete_old_runs(session),
            "engine_log": await housekeeping.delete_old_engine_log(session),
            "idempotency_keys": await housekeeping.delete_old_idempotency_keys(session),
            "audit": await housekeeping.delete_old_audit(session),
            "stream_events": await stream_events.delete_old_events(session),
            "deliveries": await outbox.delete_old_deliveries(session),
            "alarms": await alarms.delete_old_alarms(session),
            "workers": await processes.delete_old_workers(session, older_than=timedelta(days=7)),
            "heartbeats": await processes.delete_old_heartbeats(session, older_than=timedelta(days=1)),
        }
    return Counts(written=sum(detail.values()), detail=detail)
