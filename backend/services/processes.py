"""Signs of life: what each process last said of itself, for /api/health and `azak status`."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.tables.processes import Heartbeat
from backend.db.upsert import upsert


async def record_heartbeat(
    session: AsyncSession, *, component: str, instance: str, state: str, details: Mapping[str, Any]
) -> None:
    """Say that `component` (of process `instance`) lives and how it is."""
    row = {
        "component": component,
        "instance": instance,
        "state": state,
        "details": dict(details),
        "ts": await session.scalar(select(func.clock_timestamp())),
    }
    await upsert(session, Heartbeat, [row], key=["component", "instance"], update=["state", "details", "ts"])


async def list_heartbeats(session: AsyncSession) -> Sequence[Row[Any]]:
    """Newest first: component, instance, state, details, ts and age_s."""
    age = func.extract("epoch", func.clock_timestamp() - Heartbeat.ts).label("age_s")
    columns = (Heartbeat.component, Heartbeat.instance, Heartbeat.state, Heartbeat.details, Heartbeat.ts, age)
    return (await session.execute(select(*columns).order_by(Heartbeat.ts.desc()).limit(200))).all()


async def delete_old_heartbeats(session: AsyncSession, *, older_than: timedelta) -> int:
    statement = delete(Heartbeat).where(Heartbeat.ts < func.now() - older_than).returning(Heartbeat.instance)
    return len((await session.execute(statement)).all())
