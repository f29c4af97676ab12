"""Leader election of the scheduler: a lease in one row with an epoch, judged by the database's clock only.

Not a session advisory lock: that resulted in two leaders behind a transaction pooler, and in no takeover from a frozen
holder (both measured).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import case, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.tables.processes import Leader
from backend.errors import LeaseLostError

_NOW = func.clock_timestamp()


@dataclass(frozen=True, slots=True)
class LeaderRow:
    """The stored lease; `epoch` grows with each new holder."""

    holder: str
    epoch: int
    acquired_at: datetime
    expired: bool


async def take_or_renew(session: AsyncSession, *, holder: str, ttl_s: float) -> int | None:
    """Take a free lease or renew our own. Returns its epoch, or None while another process holds it.

    A lease that ends too far ahead is free: the database's clock was set back, and a living holder renews soon.
    """
    new = insert(Leader).values(
        id=1, holder=holder, epoch=1, acquired_at=_NOW, expires_at=_NOW + timedelta(seconds=ttl_s)
    )
    ours = Leader.holder == new.excluded.holder
    statement = new.on_conflict_do_update(
        index_elements=["id"],
        set_={
            "holder": new.excluded.holder,
            "epoch": case((ours, Leader.epoch), else_=Leader.epoch + 1),
            "acquired_at": case((ours, Leader.acquired_at), else_=new.excluded.acquired_at),
            "expires_at": new.excluded.expires_at,
        },
        where=or_(ours, Leader.expires_at < _NOW, Leader.expires_at > _NOW + _longest(ttl_s)),
    ).returning(Leader.epoch)
    return (await session.execute(statement)).scalar_one_or_none()


def _longest(ttl_s: float) -> timedelta:
    """No lease ends later than this, whatever its holder's TTL: one that does is of a clock that was set back."""
    return timedelta(seconds=max(60.0, 5 * ttl_s))


async def fence(session: AsyncSession, *, holder: str, epoch: int) -> None:
    """Check that `holder` still has the lease; the last statement of transactions that only the leader may commit.

    Raises LeaseLostError, which rolls the transaction back. The row stays locked until the commit, so that no other
    process takes the lease in between.
    """
    mine = select(Leader.id).where(Leader.holder == holder, Leader.epoch == epoch, Leader.expires_at > _NOW)
    if await session.scalar(mine.with_for_update(read=True)) is None:
        raise LeaseLostError(f"Epoch {epoch} of {holder} is over; another scheduler is the active one now.")


async def release(session: AsyncSession, *, holder: str) -> None:
    """Release the lease, so that a standby takes over at once."""
    await session.execute(update(Leader).where(Leader.holder == holder).values(expires_at=_NOW))


async def get_leader(session: AsyncSession) -> LeaderRow | None:
    """The current or last holder of the lease; None before the first."""
    query = select(Leader.holder, Leader.epoch, Leader.acquired_at, Leader.expires_at < _NOW)
    row = (await session.execute(query)).one_or_none()
    return None if row is None else LeaderRow(*row)
