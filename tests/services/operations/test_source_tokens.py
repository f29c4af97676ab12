"""The one access token of a source: who may issue the next one, and when."""

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.services.operations import source_tokens


async def claim(session: AsyncSession, key: str = "key", rejected: str | None = None) -> bool:
    return await source_tokens.claim_token(session, "kis", key, rejected=rejected)


async def age(session: AsyncSession, column: str, left: str) -> None:
    await session.execute(text(f"UPDATE source_tokens SET {column} = now() + interval '{left}'"))


async def test_a_token_is_issued_at_most_once_in_61_seconds(session: AsyncSession) -> None:
    """Within one transaction the database's clock stands still."""
    assert [await claim(session), await claim(session)] == [True, False]
    left = await session.scalar(text("SELECT claimed_until - now() FROM source_tokens"))
    assert left == timedelta(seconds=61)
    await age(session, "claimed_until", "0 seconds")
    assert not await claim(session)
    await age(session, "claimed_until", "-1 seconds")
    assert await claim(session)


@pytest.mark.parametrize(
    ("left", "key", "rejected", "replaced"),
    [
        ("6 minutes", "key", None, False),
        ("5 minutes", "key", None, False),
        ("299 seconds", "key", None, True),
        ("6 minutes", "another key", None, True),
        ("6 minutes", "key", "sealed", True),
        ("6 minutes", "key", "an older one", False),
    ],
)
async def test_a_token_is_replaced_when_it_ends_soon_is_of_another_key_or_was_rejected(
    session: AsyncSession, left: str, key: str, rejected: str | None, replaced: bool
) -> None:
    await claim(session)
    moment = await session.scalar(text("SELECT now()"))
    await source_tokens.store_token(session, "kis", "key", "sealed", moment)
    await age(session, "expires_at", left)
    await age(session, "claimed_until", "-1 seconds")
    assert await claim(session, key, rejected) is replaced
    stored = await source_tokens.get_token(session, "kis")
    assert stored is not None
    assert (stored.sealed, stored.key_hash) == ((None, key) if replaced else ("sealed", "key"))
