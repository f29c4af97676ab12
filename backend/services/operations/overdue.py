"""Overdue jobs: not started in time, running for too long, or failed twice in a row.

The interval of a job is the time between its last tick and its next one, so that a job of workdays is not overdue on a
Sunday.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

_JOBS = text("""
    SELECT jobs.id, jobs.next_run_at, extract(epoch FROM now() - jobs.next_run_at) AS late_s,
           open.open_s, open.open_since, recent.failures, recent.message,
           recent.failing_since,
           greatest(extract(epoch FROM jobs.next_run_at - jobs.last_scheduled_for), 60) AS interval_s
    FROM jobs
    LEFT JOIN LATERAL (
        SELECT min(created_at) AS open_since, extract(epoch FROM now() - min(created_at)) AS open_s FROM runs
        WHERE kind = jobs.id AND state IN ('queued', 'running', 'retry')
    ) AS open ON true
    LEFT JOIN LATERAL (
        SELECT count(*) FILTER (WHERE state NOT IN ('succeeded', 'skipped')) AS failures,
               (array_agg(error ->> 'message'))[1] AS message, min(created_at) AS failing_since
        FROM (
            SELECT state, error, created_at FROM runs
            WHERE kind = jobs.id AND (state IN ('succeeded', 'failed', 'dead', 'expired', 'missed')
                                      OR (state = 'skipped' AND started_at IS NOT NULL))
            ORDER BY created_at DESC LIMIT 2
        ) AS newest
    ) AS recent ON true
    WHERE jobs.paused_at IS NULL
    ORDER BY jobs.id
""")
_LEAST_OPEN_S = 600


@dataclass(frozen=True, slots=True)
class OverdueJob:
    """`reason`: one sentence with the remedy. `why`: late, open or failed; `minutes` since then, 0 for failed.

    `since`: when it was due, its open run was requested, or the first of its two failures was.
    """

    id: str
    reason: str
    why: str
    minutes: int
    since: datetime


async def list_overdue_jobs(session: AsyncSession) -> list[OverdueJob]:
    """Jobs over one interval late, with a run open for over two intervals, or whose last two runs failed."""
    found = []
    for job in await session.execute(_JOBS):
        interval_s = float(job.interval_s)
        if job.late_s is not None and job.late_s > max(interval_s, 120):
            why, since_s, since = "late", float(job.late_s), job.next_run_at
            reason = f"was due {_span(job.late_s)} ago and was not started; see the scheduler's log."
        elif job.open_s is not None and job.open_s > max(2 * interval_s, _LEAST_OPEN_S):
            why, since_s, since = "open", float(job.open_s), job.open_since
            reason = f"has a run that is open for {_span(job.open_s)}; see it with 'azak jobs logs {job.id}'."
        elif job.failures == 2:
            why, since_s, since = "failed", 0.0, job.failing_since
            reason = f"failed twice in a row ({job.message or 'no reason was kept'}); see 'azak jobs history {job.id}'."
        else:
            continue
        found.append(OverdueJob(job.id, f"Job {job.id} {reason}", why, round(since_s / 60), since))
    return found


def _span(seconds: float) -> str:
    """A duration for people: minutes below two hours, else hours."""
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.0f} h"
