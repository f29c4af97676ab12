"""Who is the active scheduler. Demote first, ask later: our own deadline is taken before the query.

Being active is only an economy (one clock, one owner of the models). Safety rests on unique keys and
the attempt fence, which hold with two of them. Settings: AZAK_SCHEDULER_LEASE_TTL_S.
"""

import asyncio
import time

from backend.db.session import Database, Session, is_connection_loss
from backend.services.runs import leader

_MARGIN = 0.2  # of the TTL: we stop believing in our lease before the database does


class Lease:
    """This process's view of the lease. `epoch` is set while it is active."""

    def __init__(self, database: Database, holder: str, *, ttl_s: float) -> None:
        self.holder = holder
        self.epoch: int | None = None
        self.database_answers = False
        self.ttl_s = ttl_s
        self._database = database
        self._believed_until = 0.0

    @property
    def is_active(self) -> bool:
        return self.epoch is not None and time.monotonic() < self._believed_until

    async def renew(self) -> bool:
        """Take or renew the lease; gives `is_active`. A database that is away leaves the old deadline standing."""
        if self.epoch is not None and not self.is_active:
            self.epoch = None
        asked = time.monotonic()
        try:
            # A connection whose other end is gone must not hold us up until somebody else has the lease.
            async with asyncio.timeout(self.ttl_s / 3), self._database.write() as session:
                epoch = await leader.take_or_renew(session, holder=self.holder, ttl_s=self.ttl_s)
        except Exception as error:
            if not is_connection_loss(error):
                raise
            self.database_answers = False
            return self.is_active
        self.database_answers = True
        self.epoch = epoch
        self._believed_until = asked + self.ttl_s * (1 - _MARGIN) if epoch is not None else 0.0
        return self.is_active

    async def fence(self, session: Session) -> None:
        """The last statement of what only the active scheduler may write. Raises LeaseLostError."""
        await leader.fence(session, holder=self.holder, epoch=self.epoch or 0)

    async def release(self) -> None:
        """Give it up at a clean stop, so that a standby need not wait."""
        self.epoch = None
        async with self._database.write() as session:
            await leader.release(session, holder=self.holder)
