"""Queues: how many runs wait, kinds that nobody executes, and jobs that a person has paused."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend import trouble as troubles
from backend.domain.operations import Reason

# A kind is served when a living process takes it; one without a list of its own takes unknown kinds, so all. Kinds
# that are neither scheduled nor waiting are nobody's concern.
_UNSERVED: Final = text("""
    WITH living AS (
        SELECT kinds FROM workers
        WHERE state IN ('active', 'working') AND stopped_at IS NULL
          AND heartbeat_at > clock_timestamp() - interval '30 seconds'
    ), wanted AS (
        SELECT id AS kind, 0 AS waiting FROM jobs WHERE paused_at IS NULL
        UNION ALL
        SELECT kind, 1 FROM runs WHERE state IN ('queued', 'retry')
    )
    SELECT kind, sum(waiting) AS waiting FROM wanted
    WHERE EXISTS (SELECT FROM living)
      AND NOT EXISTS (SELECT FROM living WHERE wanted.kind = ANY (living.kinds) OR 'unknown' = ANY (living.kinds))
    GROUP BY kind ORDER BY kind LIMIT 50
""")
_DEPTHS: Final = text("""
    SELECT kind, state, count(*) AS runs,
           extract(epoch FROM clock_timestamp() - min(coalesce(not_before, created_at))) AS oldest_s
    FROM runs WHERE state IN ('queued', 'running', 'retry') GROUP BY kind, state ORDER BY kind, state
""")
_PAUSED: Final = text("SELECT id, paused_by, paused_at FROM jobs WHERE paused_at IS NOT NULL ORDER BY id")


@dataclass(frozen=True, slots=True)
class Depth:
    """Open runs of a kind in a state; the oldest is due for `oldest_s` seconds."""

    kind: str
    state: str
    runs: int
    oldest_s: float


@dataclass(frozen=True, slots=True)
class PausedJob:
    """A job that a person has paused: nothing is wrong, and it may have been forgotten."""

    id: str
    paused_by: str
    paused_at: datetime

    @property
    def notice(self) -> str:
        day = f"{self.paused_at:%Y-%m-%d}"
        return f"{self.paused_by} has paused the job {self.id} on {day}; go on with 'azak jobs resume {self.id}'."


async def list_unserved(session: AsyncSession) -> list[Reason]:
    """Kinds that are scheduled or wait, and that no living process takes, while there is one."""
    return [
        Reason(
            troubles.QUEUE_UNSERVED.code, row.kind, troubles.QUEUE_UNSERVED.sentence.format(kind=row.kind),
            {"kind": row.kind, "waiting": int(row.waiting)},
        )
        for row in await session.execute(_UNSERVED)
    ]  # fmt: skip


async def list_depths(session: AsyncSession) -> Sequence[Depth]:
    return [Depth(row.kind, row.state, row.runs, float(row.oldest_s)) for row in await session.execute(_DEPTHS)]


async def list_paused(session: AsyncSession) -> list[PausedJob]:
    return [PausedJob(row.id, row.paused_by or "Somebody", row.paused_at) for row in await session.execute(_PAUSED)]
