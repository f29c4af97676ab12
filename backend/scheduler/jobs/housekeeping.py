"""Nightly: make partitions ahead, cut what grows without end."""

from datetime import timedelta

from backend.domain import Counts
from backend.scheduler.context import NoArguments, RunContext
from backend.services import bars, housekeeping, processes

PARTITIONS_AHEAD_MONTHS = 2


async def run(context: RunContext, _arguments: NoArguments) -> Counts:
    async with context.write() as session:
        detail = {
            "partitions": await bars.ensure_partitions(session, PARTITIONS_AHEAD_MONTHS),
            "runs": await housekeeping.delete_old_runs(session),
            "engine_log": await housekeeping.delete_old_engine_log(session),
            "idempotency_keys": await housekeeping.delete_old_idempotency_keys(session),
            "heartbeats": await processes.delete_old_heartbeats(session, older_than=timedelta(days=1)),
        }
    return Counts(written=sum(detail.values()), detail=detail)
