"""Server-Sent Events with replay. Each event is a hint that something changed; fetch the rest over REST."""

import importlib.metadata
from collections.abc import AsyncIterable, AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent

from backend.api.deps import DatabaseOfApp
from backend.db.session import Database
from backend.services.runs import stream_events
from backend.services.runs.event_feed import EventFeed, Subscription
from backend.services.runs.stream_events import Cursor, Event

router = APIRouter(tags=["events"])
RETRY_MS = 3000
LastEventId = Annotated[
    str | None,
    Header(alias="Last-Event-ID", pattern=r"^[0-9]{1,18}-[0-9]{1,18}$", description="Id of the last event seen."),
]


async def _subscription(request: Request) -> AsyncIterator[Subscription]:
    feed: EventFeed = request.app.state.events
    async with feed.subscribe() as subscription:
        yield subscription


async def _missed(database: Database, last: Cursor | None) -> tuple[Cursor, list[Event] | None]:
    """Where the stream begins, and the events after `last`; None if they are not kept any more."""
    async with database.read() as session:
        if last is None:
            return await stream_events.get_end(session), []
        if not await stream_events.is_replayable(session, last):
            return await stream_events.get_end(session), None
        events = await stream_events.list_events_after(session, last)
        if len(events) == stream_events.MAX_REPLAY:
            return await stream_events.get_end(session), None
        return last, events


def _sent(event: Event) -> ServerSentEvent:
    return ServerSentEvent(event=event.topic, data=event.data, id=str(event.cursor))


@router.get("/api/events", response_class=EventSourceResponse)
async def stream(
    database: DatabaseOfApp,
    subscription: Annotated[Subscription, Depends(_subscription)],
    last_event_id: LastEventId = None,
) -> AsyncIterable[ServerSentEvent]:
    """`hello`, then `run` for each change of a run: `{id, kind, state, progress}`.

    `reset`: more was missed than is kept (a day, or 1,000 events), so load the page again. `bye` ends the stream of
    an instance that stops; reconnect, and any instance continues after your last event.
    """
    position, missed = await _missed(database, Cursor.parse(last_event_id) if last_event_id else None)
    hello = {"version": importlib.metadata.version("azak")}
    yield ServerSentEvent(event="hello", data=hello, id=str(position), retry=RETRY_MS)
    if missed is None:
        yield ServerSentEvent(event="reset", data={}, id=str(position))
    for event in missed or ():
        position = event.cursor
        yield _sent(event)
    async for events in subscription.batches():
        for event in events:
            if event.cursor > position:
                yield _sent(event)
    yield ServerSentEvent(event="bye", data={})
