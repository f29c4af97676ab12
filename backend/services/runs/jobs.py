"""The table of jobs: when each last fired and fires next, whether it is paused, and schedules that people set."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, case, delete, func, or_, select, true, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from backend.db.tables.runs import Job, Run
from backend.db.upsert import upsert
from backend.errors import NotFoundError
from backend.services.runs.cron_lines import check_cron_line

_AHEAD = timedelta(minutes=1)  # two clocks may differ


async def upsert_jobs(session: AsyncSession, crons: Mapping[str, str]) -> None:
    """Make the table contain exactly the jobs of this code version; what people changed is kept."""
    rows = [{"id": job_id, "cron": cron} for job_id, cron in crons.items()]
    await upsert(session, Job, rows, key=["id"], update=["cron"])
    await session.execute(delete(Job).where(Job.id.not_in(crons)))


async def record_tick(
    session: AsyncSession,
    job_id: str,
    *,
    scheduled_for: datetime,
    next_run_at: datetime | None,
    now: datetime | None = None,
) -> None:
    """Store the newest moment for which the clock fired a job, and the next one.

    A stored moment that lies ahead of `now` is of a clock that was set back, and is replaced.
    """
    statement = update(Job).where(Job.id == job_id)
    newest: ColumnElement[datetime | None] = func.greatest(Job.last_scheduled_for, scheduled_for)  # catch-ups come late
    if now is not None:
        newest = case((Job.last_scheduled_for > now + _AHEAD, scheduled_for), else_=newest)
    await session.execute(statement.values(last_scheduled_for=newest, next_run_at=next_run_at))


async def record_next_run(session: AsyncSession, job_id: str, next_run_at: datetime | None) -> None:
    await session.execute(update(Job).where(Job.id == job_id).values(next_run_at=next_run_at))


async def list_ticks(session: AsyncSession) -> dict[str, datetime | None]:
    """Job id -> newest moment the clock fired it for."""
    rows = await session.execute(select(Job.id, Job.last_scheduled_for))
    return {row.id: row.last_scheduled_for for row in rows}


async def is_paused(session: AsyncSession, job_id: str) -> bool:
    return bool(await session.scalar(select(Job.paused_at.is_not(None)).where(Job.id == job_id)))


@dataclass(frozen=True, slots=True)
class CustomSchedule:
    """A schedule set by people instead of the code's cron lines: one of the two, or neither."""

    cron: str | None = None
    interval_minutes: int | None = None


async def list_custom_schedules(session: AsyncSession) -> dict[str, CustomSchedule]:
    """Job id -> schedule, for the jobs whose schedule people changed."""
    is_changed = or_(Job.custom_cron.is_not(None), Job.interval_minutes.is_not(None))
    rows = await session.execute(select(Job.id, Job.custom_cron, Job.interval_minutes).where(is_changed))
    return {row.id: CustomSchedule(row.custom_cron, row.interval_minutes) for row in rows}


async def pause_job(session: AsyncSession, job_id: str, *, paused_by: str | None) -> None:
    """Pause the schedule of a job (by `paused_by`), or resume it (None); a job that does not exist is none to pause."""
    moment = None if paused_by is None else func.coalesce(Job.paused_at, func.now())
    await _change(session, job_id, paused_at=moment, paused_by=paused_by)


async def change_schedule(session: AsyncSession, job_id: str, schedule: CustomSchedule, *, changed_by: str) -> None:
    """Replace the schedule of a job; an empty one restores the code's. The clock applies it within seconds.

    Raises InvalidInputError for an invalid cron line.
    """
    if schedule.cron is not None:
        check_cron_line(schedule.cron)
    await _change(
        session, job_id, custom_cron=schedule.cron, interval_minutes=schedule.interval_minutes,
        changed_at=func.now(), changed_by=changed_by,
    )  # fmt: skip


async def _change(session: AsyncSession, job_id: str, **values: Any) -> None:
    await session.execute(update(Job).where(Job.id == job_id).values(**values))


async def get_job(session: AsyncSession, job_id: str) -> Row[Any]:
    """One job as in `list_jobs`. Raises NotFoundError."""
    found = (await session.execute(_jobs().where(Job.id == job_id))).one_or_none()
    if found is None:
        raise NotFoundError(f"There is no job '{job_id}'; list them with GET /api/jobs.")
    return found


async def list_jobs(session: AsyncSession) -> Sequence[Row[Any]]:
    """All jobs, each with its last run and its last success (both may be missing)."""
    return (await session.execute(_jobs())).all()


# What a job shows of its newest run.
_NEWEST = ("id", "state", "started_at", "finished_at", "counts", "error", "progress", "message", "reason")


def _jobs() -> Select[*tuple[Any, ...]]:
    newest = (
        select(*(getattr(Run, name) for name in _NEWEST))
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
    return (
        select(
            Job.id, Job.cron, Job.custom_cron, Job.interval_minutes, Job.changed_at, Job.changed_by,
            Job.next_run_at, Job.last_scheduled_for, Job.paused_at, Job.paused_by,
            newest.c.id.label("run_id"), newest.c.state.label("run_state"),
            *(newest.c[name] for name in _NEWEST[2:]), last_success.c.last_success_at,
        )
        .select_from(Job)
        .outerjoin(newest, onclause=true())
        .outerjoin(last_success, onclause=true())
        .order_by(Job.id)
    )  # fmt: skip
