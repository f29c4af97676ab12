"""Bring the database to the newest schema: `azak db migrate`, `azak db status`, `azak up`.

Alembic runs in this process; concurrent migrations wait for each other (advisory lock in alembic/env.py).
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Final

import asyncpg
from alembic.config import Config
from alembic.script import ScriptDirectory

from alembic import command
from backend.config import MIGRATIONS, DatabaseAddress, Settings, parse_database_url
from backend.db.connections.connecting import connect
from backend.db.revision import read_revision, refuse_newer, require_extensions

_PATIENCE_S: Final = 5.0


def alembic_config(url: str) -> Config:
    config = Config()
    config.set_main_option("path_separator", "os")
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["url"] = url
    return config


def head_revision() -> str:
    """The newest revision of the code."""
    head = ScriptDirectory.from_config(alembic_config("")).get_current_head()
    if head is None:
        raise RuntimeError("alembic/versions has no revision")
    return head


async def ensure_database(url: str) -> None:
    """Create the database that `url` names if the server has none of that name."""
    address = parse_database_url(url)
    async with _connected(replace(address, database="postgres")) as connection:
        if not await connection.fetchval("SELECT true FROM pg_database WHERE datname = $1", address.database):
            quoted = '"' + (address.database or "").replace('"', '""') + '"'
            await connection.execute(f"CREATE DATABASE {quoted}")


@asynccontextmanager
async def _connected(address: DatabaseAddress) -> AsyncIterator[asyncpg.Connection]:
    connection = await connect(address, "migrate", timeout_s=_PATIENCE_S)
    try:
        yield connection
    finally:
        await connection.close()


async def current_revision(url: str) -> str | None:
    """The revision of the database; None when it was never migrated."""
    async with _connected(parse_database_url(url)) as connection:
        return await read_revision(connection)


async def preflight(url: str) -> None:
    """Raise TroubleError when the server cannot have azak's schema, before anything is changed."""
    refuse_newer(await current_revision(url))
    async with _connected(parse_database_url(url)) as connection:
        await require_extensions(connection)


def migrate(settings: Settings, *, revision: str = "head") -> None:
    """Create the embedded server's database if needed and apply every missing revision. Raises TroubleError."""
    url = settings.database_url(direct=True)
    if settings.database.url is None:
        asyncio.run(ensure_database(url))
    asyncio.run(preflight(url))
    command.upgrade(alembic_config(url), revision)
