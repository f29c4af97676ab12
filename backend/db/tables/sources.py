"""Health of each data source, and what their feeds did not show."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Identity, Integer, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.base import Base, Created, Moment, one_of
from backend.domain.operations import OffCode

_TZ = TIMESTAMP(timezone=True)


class Source(Base):
    """`off_reason` says why a source is not asked, for example the setting it needs; `off_code` and `off_setting` say
    it to programs. `key_settings`: the settings that hold its keys. `is_stalled`: it answers, but its newest item is
    older than a whole session."""

    __tablename__ = "sources"
    __table_args__ = (
        one_of("kind", ("news", "filings", "prices", "index", "listings")),
        one_of("off_code", tuple(OffCode)),
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    off_reason: Mapped[str | None] = mapped_column(Text)
    off_code: Mapped[str | None] = mapped_column(Text)
    off_setting: Mapped[str | None] = mapped_column(Text)
    key_settings: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    last_ok_at: Mapped[datetime | None] = mapped_column(_TZ)
    last_error_at: Mapped[datetime | None] = mapped_column(_TZ)
    last_error: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    newest_item_at: Mapped[datetime | None] = mapped_column(_TZ)
    etag: Mapped[str | None] = mapped_column(Text)
    last_modified: Mapped[str | None] = mapped_column(Text)
    consecutive_failures: Mapped[int] = mapped_column(Integer, server_default="0")
    consecutive_empty: Mapped[int] = mapped_column(Integer, server_default="0")
    blocked_until: Mapped[datetime | None] = mapped_column(_TZ)
    quota_date: Mapped[date | None]
    quota_used: Mapped[int] = mapped_column(Integer, server_default="0")
    quota_limit: Mapped[int | None] = mapped_column(Integer)
    is_stalled: Mapped[bool] = mapped_column(server_default="false")


class SourceToken(Base):
    """The access token of a source that issues few; encrypted. `claimed_until`: nobody else issues one before."""

    __tablename__ = "source_tokens"

    source: Mapped[str] = mapped_column(Text, primary_key=True)
    key_hash: Mapped[str] = mapped_column(Text)
    sealed: Mapped[str | None] = mapped_column(Text)
    expires_at: Mapped[Moment | None] = mapped_column(_TZ)
    claimed_until: Mapped[Moment]
    issued_at: Mapped[Created]


class FeedGapRow(Base):
    """What a source published in between was not seen. `closed_at`: `filled_by` was asked for all of it.

    `reason` says why it is open. `next_try_at` None: no source can fill it, so none is asked again.
    """

    __tablename__ = "feed_gaps"
    __table_args__ = (
        UniqueConstraint("source", "since"),
        CheckConstraint("since <= until", name="span"),
        CheckConstraint("(closed_at IS NULL) = (filled_by IS NULL)", name="closed"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    source: Mapped[str] = mapped_column(Text)
    since: Mapped[Moment]
    until: Mapped[Moment]
    found_at: Mapped[Created]
    next_try_at: Mapped[Moment | None] = mapped_column(_TZ)
    reason: Mapped[str | None] = mapped_column(Text)
    closed_at: Mapped[Moment | None] = mapped_column(_TZ)
    filled_by: Mapped[str | None] = mapped_column(Text)
