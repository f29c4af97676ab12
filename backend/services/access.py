"""Who may write, and replays of one request. Keys are compared as SHA-256 in constant time.

A key is AZAK_API_KEY or an unrevoked row of api_keys; nothing stores a key in clear.
"""

import hashlib
import hmac
from datetime import timedelta
from typing import Any

from sqlalchemy import and_, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.tables.access import ApiKey, IdempotencyKey
from backend.errors import ConflictError, InvalidInputError
from backend.services.paging import AnyRow

# A request that died in the middle may be sent again after this time; two live ones never overlap.
_ABANDONED_AFTER = timedelta(seconds=60)


def hash_key(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()


async def find_writer(session: AsyncSession, given: str, configured: str | None) -> str | None:
    """Name of whom the key `given` belongs to, None if to nobody."""
    digest = hash_key(given)
    if configured and hmac.compare_digest(digest, hash_key(configured)):
        return "key"
    alive = and_(
        ApiKey.key_hash == digest,
        ApiKey.revoked_at.is_(None),
        or_(ApiKey.expires_at.is_(None), ApiKey.expires_at > func.now()),
    )
    row = (await session.execute(select(ApiKey.name, ApiKey.key_hash).where(alive))).one_or_none()
    return row.name if row is not None and hmac.compare_digest(row.key_hash, digest) else None


async def claim_request(session: AsyncSession, *, key: str, route: str, request_hash: str) -> dict[str, Any] | None:
    """Claim an idempotency key: None when this request is the first, else the answer of the first.

    Raises InvalidInputError when the key was used with another body, ConflictError while the first
    request is still at work.
    """
    fresh = {"key": key, "route": route, "request_hash": request_hash}
    abandoned = and_(
        IdempotencyKey.status.is_(None),
        IdempotencyKey.request_hash == request_hash,
        IdempotencyKey.created_at < func.now() - _ABANDONED_AFTER,
    )
    claim = (
        insert(IdempotencyKey)
        .values(fresh)
        .on_conflict_do_update(index_elements=["key", "route"], set_={"created_at": func.now()}, where=abandoned)
        .returning(IdempotencyKey.key)
    )
    if (await session.execute(claim)).one_or_none() is not None:
        return None
    return _answer_of(await _get_claim(session, key, route), request_hash)


async def _get_claim(session: AsyncSession, key: str, route: str) -> AnyRow:
    columns = (IdempotencyKey.request_hash, IdempotencyKey.status, IdempotencyKey.response)
    query = select(*columns).where(IdempotencyKey.key == key, IdempotencyKey.route == route)
    return (await session.execute(query)).one()


def _answer_of(claim: AnyRow, request_hash: str) -> dict[str, Any]:
    if claim.request_hash != request_hash:
        raise InvalidInputError("This Idempotency-Key was used with another body; use a new key for a new request.")
    if claim.status is None:
        raise ConflictError("The first request with this Idempotency-Key is still at work; ask again in a second.")
    response: dict[str, Any] = claim.response
    return response


async def record_answer(session: AsyncSession, *, key: str, route: str, status: int, response: dict[str, Any]) -> None:
    """Keep what the first request with this key was answered."""
    mine = and_(IdempotencyKey.key == key, IdempotencyKey.route == route)
    await session.execute(update(IdempotencyKey).where(mine).values(status=status, response=response))


async def release_request(session: AsyncSession, *, key: str, route: str) -> None:
    """Forget a claim whose request failed, so that it may be sent again with the same key."""
    mine = and_(IdempotencyKey.key == key, IdempotencyKey.route == route, IdempotencyKey.status.is_(None))
    await session.execute(delete(IdempotencyKey).where(mine))
