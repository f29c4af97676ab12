"""Access tokens of sources that limit how often they issue one: one row per source, shared by all processes.

One process at a time claims the right to request a token. A claim lasts `CLAIM` even if it fails, so that a crash loop
requests no more than one token in that time. The caller encrypts the token (see backend.pipelines.sources.kis_access).
"""

from datetime import datetime, timedelta
from typing import Final, NamedTuple

from sqlalchemy import func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.tables.sources import SourceToken

CLAIM: Final = timedelta(seconds=61)  # KIS issues one token per minute
MARGIN: Final = timedelta(minutes=5)  # a token that expires sooner is replaced


class StoredToken(NamedTuple):
    """`sealed` is the encrypted token; None while one is being requested."""

    key_hash: str
    sealed: str | None
    expires_at: datetime | None
    claimed_until: datetime


async def get_token(session: AsyncSession, source: str) -> StoredToken | None:
    """The stored token of a source, valid or not; None if there is none."""
    columns = (SourceToken.key_hash, SourceToken.sealed, SourceToken.expires_at, SourceToken.claimed_until)
    row = (await session.execute(select(*columns).where(SourceToken.source == source))).one_or_none()
    return None if row is None else StoredToken(*row)


async def claim_token(session: AsyncSession, source: str, key_hash: str, *, rejected: str | None) -> bool:
    """Claim the right to request a new token. `rejected`: a `sealed` token that the source no longer accepts.

    Returns False when the stored token is still valid, or another process has the claim.
    """
    until = func.now() + CLAIM
    stale = or_(
        SourceToken.sealed.is_(None),
        SourceToken.expires_at < func.now() + MARGIN,
        SourceToken.key_hash != key_hash,
        SourceToken.sealed == rejected,
    )
    statement = insert(SourceToken).values(source=source, key_hash=key_hash, claimed_until=until)
    claimed = statement.on_conflict_do_update(
        index_elements=["source"],
        set_={"key_hash": key_hash, "claimed_until": until, "sealed": None, "expires_at": None},
        where=stale & (SourceToken.claimed_until < func.now()),
    ).returning(SourceToken.source)
    return (await session.execute(claimed)).one_or_none() is not None


async def store_token(session: AsyncSession, source: str, key_hash: str, sealed: str, expires_at: datetime) -> None:
    """Store the token that the claim was made for."""
    values = {"key_hash": key_hash, "sealed": sealed, "expires_at": expires_at}
    statement = insert(SourceToken).values(source=source, claimed_until=func.now(), **values)
    await session.execute(
        statement.on_conflict_do_update(index_elements=["source"], set_=values | {"issued_at": func.now()})
    )
