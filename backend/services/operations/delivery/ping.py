"""The dead man's switch: a URL that is asked once a minute while all is well, or whatever is not was told.

So its silence means that azak, its database or its alarms are dead, whichever it is, and the service behind the URL
(healthchecks.io, Uptime Kuma, Better Stack) raises the alarm. Setting: AZAK_WATCHDOG_PING.
"""

from datetime import timedelta
from typing import Final

from sqlalchemy import func, or_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.tables.processes import Heartbeat

EVERY: Final = timedelta(seconds=60)
_NOW: Final = func.clock_timestamp()


async def take_turn(session: AsyncSession) -> bool:
    """Whether this process asks now: one of all processes does, once a minute."""
    new = insert(Heartbeat).values(component="watchdog", instance="ping", state="asked", details={}, ts=_NOW)
    is_due = or_(Heartbeat.ts <= _NOW - EVERY, Heartbeat.ts > _NOW + EVERY)
    taking = new.on_conflict_do_update(
        index_elements=["component", "instance"], set_={"ts": new.excluded.ts}, where=is_due
    )
    return (await session.execute(taking.returning(Heartbeat.ts))).one_or_none() is not None
