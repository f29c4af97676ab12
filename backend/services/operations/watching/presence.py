"""The row of an API instance: it says every 5 s how it is, so that one that froze is named by those that did not."""

import asyncio
from typing import Final

from backend.db.session import Database
from backend.db.troubles import is_of_database, tell
from backend.log import get_logger
from backend.loops.registry import Loop
from backend.services.operations.processes import record_heartbeat
from backend.services.operations.watching.signs import Signs

_log = get_logger(__name__)
COMPONENT: Final = "api"
BEAT_S: Final = 5.0


class Presence:
    """`loop` is stamped when the row was written."""

    def __init__(self, database: Database, instance: str, signs: Signs, loop: Loop) -> None:
        self._database = database
        self._instance = instance
        self._signs = signs
        self._loop = loop

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                await self._beat("serving")
                self._loop.turn()
            except Exception as error:  # noqa: BLE001  (the next beat tries again)
                self._loop.fail(tell(error))
                _log.warning("heartbeat_not_stored", error=repr(error), exc_info=not is_of_database(error))
            await asyncio.sleep(BEAT_S)

    async def stop(self) -> None:
        """The last row: this instance ended on purpose. Without a database it will count as silent."""
        try:
            async with asyncio.timeout(1):
                await self._beat("stopped")
        except Exception as error:  # noqa: BLE001  (the process ends anyway)
            _log.warning("heartbeat_not_stored", error=repr(error))

    async def _beat(self, state: str) -> None:
        try:
            async with self._database.write() as session:
                await self._signs.measure_clock(session)
                details = {"signs": self._signs.read()}
                await record_heartbeat(
                    session, component=COMPONENT, instance=self._instance, state=state, details=details
                )
        except Exception as error:
            self._signs.written(error)
            raise
        self._signs.written()
