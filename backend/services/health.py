"""Whether each part of azak does its work, told from the database alone, so that any process can say it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.session import Database, is_connection_loss
from backend.db.tables.runs import Job
from backend.db.tables.sources import Source
from backend.services.paging import AnyRow
from backend.services.processes import list_heartbeats

OVERDUE_AFTER_S = 120


@dataclass(frozen=True, slots=True)
class Health:
    """What the database says; `reachable` False means that nothing else is known."""

    reachable: bool
    revision: str | None = None
    now: datetime | None = None
    heartbeats: Sequence[AnyRow] = ()
    sources: Sequence[AnyRow] = ()
    overdue_jobs: Sequence[str] = ()


async def get_revision(session: AsyncSession) -> str | None:
    """The migration the database is at; None when it was never migrated."""
    if not await session.scalar(text("SELECT to_regclass('alembic_version') IS NOT NULL")):
        return None
    revision: str | None = await session.scalar(text("SELECT version_num FROM alembic_version"))
    return revision


async def get_health(database: Database) -> Health:
    """Every part; never raises because the database is away."""
    try:
        async with database.read() as session:
            return await _read(session)
    except Exception as error:
        if is_connection_loss(error):
            return Health(reachable=False)
        raise


async def _read(session: AsyncSession) -> Health:
    revision = await get_revision(session)
    if revision is None:
        return Health(reachable=True)
    return Health(
        reachable=True,
        revision=revision,
        now=await session.scalar(select(func.clock_timestamp())),
        heartbeats=await list_heartbeats(session),
        sources=await list_freshness(session),
        overdue_jobs=await list_overdue_jobs(session),
    )


async def list_freshness(session: AsyncSession) -> Sequence[AnyRow]:
    """Each source: why it is off, its last success and its newest item."""
    columns = (
        Source.id,
        Source.kind,
        Source.off_reason,
        Source.last_ok_at,
        Source.newest_item_at,
        Source.last_error_at,
    )
    return (await session.execute(select(*columns).order_by(Source.kind, Source.id))).all()


async def list_overdue_jobs(session: AsyncSession) -> Sequence[str]:
    """Jobs whose next run is past and that nobody paused."""
    late = func.make_interval(0, 0, 0, 0, 0, 0, OVERDUE_AFTER_S)
    query = select(Job.id).where(Job.paused_at.is_(None), Job.next_run_at < func.now() - late).order_by(Job.id)
    return (await session.scalars(query)).all()
