"""The outbox: what is wrong and since when, and what each channel has been told or is still to be told."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Identity, Index, Integer, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.base import Base, Created, Moment

_TZ = TIMESTAMP(timezone=True)


class Alarm(Base):
    """One reason to look, from its begin to its end; `sentence` as first told. At most one is open of a subject."""

    __tablename__ = "alarms"
    __table_args__ = (
        CheckConstraint("ended_at >= began_at", name="ended_at"),
        Index("uq_alarms_open", "code", "subject", unique=True, postgresql_where=text("ended_at IS NULL")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    code: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(Text)
    sentence: Mapped[str] = mapped_column(Text)
    began_at: Mapped[Moment]
    ended_at: Mapped[datetime | None] = mapped_column(_TZ)


class Delivery(Base):
    """One line for one channel, kept until it is delivered or dropped. `key`: what it tells, once a channel.

    `event`: the same for programs. `claimed_until`: a process is sending it.
    """

    __tablename__ = "deliveries"
    __table_args__ = (
        UniqueConstraint("channel", "key"),
        CheckConstraint("attempts >= 0", name="attempts"),
        Index(
            "ix_deliveries_waiting",
            "channel",
            "id",
            postgresql_where=text("delivered_at IS NULL AND dropped_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    channel: Mapped[str] = mapped_column(Text)
    topic: Mapped[str] = mapped_column(Text)
    key: Mapped[str] = mapped_column(Text)
    line: Mapped[str] = mapped_column(Text)
    event: Mapped[dict[str, Any]] = mapped_column(JSONB)
    created_at: Mapped[Created]
    due_at: Mapped[Created]
    attempts: Mapped[int] = mapped_column(Integer, server_default="0")
    claimed_until: Mapped[datetime | None] = mapped_column(_TZ)
    delivered_at: Mapped[datetime | None] = mapped_column(_TZ)
    dropped_at: Mapped[datetime | None] = mapped_column(_TZ)
    error: Mapped[str | None] = mapped_column(Text)
