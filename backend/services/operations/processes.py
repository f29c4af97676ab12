"""Heartbeats of the processes and of the workers, which execute runs; for /api/health and `azak status`."""

import importlib.metadata
import os
import socket
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Row, delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from backend.db.tables.processes import Heartbeat, Worker
from backend.db.upsert import upsert

# Workers send a heartbeat every 5 s; one whose last is older than this is silent.
WORKER_SILENT_AFTER: Final = timedelta(seconds=30)
_IS_SILENT: Final = Worker.heartbeat_at < func.clock_timestamp() - WORKER_SILENT_AFTER


def process_name() -> str:
    """Unique name of this process, host:pid:id, in the ledger, the lease, and the rows of processes."""
    return f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"


async def record_heartbeat(
    session: AsyncSession, *, component: str, instance: str, state: str, details: Mapping[str, Any]
) -> None:
    """Store the newest heartbeat of `component` in the process `instance`."""
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


@dataclass(frozen=True, slots=True)
class WorkerSign:
    """A worker's heartbeat. `name` is host:pid:id; the last one has the `state` 'stopped'."""

    name: str
    role: str
    kinds: Sequence[str]
    state: str
    details: Mapping[str, Any]


async def record_worker(session: AsyncSession, sign: WorkerSign) -> None:
    """Store the newest heartbeat of a worker; the first one inserts its row."""
    host, pid, _ = sign.name.rsplit(":", 2)
    now = func.clock_timestamp()
    new = insert(Worker).values(
        id=uuid.uuid5(uuid.NAMESPACE_OID, sign.name), role=sign.role, host=host, pid=int(pid),
        version=importlib.metadata.version("azak"), kinds=list(sign.kinds), heartbeat_at=now,
        state=sign.state, details=dict(sign.details), stopped_at=now if sign.state == "stopped" else None,
    )  # fmt: skip
    changing = ("kinds", "heartbeat_at", "state", "details", "stopped_at")
    await session.execute(
        new.on_conflict_do_update(index_elements=["id"], set_={name: new.excluded[name] for name in changing})
    )


async def list_workers(session: AsyncSession) -> Sequence[Row[Any]]:
    """Workers with a heartbeat within a day, newest first, with age_s (of the heartbeat) and is_silent.

    Not those that were replaced: silent, and on the same host another one of the same role has started since.
    """
    later = aliased(Worker)
    replaced = select(later.id).where(
        later.host == Worker.host, later.role == Worker.role, later.started_at > Worker.started_at,
        _IS_SILENT, later.started_at > Worker.heartbeat_at,
    )  # fmt: skip
    age = func.extract("epoch", func.clock_timestamp() - Worker.heartbeat_at).label("age_s")
    columns = (
        Worker.id, Worker.role, Worker.host, Worker.pid, Worker.version, Worker.kinds, Worker.state, Worker.details,
        Worker.started_at, Worker.heartbeat_at, Worker.stopped_at, age, _IS_SILENT.label("is_silent"),
    )  # fmt: skip
    recent = Worker.heartbeat_at > func.now() - timedelta(days=1)
    query = select(*columns).where(recent, ~replaced.exists()).order_by(Worker.started_at.desc()).limit(200)
    return (await session.execute(query)).all()


async def delete_old_workers(session: AsyncSession, *, older_than: timedelta) -> int:
    statement = delete(Worker).where(Worker.heartbeat_at < func.now() - older_than).returning(Worker.id)
    return len((await session.execute(statement)).all())
