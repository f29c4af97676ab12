"""Liveness of processes: the active scheduler, the workers, and the last heartbeat of each component."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import ARRAY, BigInteger, CheckConstraint, Integer, SmallInteger, Text
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.base import Base, Created, Moment, one_of

_TZ = TIMESTAMP(timezone=True)


class Leader(Base):
    """The one lease row of the active scheduler; `epoch` grows with each takeover."""

    __tablename__ = "leader"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    holder: Mapped[str] = mapped_column(Text)
    epoch: Mapped[int] = mapped_column(BigInteger)
    acquired_at: Mapped[Moment]
    expires_at: Mapped[Moment]


class Worker(Base):
    """A process that executes runs; `details`: what it executes now, and how its models are."""

    __tablename__ = "workers"
    __table_args__ = (one_of("role", ("scheduler", "worker")),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    role: Mapped[str] = mapped_column(Text)
    host: Mapped[str] = mapped_column(Text)
    pid: Mapped[int] = mapped_column(Integer)
    version: Mapped[str] = mapped_column(Text)
    kinds: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    started_at: Mapped[Created]
    heartbeat_at: Mapped[Moment]
    stopped_at: Mapped[datetime | None] = mapped_column(_TZ)
    state: Mapped[str] = mapped_column(Text, server_default="starting")
    details: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")


class Heartbeat(Base):
    """Last heartbeat of a component ('scheduler', 'models', 'clock'): its state and a few details."""

    __tablename__ = "heartbeats"

    component: Mapped[str] = mapped_column(Text, primary_key=True)
    instance: Mapped[str] = mapped_column(Text, primary_key=True)
    state: Mapped[str] = mapped_column(Text)
    details: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    ts: Mapped[Moment]
