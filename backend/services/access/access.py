"""API keys with scopes, browser sessions (cookies) and one-time sign-in links.

A key is AZAK_API_KEY (all scopes) or an unrevoked, unexpired row of api_keys. A browser session belongs to the key it
was made with and becomes invalid with it. Secrets are stored and compared as SHA-256 hashes only.
"""

import hashlib
import hmac
import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, delete, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.conflicts import named_conflicts
from backend.db.paging import AnyRow
from backend.db.tables.access import SCOPES, ApiKey, SignIn, SignInLink
from backend.errors import NotFoundError, UnauthorizedError

SIGN_IN_LASTS = timedelta(days=30)
LINK_LASTS = timedelta(minutes=15)
CONFIGURED_KEY = "key"
_LINK_OVER = "This sign-in link was used or is over 15 minutes old; make a new one with 'azak sign-in'."


@dataclass(frozen=True, slots=True)
class Identity:
    """The owner of a key and the scopes the key grants."""

    name: str
    scopes: frozenset[str]
    key_hash: bytes


def hash_secret(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


async def find_identity(session: AsyncSession, key: str, configured: str | None) -> Identity | None:
    """The identity of an API key; None if the key is unknown, revoked or expired."""
    return await _identify(session, hash_secret(key), configured)


async def find_signed_in(session: AsyncSession, token: str, configured: str | None) -> Identity | None:
    """The identity of a browser session; None if the session has expired or its key is no longer valid."""
    alive = and_(SignIn.token_hash == hash_secret(token), SignIn.expires_at > func.now())
    key_hash = await session.scalar(select(SignIn.key_hash).where(alive))
    return None if key_hash is None else await _identify(session, key_hash, configured)


async def _identify(session: AsyncSession, digest: bytes, configured: str | None) -> Identity | None:
    if configured and hmac.compare_digest(digest, hash_secret(configured)):
        return Identity(CONFIGURED_KEY, frozenset(SCOPES), digest)
    alive = and_(
        ApiKey.key_hash == digest,
        ApiKey.revoked_at.is_(None),
        or_(ApiKey.expires_at.is_(None), ApiKey.expires_at > func.now()),
    )
    row = (await session.execute(select(ApiKey.name, ApiKey.scopes, ApiKey.key_hash).where(alive))).one_or_none()
    if row is None or not hmac.compare_digest(row.key_hash, digest):
        return None
    return Identity(row.name, frozenset(row.scopes), digest)


async def add_sign_in(session: AsyncSession, identity: Identity) -> tuple[str, datetime]:
    """Create a browser session. Returns its token (the cookie) and its expiry; expired sessions are deleted."""
    token, expires_at = secrets.token_urlsafe(32), await _later(session, SIGN_IN_LASTS)
    await session.execute(delete(SignIn).where(SignIn.expires_at < func.now()))
    row = {"token_hash": hash_secret(token), "key_hash": identity.key_hash, "expires_at": expires_at}
    await session.execute(insert(SignIn).values(row))
    return token, expires_at


async def delete_sign_in(session: AsyncSession, token: str) -> None:
    await session.execute(delete(SignIn).where(SignIn.token_hash == hash_secret(token)))


async def add_sign_in_link(session: AsyncSession, identity: Identity) -> tuple[str, datetime]:
    """Create a one-time sign-in link for `identity`. Returns its token and its expiry."""
    token, expires_at = secrets.token_urlsafe(32), await _later(session, LINK_LASTS)
    await session.execute(delete(SignInLink).where(SignInLink.expires_at < func.now()))
    row = {"token_hash": hash_secret(token), "key_hash": identity.key_hash, "expires_at": expires_at}
    await session.execute(insert(SignInLink).values(row))
    return token, expires_at


async def use_sign_in_link(session: AsyncSession, token: str, configured: str | None) -> Identity:
    """Consume a sign-in link and return its identity. Raises UnauthorizedError if it has expired or was used."""
    mine = and_(SignInLink.token_hash == hash_secret(token), SignInLink.expires_at > func.now())
    key_hash = await session.scalar(delete(SignInLink).where(mine).returning(SignInLink.key_hash))
    identity = None if key_hash is None else await _identify(session, key_hash, configured)
    if identity is None:
        raise UnauthorizedError(_LINK_OVER)
    return identity


async def _later(session: AsyncSession, span: timedelta) -> datetime:
    moment: datetime = (await session.execute(select(func.now() + span))).scalar_one()
    return moment


_KEY_COLUMNS = (ApiKey.id, ApiKey.name, ApiKey.scopes, ApiKey.created_at, ApiKey.expires_at, ApiKey.revoked_at)


async def list_keys(session: AsyncSession) -> Sequence[AnyRow]:
    """All keys, revoked ones included, newest first; without their secrets."""
    return (await session.execute(select(*_KEY_COLUMNS).order_by(ApiKey.created_at.desc(), ApiKey.id))).all()


async def add_key(
    session: AsyncSession, *, name: str, scopes: Sequence[str], expires_at: datetime | None
) -> tuple[AnyRow, str]:
    """Create a key. Returns its row and, only here, its secret. Raises ConflictError for a name in use."""
    key = f"azak_{secrets.token_urlsafe(32)}"
    row = {"id": uuid.uuid4(), "name": name, "scopes": list(scopes), "expires_at": expires_at}
    row["key_hash"] = hash_secret(key)
    with named_conflicts():
        added = (await session.execute(insert(ApiKey).values(row).returning(*_KEY_COLUMNS))).one()
    return added, key


async def revoke_key(session: AsyncSession, key_id: uuid.UUID) -> AnyRow:
    """Revoke a key and its browser sessions; idempotent. Raises NotFoundError."""
    statement = (
        update(ApiKey)
        .where(ApiKey.id == key_id)
        .values(revoked_at=func.coalesce(ApiKey.revoked_at, func.now()))
        .returning(*_KEY_COLUMNS)
    )
    row = (await session.execute(statement)).one_or_none()
    if row is None:
        raise NotFoundError(f"There is no key {key_id}; list them with GET /api/keys.")
    return row
