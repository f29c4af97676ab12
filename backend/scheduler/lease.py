"""Lease of the active scheduler, as this process sees it. Its deadline is measured from before the query.

One active scheduler saves resources (one clock, one model process). Correctness does not depend on it: unique keys and
the fence of attempts also hold with two of them. Settings: AZAK_SCHEDULER_LEASE_TTL_S.
"""

import asyncio
import time

from backend.db.session import Database, Session
from backend.db.troubles import is_of_database
from backend.errors import TroubleError
from backend.services.runs import leader
from backend.trouble import DATABASE_BUSY

_MARGIN = 0.2  # of the TTL: our deadline is this much before the database's


class Lease:
    """Takes, renews and releases the lease. `epoch` is set while this process is active."""

    def __init__(self, database: Database, holder: str, *, ttl_s: float) -> None:
        self.holder = holder
        self.epoch: int | None = None
        self.error: Exception | None = None  # of the last renewal; None: the database answered
        self.ttl_s = ttl_s
        self._database = database
        self._believed_until = 0.0

    @property
    def is_active(self) -> bool:
        return self.epoch is not None and time.monotonic() < self._believed_until

    async def renew(self) -> bool:
        """Take or renew the lease. Returns `is_active`; without a database the old deadline remains."""
        if self.epoch is not None and not self.is_active:
            self.epoch = None
        asked = time.monotonic()
        try:
            # A dead connection must not block us until another process has the lease.
            async with asyncio.timeout(self.ttl_s / 3), self._database.write() as session:
                epoch = await leader.take_or_renew(session, holder=self.holder, ttl_s=self.ttl_s)
        except Exception as error:
            if not isinstance(error, TimeoutError) and not is_of_database(error):
                raise
            self.error = TroubleError(DATABASE_BUSY) if isinstance(error, TimeoutError) else error
            return self.is_active
        self.error = None
        self.epoch = epoch
        self._believed_until = asked + self.ttl_s * (1 - _MARGIN) if epoch is not None else 0.0
        return self.is_active

    async def fence(self, session: Session) -> None:
        """Check the lease; last statement of transactions that only the leader may commit. Raises LeaseLostError."""
        await leader.fence(session, holder=self.holder, epoch=self.epoch or 0)

    async def release(self) -> None:
        """Release the lease at a clean stop, so that a standby takes over at once."""
        self.epoch = None
        async with self._database.write() as session:
            await leader.release(session, holder=self.holder)
