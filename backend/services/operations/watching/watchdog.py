"""Looks at the health of azak and puts what begins and ends into the outbox. Settings: AZAK_WATCHDOG_*.

Every API instance and every scheduler looks, because any of them may be the one that is down; the table of alarms
makes one of what they see. What two looks in a row saw has begun, what two in a row did not see has ended, so that a
restart tells nothing.
"""

import asyncio
from collections.abc import Callable, Collection, Coroutine, Sequence
from typing import Any

from backend.channels import post
from backend.channels.kinds import event_channel, list_channels
from backend.channels.request import NotDeliveredError, Request
from backend.config import Settings, WatchdogSettings
from backend.db.session import Database
from backend.db.troubles import explain, is_of_database, tell
from backend.domain.operations import Reason
from backend.log import get_logger
from backend.loops.registry import WITHIN_S, Loop, Loops
from backend.services.operations.delivery import alarms, ping
from backend.services.operations.delivery.outage import Outage
from backend.services.operations.delivery.sender import Sender
from backend.services.operations.health import get_health
from backend.services.operations.watching.signs import Signs

_log = get_logger(__name__)

_WAITS = 3
OwnReasons = Callable[[], Sequence[Reason]]
"""What a process knows of its own trouble, which it may be unable to write into its row."""


class Watchdog:
    """Looks periodically. `name`: this process, as named in messages; `loop` is stamped when a look came to its end."""

    def __init__(self, settings: Settings, database: Database, name: str, loop: Loop, own: OwnReasons) -> None:
        self._settings = settings.watchdog
        self._silent_after_s = settings.scheduler.silent_after_s
        self._database = database
        self._loop = loop
        self._own = own
        self._before: dict[str, Reason] | None = None
        self._could_store = True
        self._waited = 0  # looks that were left to another process
        channels = list_channels(settings.watchdog)
        self._names = [channel.name for channel in channels]
        private = settings.watchdog.private_addresses
        self._outage = Outage(settings.data_dir, channels, name, private=private)

    async def run(self) -> None:
        """Look every AZAK_WATCHDOG_EVERY_S seconds, until cancelled."""
        self._outage.resume()
        try:
            while True:
                await self._look_once()
                await asyncio.sleep(self._settings.every_s)
        finally:
            self._outage.close()

    async def _look_once(self) -> None:
        try:
            await self.look()
            self._loop.turn()
        except Exception as error:  # noqa: BLE001  (a watchdog that fails must go on looking)
            self._loop.fail(tell(error))
            _log.error("watchdog_failed", error=repr(error), exc_info=not is_of_database(error))

    async def look(self) -> None:
        """One look; what the look before saw, too, is told."""
        health = await get_health(self._database, silent_after_s=self._silent_after_s, own=self._own())
        seen = {reason.key: reason for reason in health.list_reasons()}
        before, self._before = self._before, seen
        if before is None:
            return
        begun = [reason for key, reason in seen.items() if key in before]
        if not health.reachable:
            self._could_store = False
            await self._outage.look(begun)
            return
        if not self._could_store:
            self._outage.resume()  # the process that told it may have ended
            if self._outage.is_elsewhere and self._waited < _WAITS:
                self._waited += 1  # it knows what was told; what is stored before it would be told again
                return
        try:
            await self._store(begun, seen.keys() | before.keys())
        except Exception as error:
            if not self._could_store:
                found = explain(error)
                await self._outage.look([Reason(found.trouble.code, "", found.detail), *begun])
            self._could_store = False
            raise
        self._could_store, self._waited = True, 0
        await self._ping(seen)

    async def _store(self, begun: Sequence[Reason], lasting: set[str]) -> None:
        """Everything open that is not `lasting` has ended; first of all what was told past the outbox is stored."""
        async with self._database.write() as session:
            if self._outage.is_on:
                await self._outage.store(session)
            keys = {f"{row.code}:{row.subject}" for row in await alarms.list_open(session)}
            gone = keys - lasting
            await alarms.record(session, begun, gone=gone, channels=self._names)
        if self._outage.is_on:
            self._outage.forget()

    async def _ping(self, seen: Collection[str]) -> None:
        """Ask the dead man's switch, unless something is wrong that nobody has been told."""
        if self._settings.ping is None or (seen and not await self._are_told(seen)):
            return
        async with self._database.write() as session:
            if not await ping.take_turn(session):
                return
        try:
            url = self._settings.ping.get_secret_value()
            await post.send(Request(url), private=self._settings.private_addresses)
        except NotDeliveredError as error:
            _log.warning("ping_failed", error=error.detail)

    async def _are_told(self, seen: Collection[str]) -> bool:
        async with self._database.read() as session:
            begun = {f"{row.code}:{row.subject}" for row in await alarms.list_open(session)}
            return begun.issuperset(seen) and await alarms.are_told(session)


def _is_wanted(settings: WatchdogSettings) -> bool:
    """Whether anybody is to be told."""
    return bool(list_channels(settings)) or settings.ping is not None


def list_tellers(
    settings: Settings, database: Database, name: str, loops: Loops, signs: Signs
) -> list[Coroutine[Any, Any, None]]:
    """What a process `name` runs beside its work until it is cancelled; nothing when nobody is to be told."""
    if not _is_wanted(settings.watchdog):
        return [] if event_channel(settings.webhook) is None else [_sender(settings, database, name, loops).run()]
    looking = loops.expect("watchdog", within_s=max(WITHIN_S, 2.5 * settings.watchdog.every_s))
    watchdog = Watchdog(settings, database, name, looking, signs.list_reasons)
    return [watchdog.run(), _sender(settings, database, name, loops).run()]


def _sender(settings: Settings, database: Database, name: str, loops: Loops) -> Sender:
    return Sender(settings, database, name, loops.expect("outbox"))
