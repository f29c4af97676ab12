"""Distributes events to the streams of one API instance, over one LISTEN connection and one query for all of them.

The connection is opened for the first subscriber and closed after the last. Settings: AZAK_API_EVENT_STREAMS.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence

from backend.config import Settings
from backend.db.listener import Listener, listen
from backend.db.session import Database
from backend.db.troubles import is_of_database
from backend.errors import TooManyStreamsError
from backend.log import get_logger
from backend.services.runs import stream_events
from backend.services.runs.stream_events import Cursor, Event

log = get_logger(__name__)

# Poll at least this often: an event becomes visible when earlier transactions end, which sends no notification.
SETTLE_S = 1.0
_GATHER_S = 0.1
_RECONNECT_S = 2.0
_QUEUE_SIZE = 1000


class Subscription:
    """Queue of event batches for one stream. It ends when the instance stops or the reader is too slow."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[Sequence[Event] | None] = asyncio.Queue(_QUEUE_SIZE)

    def put(self, events: Sequence[Event]) -> None:
        try:
            self._queue.put_nowait(events)
        except asyncio.QueueFull:
            self.close()

    def close(self) -> None:
        """End the stream; the client gets unread events by its cursor, from any instance that it connects to next."""
        while not self._queue.empty():
            self._queue.get_nowait()
        self._queue.put_nowait(None)

    async def batches(self) -> AsyncIterator[Sequence[Event]]:
        while (events := await self._queue.get()) is not None:
            yield events


class EventFeed:
    """One per API process."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self._settings = settings
        self._database = database
        self._subscriptions: set[Subscription] = set()
        self._task: asyncio.Task[None] | None = None
        self._cursor = Cursor(0)
        self._closed = False

    @contextlib.asynccontextmanager
    async def subscribe(self) -> AsyncIterator[Subscription]:
        """Subscribe to events from now on. Raises TooManyStreamsError at the limit, or while the instance stops."""
        if self._closed or len(self._subscriptions) >= self._settings.api.event_streams:
            raise TooManyStreamsError
        async with self._database.read() as session:
            end = await stream_events.get_end(session)
        subscription = Subscription()
        self._subscriptions.add(subscription)
        if self._task is None:
            self._cursor = end
            self._task = asyncio.create_task(self._run())
        try:
            yield subscription
        finally:
            self._subscriptions.discard(subscription)
            if not self._subscriptions:
                await self._stop()

    def close(self) -> None:
        """End every stream; called before the server waits for its connections."""
        self._closed = True
        for subscription in self._subscriptions:
            subscription.close()

    async def _stop(self) -> None:
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _run(self) -> None:
        while True:
            try:
                async with listen(self._settings, stream_events.CHANNEL, "api.events") as listener:
                    await self._distribute(listener)
            except Exception as error:
                log.warning("event_feed_interrupted", reason=repr(error), exc_info=not is_of_database(error))
            await asyncio.sleep(_RECONNECT_S)

    async def _distribute(self, listener: Listener) -> None:
        while True:
            async with self._database.read() as session:
                events = await stream_events.list_events_after(session, self._cursor)
            if events:
                self._cursor = events[-1].cursor
                for subscription in self._subscriptions:
                    subscription.put(events)
            await asyncio.sleep(_GATHER_S)
            await listener.wait(SETTLE_S)
