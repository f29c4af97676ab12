"""The moments that evidence is recorded and read at, so that a later read of the same moment finds the same rows.

A row that is committed after a read must carry a later `recorded_at` than the moment of that read. Writers therefore
share a lock from the moment they take until they commit, and a reader takes its own moment while nobody holds it.
"""

from datetime import datetime
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend import clock

_LOCK: Final = 0x65766964  # "evid"; a migration has a lock of its own
_SHARED = text(f"SELECT pg_advisory_xact_lock_shared({_LOCK})")
_ALONE = text(f"SELECT pg_advisory_xact_lock({_LOCK})")


async def take_recording_moment(session: AsyncSession) -> datetime:
    """`recorded_at` of what this transaction writes; its first statement, because a lock held before could deadlock."""
    await session.execute(_SHARED)
    return clock.now()


async def take_reading_moment(session: AsyncSession) -> datetime:
    """A moment up to which everything recorded is committed; `session` is a write of its own that ends at once."""
    await session.execute(_ALONE)
    return clock.now()
