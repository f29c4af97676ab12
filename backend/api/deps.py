"""Dependencies of routes: database, sessions, and the key that writes need."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import APIKeyCookie, HTTPAuthorizationCredentials, HTTPBearer

from backend.config import Settings
from backend.db.session import Database, Session
from backend.errors import ForbiddenError, UnauthorizedError
from backend.services.access import access, audit
from backend.services.access.access import Identity
from backend.web import request_id_of

COOKIE = "azak_session"


async def _database(request: Request) -> Database:
    database: Database = request.app.state.database
    return database


async def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


DatabaseOfApp = Annotated[Database, Depends(_database)]
SettingsOfApp = Annotated[Settings, Depends(_settings)]


async def _read_session(database: DatabaseOfApp) -> AsyncIterator[Session]:
    async with database.read() as session:
        yield session


async def _write_session(database: DatabaseOfApp) -> AsyncIterator[Session]:
    async with database.write() as session:
        yield session


# scope="function": the block ends before the answer is sent, so that a failing commit answers 500.
ReadSession = Annotated[Session, Depends(_read_session, scope="function")]
WriteSession = Annotated[Session, Depends(_write_session, scope="function")]

_bearer = HTTPBearer(auto_error=False, description="AZAK_API_KEY; 'azak up' makes one in its data directory.")
_cookie = APIKeyCookie(name=COOKIE, auto_error=False, description="Of a browser that signed in: POST /api/session.")
_KEY_WANTED = "needs the header 'Authorization: Bearer <AZAK_API_KEY>' or a signed-in browser; 'azak up' makes a key."


def configured_key(settings: Settings) -> str | None:
    return settings.api.key.get_secret_value() if settings.api.key else None


async def _identity(
    database: DatabaseOfApp,
    settings: SettingsOfApp,
    bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
    cookie: Annotated[str | None, Depends(_cookie)],
) -> Identity | None:
    """The caller; None without a key. Raises UnauthorizedError for a key that is not valid."""
    if bearer is None and cookie is None:
        return None
    async with database.read() as session:
        if bearer is not None:
            found = await access.find_identity(session, bearer.credentials, configured_key(settings))
        else:
            found = await access.find_signed_in(session, cookie or "", configured_key(settings))
    if found is None and bearer is not None:
        raise UnauthorizedError("This key is not valid; send AZAK_API_KEY or a key that is not revoked or expired.")
    return found


# The caller, or None without a key. A session takes no connection until it is used.
Caller = Annotated[Identity | None, Depends(_identity)]


def require_scope(caller: Identity | None, scope: str, what: str) -> Identity:
    """Raise UnauthorizedError without a key, ForbiddenError for a key without the scope."""
    if caller is None:
        raise UnauthorizedError(f"{what} {_KEY_WANTED}")
    if scope not in caller.scopes:
        raise ForbiddenError(
            f"{what} needs a key with the scope '{scope}'; 'azak keys add' makes one.",
            kind="missing-scope",
            values={"scope": scope},
        )
    return caller


async def require_reader(caller: Caller) -> None:
    """For every read while AZAK_API_OPEN_READS is false."""
    require_scope(caller, "read", "Reading")


async def audit_write(session: Session, request: Request, caller: Identity) -> None:
    """Store caller, method and path of a write in the audit log, under the request's id."""
    await audit.record_write(
        session, actor=caller.name, method=request.method, path=request.url.path, request_id=request_id_of(request)
    )


async def _audited(request: Request, database: Database, caller: Identity) -> Identity:
    async with database.write() as session:
        await audit_write(session, request, caller)
    return caller


async def _writer(request: Request, database: DatabaseOfApp, caller: Caller) -> str:
    return (await _audited(request, database, require_scope(caller, "write", "Writing"))).name


async def _admin(request: Request, database: DatabaseOfApp, caller: Caller) -> Identity:
    return await _audited(request, database, require_scope(caller, "admin", "This"))


async def _admin_reader(caller: Caller) -> Identity:
    return require_scope(caller, "admin", "This")


# Name of the key behind a write, which is audited; 401 without a key, 403 without its scope.
Writer = Annotated[str, Depends(_writer)]
Admin = Annotated[Identity, Depends(_admin)]
AdminReader = Annotated[Identity, Depends(_admin_reader)]
