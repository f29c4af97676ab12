"""Idempotency keys: a repeated request with the same key and body gets the stored response of the first one."""

from datetime import timedelta
from typing import Any

from sqlalchemy import and_, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.paging import AnyRow
from backend.db.tables.access import IdempotencyKey
from backend.errors import ConflictError, InvalidInputError

# A request without a response may have crashed: after this time a repetition may take its place.
_ABANDONED_AFTER = timedelta(seconds=60)


async def claim_request(session: AsyncSession, *, key: str, route: str, request_hash: str) -> dict[str, Any] | None:
    """Claim an idempotency key. Returns None for the first request with it, else the response of the first.

    Raises InvalidInputError when the key was used with another body, ConflictError while the first
    request is still being processed.
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
    """Store the response to the first request with this key."""
    mine = and_(IdempotencyKey.key == key, IdempotencyKey.route == route)
    await session.execute(update(IdempotencyKey).where(mine).values(status=status, response=response))


async def release_request(session: AsyncSession, *, key: str, route: str) -> None:
    """Delete the claim of a failed request, so that it may be repeated with the same key."""
    mine = and_(IdempotencyKey.key == key, IdempotencyKey.route == route, IdempotencyKey.status.is_(None))
    await session.execute(delete(IdempotencyKey).where(mine))
