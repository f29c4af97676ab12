"""The newest revision can be taken back: an operator who returns to the version before finds its schema."""

import asyncio
from typing import Any

import asyncpg

from alembic import command
from backend.db import migrations

_DROPPED = ("preview_links", "llm_calls")
_KIND_CHECK = "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'ck_models_kind'"


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
    command.upgrade(configuration, "0015")
    assert _tables(url) == [False, False]
    assert "'llm'" not in asyncio.run(_fetch(url, _KIND_CHECK))
    command.downgrade(configuration, "0014")
    assert _tables(url) == [True, True]
    assert "'llm'" in asyncio.run(_fetch(url, _KIND_CHECK))
    command.upgrade(configuration, "head")
    assert _tables(url) == [False, False]
    command.downgrade(configuration, "base")
    assert asyncio.run(_fetch(url, "SELECT to_regnamespace('azak_queue') IS NULL"))
