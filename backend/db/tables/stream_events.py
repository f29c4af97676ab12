"""Events sent to open browsers, stored so that any API instance can replay them."""

from typing import Any

from sqlalchemy import BigInteger, Identity, Index, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.base import Base, Created, Xid8


class StreamEvent(Base):
    """Written by triggers. `xid` is its transaction: ids alone do not tell what a reader has seen."""

    __tablename__ = "stream_events"
    __table_args__ = (Index("ix_stream_events_xid_id", "xid", "id"), Index("ix_stream_events_ts", "ts"))

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    xid: Mapped[str] = mapped_column(Xid8, server_default=text("pg_current_xact_id()"))
    ts: Mapped[Created]
    topic: Mapped[str] = mapped_column(Text)
    data: Mapped[dict[str, Any]] = mapped_column(JSONB)


class StreamReader(Base):
    """How far a reader that must miss nothing has read: the transaction and id of the last event that it took."""

    __tablename__ = "stream_readers"

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    xid: Mapped[int] = mapped_column(Xid8)
    event_id: Mapped[int] = mapped_column(BigInteger)
