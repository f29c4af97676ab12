"""A streaming replica for what pages read: used while it is fresh, else the primary serves its reads.

How far it is behind is measured by positions in the log, not by the age of its last transaction, which grows while
nobody writes: the primary's position is noted each second, and the replica is as old as the newest note that it has
replayed. Whoever has a key reads from the primary (backend.web.planned_reads), so that a write is seen at once. What is
no hot read (runs, jobs, settings) is read there, too. Settings: AZAK_DATABASE_REPLICA_*.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from typing import Any, Final

from sqlalchemy import text

from backend.config import Settings
from backend.db.reader import Reader, open_reader
from backend.db.session import Database
from backend.db.troubles import explain, tell
from backend.errors import TroubleError
from backend.log import get_logger
from backend.loops.registry import Loop, Loops

_log = get_logger(__name__)
EVERY_S: Final = 1.0
_REMEMBERED: Final = 600  # notes; of a replica that is ten minutes behind only that is known
_PRIMARY: Final = text("SELECT system_identifier::text, pg_current_wal_lsn()::text FROM pg_control_system()")
_REPLICA: Final = """
SELECT system_identifier::text, pg_is_in_recovery(), pg_last_wal_replay_lsn()::text FROM pg_control_system()
"""
_NO_REPLICA: Final = "it is no streaming replica of AZAK_DATABASE_URL's server"


class Replica:
    """`reader`: its connections; `within_s`: how old it may be. `loop` is stamped when both servers were compared."""

    def __init__(
        self, database: Database, reader: Reader, loop: Loop, within_s: float, now: Callable[[], float] = time.monotonic
    ) -> None:
        self.reader = reader
        self.within_s = within_s
        self._database = database
        self._loop = loop
        self._now = now
        self._notes: deque[tuple[float, int]] = deque(maxlen=_REMEMBERED)
        self._as_of: float | None = None  # moment of the newest note that it has replayed
        self._began = now()
        self._error: str | None = None

    @property
    def behind_s(self) -> float:
        """How old what it shows is at most, in seconds; since the start while nothing is known."""
        return self._now() - (self._began if self._as_of is None else self._as_of)

    @property
    def is_fresh(self) -> bool:
        return self._error is None and self._as_of is not None and self.behind_s <= self.within_s

    def state(self) -> dict[str, Any]:
        """For the row of this process. One that has only just begun to look is not called stale."""
        known = self._as_of is not None or self._error is not None or self.behind_s > self.within_s
        return {"is_fresh": self.is_fresh or not known, "behind_s": round(self.behind_s, 1), "error": self._error}

    def lose(self, error: TroubleError) -> None:
        """A read failed: nobody asks it until a look succeeds."""
        self._error = error.detail

    async def run(self) -> None:
        """Look each second, until cancelled."""
        while True:
            try:
                await self.look()
            except Exception as error:  # noqa: BLE001  (a server that is away must be looked at again)
                self._loop.fail(tell(error))
                _log.warning("replica_not_compared", error=repr(error))
            await asyncio.sleep(EVERY_S)

    async def look(self) -> None:
        """Compare the two servers. What is wrong with the replica is kept; of the primary it is raised."""
        async with self._database.probe() as session:
            primary, written = (await session.execute(_PRIMARY)).one()
        self._notes.append((self._now(), _position(written)))
        try:
            ((server, recovers, replayed),) = await self.reader.fetch(_REPLICA)
        except Exception as error:  # noqa: BLE001  (whatever it is: its class is told)
            self._error = explain(error).detail
        else:
            is_ours = server == primary and recovers and replayed is not None
            self._error = None if is_ours else _NO_REPLICA
            if is_ours:
                self._note(_position(replayed))
        self._loop.turn()

    def _note(self, replayed: int) -> None:
        while self._notes and self._notes[0][1] <= replayed:
            self._as_of = self._notes.popleft()[0]


def _position(lsn: str) -> int:
    """A position in the log, which PostgreSQL writes as two hexadecimal numbers, in bytes."""
    high, _, low = lsn.partition("/")
    return (int(high, 16) << 32) + int(low, 16)


async def open_replica(settings: Settings, database: Database, loops: Loops) -> Replica | None:
    """None without AZAK_DATABASE_REPLICA_URL."""
    address = settings.replica_address()
    if address is None:
        return None
    reader = await open_reader(settings, "api.replica", address)
    return Replica(database, reader, loops.expect("replica"), settings.database.replica_lag_s)
