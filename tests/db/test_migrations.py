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


def test_a_paused_stock_is_inactive_again_in_an_older_version(server_url: str) -> None:
    url = f"{server_url}/azak_paused"
    asyncio.run(migrations.ensure_database(url))
    configuration = migrations.alembic_config(url)
    command.upgrade(configuration, "0018")
    asyncio.run(
        _fetch(url, "INSERT INTO stocks (code, name, market, is_active) VALUES ('005930', 'x', 'KOSPI', false)")
    )
    command.upgrade(configuration, "0019")
    assert asyncio.run(_fetch(url, "SELECT state || is_active FROM stocks")) == "pausedfalse"
    command.downgrade(configuration, "0018")
    assert asyncio.run(_fetch(url, "SELECT is_active FROM stocks")) is False
