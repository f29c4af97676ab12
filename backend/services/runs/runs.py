"""The ledger of runs: accept, list, show and cancel. What an executing attempt writes is in `run_attempts`.

Accepting a run only inserts its row and needs no scheduler: the reconciler enqueues what the engine does not have yet.
"""

import hashlib
import json
import math
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, case, func, or_, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.tables.reports import Report
from backend.db.tables.runs import Run, RunEvent
from backend.domain.runs import OPEN_RUN_STATES, Origin, RunReason, RunState
from backend.errors import ConflictError, NotFoundError, TooManyRequestsError

# Higher first: what people requested starts before what the clock did.
PRIORITY = {Origin.API: 10, Origin.CLI: 10, Origin.RETRY: 10, Origin.FOLLOW_UP: 5, Origin.CLOCK: 0, Origin.CATCHUP: 0}
MAX_EVENTS = 500


@dataclass(frozen=True, slots=True)
class AcceptedRun:
    """`created` is False when an equal run was open already; then this is that run."""

    id: uuid.UUID
    kind: str
    state: str
    deferred: bool
    created: bool


def active_key(kind: str, arguments: Mapping[str, Any]) -> str:
    """Key of equal work (kind and arguments): only one run with it is open at a time."""
    canonical = json.dumps(arguments, sort_keys=True, separators=(",", ":"), default=str)
    return f"{kind}:{hashlib.sha256(canonical.encode()).hexdigest()[:32]}"


async def accept(
    session: AsyncSession,
    *,
    kind: str,
    arguments: Mapping[str, Any],
    origin: Origin,
    requested_by: str | None = None,
    request_id: str | None = None,
    key: str | None = None,
    scheduled_for: datetime | None = None,
    max_attempts: int = 3,
    deferred: bool = False,
    expires_in_s: float | None = None,
    retry_of: uuid.UUID | None = None,
) -> AcceptedRun:
    """Insert a run. Returns the open run of the same work, or the one with the same `key`, if there is one."""
    row = {
        "id": uuid.uuid4(),
        "kind": kind,
        "arguments": dict(arguments),
        "key": key,
        "active_key": active_key(kind, arguments),
        "origin": origin,
        "requested_by": requested_by,
        "request_id": request_id,
        "priority": PRIORITY[origin],
        "state": RunState.QUEUED,
        "deferred": deferred,
        "max_attempts": max_attempts,
        "scheduled_for": scheduled_for,
        "retry_of": retry_of,
        "expires_at": None if expires_in_s is None else func.now() + timedelta(seconds=expires_in_s),
    }
    seen = (Run.id, Run.kind, Run.state, Run.deferred)
    same = and_(Run.active_key == row["active_key"], Run.state.in_(OPEN_RUN_STATES))
    existing = select(*seen).where(or_(same, Run.key == key) if key else same).limit(1)
    while True:
        inserted = await session.execute(insert(Run).values(row).on_conflict_do_nothing().returning(*seen))
        if (created := inserted.one_or_none()) is not None:
            return AcceptedRun(*created, created=True)
        # The conflicting run may end between the two statements: then insert again.
        if (found := (await session.execute(existing)).one_or_none()) is not None:
            return AcceptedRun(*found, created=False)


@dataclass(frozen=True, slots=True)
class Capacity:
    """How many orders the API still takes, with the one that asks, and when the oldest will be a minute old."""

    limit: int
    left: int
    reset_s: int


async def require_capacity(session: AsyncSession, *, per_minute: int) -> Capacity:
    """Raise TooManyRequestsError when the API accepted `per_minute` runs within the last minute."""
    recent = and_(Run.origin == Origin.API, Run.created_at > func.now() - timedelta(minutes=1))
    newest = select(Run.created_at).where(recent).order_by(Run.created_at.desc()).limit(per_minute).subquery()
    age_s = func.extract("epoch", func.now() - func.min(newest.c.created_at))
    taken, oldest_s = (await session.execute(select(func.count(), age_s).select_from(newest))).one()
    reset_s = 60 if oldest_s is None else max(1, math.ceil(60 - oldest_s))
    if taken >= per_minute:
        raise TooManyRequestsError(
            f"More than {per_minute} requests for work in a minute; ask again after the time in Retry-After, "
            "or raise AZAK_API_ORDERS_PER_MINUTE.",
            retry_after_s=reset_s,
        )
    return Capacity(per_minute, per_minute - taken, reset_s)


async def record_not_run(
    session: AsyncSession,
    *,
    kind: str,
    key: str,
    state: RunState,
    scheduled_for: datetime,
    reason: RunReason | None,
    message: str,
) -> bool:
    """Store a tick of the clock that started no work (skipped, missed), with the reason; False if it is stored."""
    row = {
        "id": uuid.uuid4(),
        "kind": kind,
        "key": key,
        "active_key": active_key(kind, {}),
        "origin": Origin.CLOCK,
        "state": state,
        "scheduled_for": scheduled_for,
        "finished_at": func.now(),
        "reason": reason,
        "message": message,
    }
    statement = insert(Run).values(row).on_conflict_do_nothing().returning(Run.id)
    return (await session.execute(statement)).one_or_none() is not None


_ONLY_REPORT = (
    select(case((func.count() == 1, func.min(Report.id))))
    .where(Report.run_id == Run.id)
    .correlate(Run)
    .scalar_subquery()
    .label("report_id")
)
_COLUMNS = (
    *(column for column in Run.__table__.columns if column.name not in {"active_key", "lease_until"}),
    _ONLY_REPORT,
)


async def get_run(session: AsyncSession, run_id: uuid.UUID) -> Row[Any]:
    """One run. Raises NotFoundError."""
    row = (await session.execute(select(*_COLUMNS).where(Run.id == run_id))).one_or_none()
    if row is None:
        raise NotFoundError(f"There is no run {run_id}; list runs with GET /api/runs.")
    return row


@dataclass(frozen=True, slots=True)
class RunFilter:
    """Filter of a list of runs; None means any. `since` and `until` bound `created_at`.

    `id_prefix`: the first hexadecimal digits of the id, with or without hyphens.
    """

    kind: str | None = None
    state: str | None = None
    origin: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    id_prefix: str | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        equal = {Run.kind: self.kind, Run.state: self.state, Run.origin: self.origin}
        conditions = [column == value for column, value in equal.items() if value is not None]
        conditions += [Run.created_at >= self.since] if self.since is not None else []
        conditions += [Run.created_at < self.until] if self.until is not None else []
        if self.id_prefix is not None:
            digits = self.id_prefix.replace("-", "")
            first, last = (uuid.UUID(digits.ljust(32, fill)) for fill in "0f")
            conditions.append(Run.id.between(first, last))
        return conditions


async def list_runs(
    session: AsyncSession,
    wanted: RunFilter | None = None,
    *,
    before: tuple[datetime, uuid.UUID] | None = None,
    limit: int = 50,
) -> Sequence[Row[Any]]:
    """Runs newest first; `before`: (created_at, id) of the last run of the previous page."""
    query = select(*_COLUMNS).order_by(Run.created_at.desc(), Run.id.desc()).limit(limit)
    query = query.where(*(wanted or RunFilter()).conditions())
    if before is not None:
        query = query.where(tuple_(Run.created_at, Run.id) < before)
    return (await session.execute(query)).all()


async def require_repeatable(session: AsyncSession, run_id: uuid.UUID) -> Row[Any]:
    """A run that may be retried. Raises NotFoundError, or ConflictError when it is open or succeeded."""
    run = await get_run(session, run_id)
    if run.state in OPEN_RUN_STATES:
        still_open = f"Run {run_id} is still open ({run.state}); wait for its end, or cancel it first."
        raise ConflictError(still_open, kind="run-open")
    if run.state == RunState.SUCCEEDED:
        raise ConflictError(
            f"Run {run_id} succeeded; start a new one with POST /api/jobs/{run.kind}/runs instead.",
            kind="run-succeeded",
        )
    return run


async def list_events(
    session: AsyncSession, run_id: uuid.UUID, *, after: int = 0, limit: int = 200
) -> Sequence[Row[Any]]:
    """Log lines of a run, oldest first, with ids above `after`."""
    columns = (RunEvent.id, RunEvent.ts, RunEvent.level, RunEvent.message, RunEvent.data)
    query = select(*columns).where(RunEvent.run_id == run_id, RunEvent.id > after).order_by(RunEvent.id).limit(limit)
    return (await session.execute(query)).all()


async def request_cancel(session: AsyncSession, run_id: uuid.UUID, *, requested_by: str) -> str:
    """Cancel a waiting run at once; a running one stops at its next heartbeat. Returns the state.

    Raises NotFoundError, or ConflictError when the run has ended.
    """
    waiting = (RunState.QUEUED, RunState.RETRY)
    cancelled = (
        update(Run)
        .where(Run.id == run_id, Run.state.in_(waiting))
        .values(state=RunState.CANCELLED, finished_at=func.now(), cancel_requested_by=requested_by)
    )
    if (await session.execute(cancelled.returning(Run.id))).one_or_none() is not None:
        return RunState.CANCELLED
    asked = update(Run).where(Run.id == run_id, Run.state == RunState.RUNNING).values(cancel_requested_by=requested_by)
    if (await session.execute(asked.returning(Run.id))).one_or_none() is not None:
        return RunState.RUNNING
    run = await get_run(session, run_id)
    raise ConflictError(
        f"Run {run_id} has ended ({run.state}) and cannot be cancelled; start a new one instead.", kind="run-ended"
    )
