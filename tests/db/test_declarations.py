"""Tables as they are declared and as the migrations make them: what Alembic compares, and the keys that it does not."""

import asyncio

import asyncpg
import pytest

import backend.db.tables  # noqa: F401  (fills the metadata)
from alembic import command
from backend.db import migrations
from backend.db.base import Base

_PRIMARY_KEYS = """
    SELECT t.relname, array_agg(a.attname::text ORDER BY k.place)
    FROM pg_constraint c
    JOIN pg_class t ON t.oid = c.conrelid AND NOT t.relispartition
    CROSS JOIN LATERAL unnest(c.conkey) WITH ORDINALITY AS k (number, place)
    JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.number
    WHERE c.contype = 'p' AND c.connamespace = 'public'::regnamespace AND t.relname <> 'alembic_version'
    GROUP BY t.relname
"""


async def read_primary_keys(url: str) -> dict[str, list[str]]:
    connection = await asyncpg.connect(url)
    try:
        return dict(tuple(row) for row in await connection.fetch(_PRIMARY_KEYS))
    finally:
        await connection.close()


@pytest.mark.filterwarnings("ignore:Did not recognize type:sqlalchemy.exc.SAWarning")  # xid8 is no type of SQLAlchemy
def test_tables_and_migrations_agree(template: str) -> None:
    command.check(migrations.alembic_config(f"{template}/azak_template"))


def test_primary_keys_are_those_that_are_declared(template: str) -> None:
    tables = Base.metadata.tables.values()
    declared = {table.name: [column.name for column in table.primary_key] for table in tables if table.primary_key}
    assert asyncio.run(read_primary_keys(f"{template}/azak_template")) == declared
