"""Reads the stored events of /api/events in an order in which no reader can miss one.

An event is visible once all transactions that began before its own have ended: what commits later then always has a
higher (xid, id), so a cursor never skips it. Events are hints; clients fetch the data over REST.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self

from sqlalchemy import delete, func, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.tables.stream_events import StreamEvent

CHANNEL = "azak_stream"
# What is new of each: `run` changes, and rows of news, live forecasts, their outcomes and reports.
TOPICS = ("run", "news", "prediction", "outcome", "report")
MAX_REPLAY = 1000
_KEEP = timedelta(days=1)


@dataclass(frozen=True, slots=True, order=True)
class Cursor:
    """A place in the stream: the transaction of the last event seen, and its id."""

    xid: int
    id: int = 0

    @classmethod
    def parse(cls, value: str) -> Self:
        """Parse `<xid>-<id>`, the form that `str` returns."""
        xid, _, number = value.partition("-")
        return cls(int(xid), int(number))

    def __str__(self) -> str:
        return f"{self.xid}-{self.id}"


@dataclass(frozen=True, slots=True)
class Event:
    """One event: its topic and the ids of what has changed."""

    cursor: Cursor
    topic: str
    data: dict[str, Any]
    at: datetime


async def get_end(session: AsyncSession) -> Cursor:
    """The cursor after all events that are visible now."""
    xmin = await session.scalar(text("SELECT pg_snapshot_xmin(pg_current_snapshot())::text"))
    return Cursor(int(xmin))


_AFTER = text("""
    SELECT xid::text AS xid, id, topic, data, ts FROM stream_events
    WHERE (xid, id) > (CAST(CAST(:xid AS text) AS xid8), CAST(:id AS bigint))
      AND xid < pg_snapshot_xmin(pg_current_snapshot())
    ORDER BY stream_events.xid, id LIMIT :limit
""")


async def list_events_after(session: AsyncSession, cursor: Cursor, *, limit: int = MAX_REPLAY) -> list[Event]:
    """Visible events after `cursor`, oldest first."""
    found = await session.execute(_AFTER, {"xid": str(cursor.xid), "id": cursor.id, "limit": limit})
    return [Event(Cursor(int(row.xid), row.id), row.topic, row.data, row.ts) for row in found]


async def is_replayable(session: AsyncSession, cursor: Cursor) -> bool:
    """Whether all events after `cursor` are still stored, and the cursor is not of another database."""
    query = text("""
        SELECT CAST(CAST(:xid AS text) AS xid8) <= pg_snapshot_xmax(pg_current_snapshot())
           AND EXISTS (SELECT FROM stream_events WHERE (xid, id) <= (CAST(CAST(:xid AS text) AS xid8), :id))
    """)
    return bool(await session.scalar(query, {"xid": str(cursor.xid), "id": cursor.id}))


async def delete_old_events(session: AsyncSession) -> int:
    old = StreamEvent.ts < func.now() - _KEEP
    return len((await session.execute(delete(StreamEvent).where(old).returning(StreamEvent.id))).all())
