"""Every revision has a downgrade that works: an operator who returns to an older version finds its schema."""

import asyncio
from typing import Any

import asyncpg

from alembic import command
from backend.db import migrations

_DROPPED = ("preview_links", "llm_calls")


async def _fetch(url: str, statement: str) -> Any:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


def _tables(url: str) -> list[bool]:
    return [asyncio.run(_fetch(url, f"SELECT to_regclass('{name}') IS NOT NULL")) for name in _DROPPED]


def test_unused_tables_go_and_come_back(server_url: str) -> None:
    url = f"{server_url}/azak_downgrade"
    asyncio.run(migrations.ensure_database(url))
    configuration = migrations.alembic_config(url)
    command.upgrade(configuration, "0017")
    assert _tables(url) == [False, False]
    command.downgrade(configuration, "0016")
    assert _tables(url) == [True, True]
    command.upgrade(configuration, "head")
    assert _tables(url) == [False, False]
    command.downgrade(configuration, "base")
    assert asyncio.run(_fetch(url, "SELECT to_regnamespace('azak_queue') IS NULL"))
