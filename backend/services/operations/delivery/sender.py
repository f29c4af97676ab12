"""Sends what waits in the outbox: a loop of every API instance and every scheduler, so that any of them may be down.

What a channel took while the database was away again is remembered here and stored when it answers, so that it is not
sent a second time.
"""

import asyncio
from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Row

from backend import clock
from backend.channels import post
from backend.channels.kinds import Channel, event_channel, list_channels
from backend.channels.message import Message
from backend.channels.request import NotDeliveredError
from backend.config import Settings
from backend.db.session import Database
from backend.db.troubles import tell
from backend.log import get_logger
from backend.loops.registry import Loop
from backend.services.operations.delivery import alarms, event_feed, outbox

_log = get_logger(__name__)
EVERY_S: Final = 2.0


class Sender:
    """`name`: this process, as named in messages. `loop` is stamped when a turn could read the outbox."""

    def __init__(self, settings: Settings, database: Database, name: str, loop: Loop) -> None:
        events = event_channel(settings.webhook)
        self._channels = list_channels(settings.watchdog) + ([] if events is None else [events])
        self._topics = frozenset(settings.webhook.events.split(",")) if events is not None else None
        self._private = settings.watchdog.private_addresses
        self._database = database
        self._name = name
        self._loop = loop
        self._taken: set[int] = set()  # by a channel, and not stored yet

    async def run(self) -> None:
        """Until cancelled. Without a channel there is nothing to send."""
        while True:
            try:
                await self.turn()
                self._loop.turn()
            except Exception as error:  # noqa: BLE001  (what waits is sent in a later turn)
                self._loop.fail(tell(error))
                _log.warning("outbox_waits", error=repr(error))
            await asyncio.sleep(EVERY_S)

    async def turn(self) -> None:
        """Send what is due, each channel by itself: a slow one delays no other."""
        if not self._channels:
            return
        await self._store(set(self._taken))
        if self._topics is not None:
            async with self._database.write() as session:
                await event_feed.feed(session, self._topics)
        async with self._database.read() as session:
            due = await outbox.list_due_channels(session, [channel.name for channel in self._channels])
        wanted = [channel for channel in self._channels if channel.name in due]
        failed = await asyncio.gather(*(self._serve(channel) for channel in wanted), return_exceptions=True)
        for error in failed:
            if error is not None:
                raise error

    async def _store(self, taken: set[int]) -> None:
        if taken:
            async with self._database.write() as session:
                await outbox.record_delivered(session, taken)
            self._taken -= taken

    async def _serve(self, channel: Channel) -> None:
        async with self._database.write() as session:
            rows = [row for row in await outbox.claim(session, channel.name) if row.id not in self._taken]
            still_open = [str(row.sentence) for row in await alarms.list_open(session)]
        if not rows:
            return
        ids = {row.id for row in rows}
        try:
            message = (
                compose_events(rows) if channel.name == event_feed.CHANNEL else compose(rows, still_open, self._name)
            )
            await post.send(channel.request(message), private=self._private)
        except NotDeliveredError as error:
            _log.warning("not_delivered", channel=channel.name, error=error.detail)
            async with self._database.write() as session:
                await outbox.record_failed(session, ids, error.detail, pause_s=error.pause_s)
            return
        self._taken |= ids
        _log.info("delivered", channel=channel.name, lines=len(ids))
        await self._store(ids)


def compose_events(rows: Sequence[Row[Any]]) -> Message:
    """One message of events, oldest first."""
    body = {"service": "azak", "events": [dict(row.event) for row in rows]}
    return Message(_identity(rows), "azak has news", [row.line for row in rows], is_urgent=False, body=body)


def compose(rows: Sequence[Row[Any]], still_open: Sequence[str], name: str) -> Message:
    """One message of all lines that wait for a channel; `still_open`: the troubles of now, for the plain webhook."""
    begun = [dict(row.event) for row in rows if row.event.get("phase") == "began"]
    ended = [dict(row.event) for row in rows if row.event.get("phase") == "ended"]
    body = {
        "service": "azak",
        "status": "degraded" if still_open else "ok",
        "reasons": list(still_open),
        "began": begun,
        "ended": ended,
        "at": clock.now().isoformat(),
        "from": name,
    }
    title = "azak needs a look" if still_open else "azak is well again"
    return Message(_identity(rows), title, [row.line for row in rows], is_urgent=bool(begun), body=body)


def _identity(rows: Sequence[Row[Any]]) -> str:
    """The same in each try of the same lines, and another with a line more: a receiver drops what it knows.

    Lines wait in the order of their ids, so that the first and the last say which they are; the moment tells them from
    those of a database that was made anew, which counts from 1 again. No full stop: that separates what is signed.
    """
    return f"{rows[0].created_at:%Y%m%dT%H%M%S%f}/{rows[0].id}-{rows[-1].id}"
