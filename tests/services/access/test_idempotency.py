"""A repeated request is answered as the first one was, and never done twice."""

from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.errors import ConflictError, InvalidInputError
from backend.services.access import idempotency

CLICK = {"key": "click-1", "route": "POST /api/reports"}
ANSWER = {"id": "a run"}


async def claim(session: AsyncSession, request_hash: str = "body") -> dict[str, Any] | None:
    return await idempotency.claim_request(session, **CLICK, request_hash=request_hash)


async def age(session: AsyncSession, seconds: int) -> None:
    await session.execute(text(f"UPDATE idempotency_keys SET created_at = now() - interval '{seconds} seconds'"))


async def test_the_second_request_waits_for_the_first_and_gets_its_answer(session: AsyncSession) -> None:
    assert await claim(session) is None
    with pytest.raises(ConflictError, match="still at work; ask again in a second"):
        await claim(session)
    await idempotency.record_answer(session, **CLICK, status=202, response=ANSWER)
    assert await claim(session) == ANSWER
    with pytest.raises(InvalidInputError, match="with another body; use a new key"):
        await claim(session, "another body")
    other = {"key": "click-1", "route": "POST /api/prediction"}
    assert await idempotency.claim_request(session, **other, request_hash="body") is None


async def test_a_request_that_ended_without_an_answer_is_repeated(session: AsyncSession) -> None:
    """At once when its failure was told, after a minute when its process died; an answered one never."""
    await claim(session)
    await idempotency.release_request(session, **CLICK)
    assert await claim(session) is None
    await age(session, 59)
    with pytest.raises(ConflictError):
        await claim(session)
    await age(session, 61)
    with pytest.raises(InvalidInputError):
        await claim(session, "another body")
    assert await claim(session) is None
    await idempotency.record_answer(session, **CLICK, status=202, response=ANSWER)
    await age(session, 61)
    await idempotency.release_request(session, **CLICK)
    assert await claim(session) == ANSWER
