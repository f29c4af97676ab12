"""What routes ask for: the database, sessions, and the key that writes need."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from backend.config import Settings
from backend.db.session import Database, Session
from backend.errors import UnauthorizedError
from backend.services import access


def _database(request: Request) -> Database:
    database: Database = request.app.state.database
    return database


def _settings(request: Request) -> Settings:
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


async def _writer(
    database: DatabaseOfApp,
    settings: SettingsOfApp,
    given: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> str:
    if given is None:
        raise UnauthorizedError(
            "Writing needs the header 'Authorization: Bearer <AZAK_API_KEY>'; 'azak up' makes a key."
        )
    configured = settings.api.key.get_secret_value() if settings.api.key else None
    async with database.read() as session:
        name = await access.find_writer(session, given.credentials, configured)
    if name is None:
        raise UnauthorizedError("This key is not valid; send AZAK_API_KEY or a key that is not revoked or expired.")
    return name


# Name of the key behind a write; 401 without a valid one. A session takes no connection until it is used.
Writer = Annotated[str, Depends(_writer)]
