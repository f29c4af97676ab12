"""Server-Sent Events with replay. Each event is a hint that something changed; fetch the rest over REST."""

import importlib.metadata
from collections.abc import AsyncIterable, AsyncIterator
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import BaseModel, Field

from backend.api.deps import DatabaseOfApp
from backend.db.session import Database
from backend.domain.runs import RunState
from backend.services.runs import stream_events
from backend.services.runs.event_feed import EventFeed, Subscription
from backend.services.runs.stream_events import Cursor, Event

router = APIRouter(tags=["events"])
RETRY_MS = 3000
Topic = Literal["run", "news", "prediction", "outcome", "report"]
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


class NewRows(BaseModel):
    """Of `news`, `prediction`, `outcome` and `report`: what one statement stored. Ids of outcomes are of forecasts."""

    count: int
    ids: list[int]
    stock_codes: list[str] = Field(description="Stocks that they are of, at most 100; empty of news.")


class RunChange(BaseModel):
    """Of `run`: where a run stands now."""

    id: UUID
    kind: str
    state: RunState
    progress: float


class SentEvent(BaseModel):
    """One event of a webhook."""

    id: str = Field(description="Its place in the stream: take each id once.", examples=["1042-77"])
    type: Topic
    at: datetime
    data: RunChange | NewRows


class WebhookMessage(BaseModel):
    """What AZAK_WEBHOOK_URL is sent, signed; docs/webhooks.md says how to verify it."""

    service: Literal["azak"]
    events: list[SentEvent] = Field(description="Oldest first, at most 100.")


webhooks = APIRouter()


@webhooks.post("events", tags=["events"], responses={"default": {"description": "Sent again, for a week."}})
async def tell_events(body: WebhookMessage) -> None:
    """azak sends this to AZAK_WEBHOOK_URL, again until it is answered with 2xx."""


@router.get("/api/events", response_class=EventSourceResponse)
async def stream(
    database: DatabaseOfApp,
    subscription: Annotated[Subscription, Depends(_subscription)],
    last_event_id: LastEventId = None,
    topic: Annotated[list[Topic] | None, Query(max_length=5, description="Only these kinds of events.")] = None,
) -> AsyncIterable[ServerSentEvent]:
    """`hello`, then `run` for each change of a run: `{id, kind, state, progress}`, and `news`, `prediction`, `outcome`
    and `report` for what is new of them: `{count, ids, stock_codes}`, at most 100 of each; ids of outcomes are those of
    their forecasts. Forecasts are live ones.

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
        if topic is None or event.topic in topic:
            yield _sent(event)
    async for events in subscription.batches():
        for event in events:
            if event.cursor > position and (topic is None or event.topic in topic):
                yield _sent(event)
    yield ServerSentEvent(event="bye", data={})
