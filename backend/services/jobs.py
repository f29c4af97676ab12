"""State of the lines of the schedule: when each was last due, when next, and whether it is paused."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, func, select, true, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from backend.db.tables.runs import Job, Run
from backend.db.upsert import upsert
from backend.errors import NotFoundError


async def upsert_jobs(session: AsyncSession, crons: Mapping[str, str]) -> None:
    """Make the table list the schedule of this version of the code."""
    rows = [{"id": job_id, "cron": cron} for job_id, cron in crons.items()]
    await upsert(session, Job, rows, key=["id"], update=["cron"])


async def record_tick(
    session: AsyncSession, job_id: str, *, scheduled_for: datetime, next_run_at: datetime | None
) -> None:
    """Remember the newest moment for which the clock fired a job."""
    statement = update(Job).where(Job.id == job_id)
    await session.execute(statement.values(last_scheduled_for=scheduled_for, next_run_at=next_run_at))


async def record_next_run(session: AsyncSession, job_id: str, next_run_at: datetime | None) -> None:
    await session.execute(update(Job).where(Job.id == job_id).values(next_run_at=next_run_at))


async def list_ticks(session: AsyncSession) -> dict[str, datetime | None]:
    """Job id -> newest moment the clock fired it for."""
    rows = await session.execute(select(Job.id, Job.last_scheduled_for))
    return {row.id: row.last_scheduled_for for row in rows}


async def is_paused(session: AsyncSession, job_id: str) -> bool:
    return bool(await session.scalar(select(Job.paused_at.is_not(None)).where(Job.id == job_id)))


async def pause_job(session: AsyncSession, job_id: str, *, paused_by: str | None) -> None:
    """Stop the clock for one job (`paused_by`), or let it go on (None). Raises NotFoundError."""
    values = {"paused_at": None if paused_by is None else func.now(), "paused_by": paused_by}
    statement = update(Job).where(Job.id == job_id).values(**values).returning(Job.id)
    if (await session.execute(statement)).one_or_none() is None:
        raise NotFoundError(f"There is no job '{job_id}'; list them with GET /api/jobs.")


async def list_jobs(session: AsyncSession) -> Sequence[Row[Any]]:
    """Each job with its last run and its last success (both may be missing)."""
    newest = (
        select(Run.id, Run.state, Run.started_at, Run.finished_at, Run.counts, Run.error, Run.progress)
        .where(Run.kind == Job.id)
        .order_by(Run.created_at.desc(), Run.id.desc())
        .limit(1)
        .lateral("newest")
    )
    succeeded = aliased(Run)
    last_success = (
        select(succeeded.finished_at.label("last_success_at"))
        .where(and_(succeeded.kind == Job.id, succeeded.state == "succeeded"))
        .order_by(succeeded.created_at.desc(), succeeded.id.desc())
        .limit(1)
        .lateral("success")
    )
    query = (
        select(
            Job.id, Job.cron, Job.next_run_at, Job.last_scheduled_for, Job.paused_at, Job.paused_by,
            newest.c.id.label("run_id"), newest.c.state.label("run_state"), newest.c.started_at, newest.c.finished_at,
            newest.c.counts, newest.c.error, newest.c.progress, last_success.c.last_success_at,
        )
        .select_from(Job)
        .outerjoin(newest, onclause=true())
        .outerjoin(last_success, onclause=true())
        .order_by(Job.id)
    )  # fmt: skip
    return (await session.execute(query)).all()
