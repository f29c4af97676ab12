"""Puts the events of the stream into the outbox for the program that AZAK_WEBHOOK_URL names: each once, in order.

Any process may do it: how far was read stands in a row, which the one that reads holds. Events are kept for a day, so
what a longer standstill missed is not told.
"""

from collections.abc import Collection
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.tables.stream_events import StreamReader
from backend.services.operations.delivery import outbox
from backend.services.operations.delivery.outbox import Entry
from backend.services.runs import stream_events
from backend.services.runs.stream_events import Cursor, Event

CHANNEL: Final = "events"


async def feed(session: AsyncSession, topics: Collection[str]) -> int:
    """Put in what is new of `topics` since the last call, and return how many events; the first call marks the end."""
    held = select(StreamReader).where(StreamReader.name == CHANNEL).with_for_update(skip_locked=True)
    reader = (await session.scalars(held)).one_or_none()
    if reader is None:
        end = await stream_events.get_end(session)
        row = {"name": CHANNEL, "xid": end.xid, "event_id": end.id}
        await session.execute(insert(StreamReader).values(row).on_conflict_do_nothing())
        return 0
    found = await stream_events.list_events_after(session, Cursor(reader.xid, reader.event_id))
    if not found:
        return 0
    await outbox.put(session, [CHANNEL], [_entry(event) for event in found if event.topic in topics])
    last = found[-1].cursor
    mark = update(StreamReader).where(StreamReader.name == CHANNEL)
    await session.execute(mark.values(xid=last.xid, event_id=last.id))
    return len(found)


def _entry(event: Event) -> Entry:
    told = {"id": str(event.cursor), "type": event.topic, "at": event.at.isoformat(), "data": event.data}
    return Entry(event.topic, f"event:{event.cursor}", f"new: {event.topic}", told)
