"""The ledger of work: scheduled jobs, each execution as a run, and the log lines of runs."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Double,
    ForeignKey,
    Identity,
    Index,
    Integer,
    SmallInteger,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.base import Base, Created, between, one_of
from backend.domain.runs import Origin, RunState

_TZ = TIMESTAMP(timezone=True)
_OPEN = "state IN ('queued', 'running', 'retry')"


class Job(Base):
    """What people may change of a scheduled job; the job itself is declared in scheduler.registry.

    `cron` is the code's. In force is `interval_minutes`, else `custom_cron`, else `cron`.
    """

    __tablename__ = "jobs"
    __table_args__ = (
        CheckConstraint("interval_minutes BETWEEN 1 AND 10080", name="interval"),
        CheckConstraint("custom_cron IS NULL OR interval_minutes IS NULL", name="one_schedule"),
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    cron: Mapped[str] = mapped_column(Text)
    next_run_at: Mapped[datetime | None] = mapped_column(_TZ)
    last_scheduled_for: Mapped[datetime | None] = mapped_column(_TZ)
    paused_at: Mapped[datetime | None] = mapped_column(_TZ)
    paused_by: Mapped[str | None] = mapped_column(Text)
    custom_cron: Mapped[str | None] = mapped_column(Text)
    interval_minutes: Mapped[int | None] = mapped_column(Integer)
    changed_at: Mapped[datetime | None] = mapped_column(_TZ)
    changed_by: Mapped[str | None] = mapped_column(Text)


class Run(Base):
    """One execution. `attempt` is the fence: only the attempt that claimed the run may write for it.

    `reason` is a RunReason: why the run did no work. `key` makes a clock tick unique for ever, `active_key` makes equal
    work unique while it is open.
    """

    __tablename__ = "runs"
    __table_args__ = (
        one_of("state", RunState),
        one_of("origin", Origin),
        between("progress", 0, 1),
        CheckConstraint("attempt >= 0 AND max_attempts >= 1", name="attempts"),
        Index("uq_runs_active_key", "active_key", unique=True, postgresql_where=text(_OPEN)),
        Index("ix_runs_created_at_id", "created_at", "id"),
        Index("ix_runs_kind_created_at_id", "kind", "created_at", "id"),
        Index("ix_runs_state_created_at_id", "state", "created_at", "id"),
        Index("ix_runs_open", "state", "not_before", postgresql_where=text(_OPEN)),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    arguments: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    key: Mapped[str | None] = mapped_column(Text, unique=True)
    active_key: Mapped[str] = mapped_column(Text)
    origin: Mapped[str] = mapped_column(Text)
    requested_by: Mapped[str | None] = mapped_column(Text)
    request_id: Mapped[str | None] = mapped_column(Text)
    priority: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    state: Mapped[str] = mapped_column(Text, server_default="queued")
    deferred: Mapped[bool] = mapped_column(server_default="false")
    attempt: Mapped[int] = mapped_column(Integer, server_default="0")
    max_attempts: Mapped[int] = mapped_column(Integer, server_default="3")
    worker: Mapped[str | None] = mapped_column(Text)
    lease_until: Mapped[datetime | None] = mapped_column(_TZ)
    scheduled_for: Mapped[datetime | None] = mapped_column(_TZ)
    not_before: Mapped[datetime | None] = mapped_column(_TZ)
    expires_at: Mapped[datetime | None] = mapped_column(_TZ)
    created_at: Mapped[Created]
    started_at: Mapped[datetime | None] = mapped_column(_TZ)
    heartbeat_at: Mapped[datetime | None] = mapped_column(_TZ)
    finished_at: Mapped[datetime | None] = mapped_column(_TZ)
    progress: Mapped[float] = mapped_column(Double, server_default="0")
    message: Mapped[str | None] = mapped_column(Text)
    reason: Mapped[str | None] = mapped_column(Text)
    counts: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    error: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    cancel_requested_by: Mapped[str | None] = mapped_column(Text)
    retry_of: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("runs.id", ondelete="SET NULL"), index=True)


class RunEvent(Base):
    __tablename__ = "run_events"
    __table_args__ = (Index("ix_run_events_run_id_id", "run_id", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    run_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"))
    ts: Mapped[Created]
    level: Mapped[str] = mapped_column(Text)
    message: Mapped[str] = mapped_column(Text)
    data: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
