"""The verdict: what must be true of the ledger, of the effects and of the fencing log after the chaos."""

from datetime import datetime
from itertools import pairwise
from uuid import UUID

import asyncpg

from tests.chaos.kinds import ENDS

_UNFINISHED = "SELECT count(*) FROM runs WHERE state IN ('queued', 'running', 'retry')"
_RUNS = """
SELECT id, kind, state, attempt, error, (arguments->>'chunks')::int AS chunks,
       (SELECT count(DISTINCT chunk) FROM chaos_effects e WHERE e.run_id = runs.id) AS effects,
       (SELECT count(DISTINCT attempt) FROM chaos_attempts a WHERE a.run_id = runs.id) AS started
FROM runs
"""
_DOUBLED = "SELECT run_id, chunk, array_agg(attempt) FROM chaos_effects GROUP BY 1, 2 HAVING count(*) > 1"
_EPOCHS = (
    "SELECT epoch, min(ts) AS first, max(ts) AS last, count(DISTINCT holder) AS holders FROM chaos_acts GROUP BY 1"
)
_NEXT_START = "SELECT min(ts) FROM chaos_attempts WHERE run_id = $1 AND attempt > $2"


async def count_unfinished(connection: asyncpg.Connection) -> int:
    count: int = await connection.fetchval(_UNFINISHED)
    return count


def _ended_wrongly(run: asyncpg.Record) -> bool:
    """A run that succeeded has done all of it; one that was cancelled, failed or died of itself has done nothing."""
    expected: int = run["chunks"] if run["state"] == "succeeded" else 0
    return bool(run["state"] != ENDS[run["kind"]] or run["effects"] != expected)


async def list_missing(connection: asyncpg.Connection, accepted: dict[UUID, str]) -> tuple[list[str], int, int]:
    """What is wrong with the ends of the runs; how many runs there are, and how many began more than once."""
    rows = {run["id"]: run for run in await connection.fetch(_RUNS)}
    wrong = [f"accepted but not there: {run_id}" for run_id in accepted if run_id not in rows]
    wrong += [f"ended wrongly: {dict(run)}" for run in rows.values() if _ended_wrongly(run)]
    return wrong, len(rows), sum(run["started"] > 1 for run in rows.values())


async def list_doubled(connection: asyncpg.Connection) -> list[str]:
    return [f"done twice: {dict(row)}" for row in await connection.fetch(_DOUBLED)]


async def list_double_leaders(connection: asyncpg.Connection) -> tuple[list[str], int, float]:
    """Moments with two acting schedulers; how many takeovers there were, and the longest time without any."""
    epochs = sorted(await connection.fetch(_EPOCHS), key=lambda row: row["epoch"])
    wrong = [f"two holders of epoch {row['epoch']}" for row in epochs if row["holders"] > 1]
    wrong += [f"epochs {a['epoch']} and {b['epoch']} overlap" for a, b in pairwise(epochs) if a["last"] >= b["first"]]
    wrong += ["no scheduler ever acted"] if not epochs else []
    gaps = [(b["first"] - a["last"]).total_seconds() for a, b in pairwise(epochs)]
    return wrong, len(gaps), round(max(gaps, default=0), 2)


async def list_recoveries(
    connection: asyncpg.Connection, held: list[tuple[UUID, int, datetime]]
) -> list[tuple[float, UUID]]:
    """Seconds from the kill of a process to the next start of each run that it held, sorted."""
    seconds = []
    for run_id, attempt, killed_at in held:
        started_at = await connection.fetchval(_NEXT_START, run_id, attempt)
        if started_at is not None:  # otherwise it ended just before the kill
            seconds.append(((started_at - killed_at).total_seconds(), run_id))
    return sorted(seconds)
