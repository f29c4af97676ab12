"""Alembic over asyncpg. One migration at a time: an advisory lock makes concurrent ones wait."""

import asyncio
from functools import partial
from typing import Any

from sqlalchemy import Connection, pool, text
from sqlalchemy.ext.asyncio import create_async_engine

import backend.db.tables  # noqa: F401  (fills the metadata)
from alembic import context
from backend.config import get_settings, parse_database_url
from backend.db.base import Base, HalfVector
from backend.db.connections.connecting import connect

_PATIENCE_S = 10
_LOCK = 0x617A616B  # "azak"


def _is_ours(name: str | None, kind: str, _parents: Any) -> bool:
    """Partitions are made by housekeeping, not by revisions."""
    return not (kind == "table" and name is not None and name.startswith("minute_bars_"))


def _run(connection: Connection) -> None:
    connection.dialect.ischema_names["halfvec"] = HalfVector  # type: ignore[attr-defined]  # so that it is reflected
    connection.execute(text("SET lock_timeout = '30s'"))
    connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        include_name=_is_ours,
        compare_server_default=True,
        transaction_per_migration=False,
    )
    context.run_migrations()


async def _main() -> None:
    url = context.config.attributes.get("url") or get_settings().database_url(direct=True)
    creator = partial(connect, parse_database_url(url), "migrate", timeout_s=_PATIENCE_S)
    arguments = {"async_creator_fn": creator}
    engine = create_async_engine("postgresql+asyncpg://", poolclass=pool.NullPool, connect_args=arguments)
    async with engine.begin() as connection:
        await connection.run_sync(_run)
    await engine.dispose()


asyncio.run(_main())
