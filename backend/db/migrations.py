"""Bring the database to the newest schema: `azak db migrate`, `azak db status`, `azak up`.

Alembic runs in this process; concurrent migrations wait for each other (advisory lock in alembic/env.py).
"""

import asyncio

import asyncpg
from alembic.config import Config
from alembic.script import ScriptDirectory

from alembic import command
from backend.config import MIGRATIONS, Settings
from backend.errors import DatabaseUnavailableError


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
    server, _, name = url.rpartition("/")
    connection = await asyncpg.connect(f"{server}/postgres")
    try:
        if not await connection.fetchval("SELECT true FROM pg_database WHERE datname = $1", name):
            quoted = '"' + name.replace('"', '""') + '"'
            await connection.execute(f"CREATE DATABASE {quoted}")
    finally:
        await connection.close()


async def current_revision(url: str) -> str | None:
    """The revision of the database; None when it was never migrated."""
    try:
        connection = await asyncpg.connect(url, timeout=5)
    except (OSError, asyncpg.PostgresError) as error:
        raise DatabaseUnavailableError from error
    try:
        if not await connection.fetchval("SELECT to_regclass('alembic_version') IS NOT NULL"):
            return None
        revision: str | None = await connection.fetchval("SELECT version_num FROM alembic_version")
        return revision
    finally:
        await connection.close()


def migrate(settings: Settings, *, revision: str = "head") -> None:
    """Create the embedded server's database if needed and apply every missing revision."""
    url = settings.database_url(direct=True)
    if settings.database.url is None:
        asyncio.run(ensure_database(url))
    command.upgrade(alembic_config(url), revision)
