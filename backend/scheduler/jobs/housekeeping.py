"""Nightly: make partitions ahead, cut what grows without end."""

from datetime import timedelta

from backend import clock
from backend.domain import Counts
from backend.internal import NoArguments
from backend.scheduler.context import RunContext
from backend.services import bars, housekeeping, processes, stream_events

PARTITIONS_AHEAD_MONTHS = 2


def _months_ahead() -> list[tuple[int, int]]:
    """(year, month) of this month and the next ones, in UTC like the partitions."""
    today = clock.now()
    first = today.year * 12 + today.month - 1
    return [(month // 12, month % 12 + 1) for month in range(first, first + 1 + PARTITIONS_AHEAD_MONTHS)]


async def run(context: RunContext, _arguments: NoArguments) -> Counts:
    async with context.write() as session:
        detail = {
            "partitions": await bars.ensure_partitions(session, _months_ahead()),
            "runs": await housekeeping.delete_old_runs(session),
            "engine_log": await housekeeping.delete_old_engine_log(session),
            "idempotency_keys": await housekeeping.delete_old_idempotency_keys(session),
            "audit": await housekeeping.delete_old_audit(session),
            "stream_events": await stream_events.delete_old_events(session),
            "workers": await processes.delete_old_workers(session, older_than=timedelta(days=7)),
            "heartbeats": await processes.delete_old_heartbeats(session, older_than=timedelta(days=1)),
        }
    return Counts(written=sum(detail.values()), detail=detail)
