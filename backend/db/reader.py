"""Read-only asyncpg connections for the reads that pages poll: PostgreSQL builds the JSON, Python passes it on.

Rows through SQLAlchemy and a response model cost several times the CPU (docs/decisions/0015).
Settings: AZAK_DATABASE_POOL_SIZE.
"""

from collections.abc import Sequence
from typing import Any, TypeAlias

import asyncpg

from backend import trouble as troubles
from backend.config import DatabaseAddress, Settings
from backend.db.connections.connecting import KEEPALIVE, opener
from backend.db.troubles import explain
from backend.errors import TroubleError
from backend.metrics import PoolState

# A row of asyncpg, which brings no types: positions and column names index it.
Record: TypeAlias = Any


_SESSION = {
    "default_transaction_read_only": "on",
    # Each request has other filters, so a generic plan would fit none of them.
    "plan_cache_mode": "force_custom_plan",
    **KEEPALIVE,
}


class Reader:
    """A pool of read-only connections, made as they are needed; each statement is its own transaction."""

    def __init__(self, pool: asyncpg.Pool, patience_s: float, *, pooler: bool = False) -> None:
        self._pool = pool
        self._patience_s = patience_s
        self._pooler = pooler
        self._in_use = 0

    async def fetch(self, statement: str, *values: Any) -> Sequence[Record]:
        """All rows; asked once more when the connection is lost or its plan is stale. Raises TroubleError."""
        # A timer costs 4 % of a read, so there is one only when no connection is free.
        patience_s = None if self._in_use < self._pool.get_max_size() else self._patience_s
        self._in_use += 1
        try:
            async with self._pool.acquire(timeout=patience_s) as connection:
                found = await _rows_or_none(connection, statement, values)
            if found is None:
                async with self._pool.acquire(timeout=self._patience_s) as connection:
                    found = await connection.fetch(statement, *values)
        except OSError as error:
            away = not isinstance(error, TimeoutError)
            raise TroubleError(troubles.DATABASE_AWAY if away else troubles.DATABASE_BUSY) from error
        else:
            rows: Sequence[Record] = found
            return rows
        finally:
            self._in_use -= 1

    def pool(self) -> PoolState:
        """Its connections now, for the metrics."""
        size = self._pool.get_size()
        return PoolState("hot", size, size - self._pool.get_idle_size(), self._pool.get_max_size())

    async def close(self) -> None:
        self._pool.terminate()


async def _rows_or_none(connection: Any, statement: str, values: Sequence[Any]) -> Any:
    """The rows; None when another connection may have them."""
    try:
        return await connection.fetch(statement, *values)
    except Exception as error:
        if not _is_worth_another(error):
            raise
        return None


def _is_worth_another(error: Exception) -> bool:
    """Whether another connection may answer; not after a time-out, which the next reader would wait for as well."""
    if isinstance(error, OSError):
        return not isinstance(error, TimeoutError)
    return explain(error).trouble in (troubles.DATABASE_AWAY, troubles.DATABASE_PLAN_STALE)


async def _keep_as_it_is(_: asyncpg.Connection) -> None:
    """No reset: a read-only statement leaves no state, and asyncpg's own reset would be a second round trip."""


async def open_reader(settings: Settings, name: str, address: DatabaseAddress | None = None) -> Reader:
    """Make the pool, which connects when it is first used; `name` is shown in pg_stat_activity.

    `address`: of a replica, instead of the database's own.
    """
    database = settings.database
    pool = asyncpg.create_pool(
        connect=opener(address or settings.database_address(), name, timeout_s=database.connect_timeout_s),
        min_size=0,
        max_size=database.pool_size,
        reset=_keep_as_it_is,
        command_timeout=database.command_timeout_s,
        statement_cache_size=0 if database.pooler else 100,
        # A plan that is kept (of a statement without parameters) must not outlive the growth of a fill for long.
        max_cached_statement_lifetime=60,
        server_settings={"timezone": "UTC"} | ({} if database.pooler else _SESSION),
    )  # fmt: skip
    await pool
    return Reader(pool, database.connect_timeout_s, pooler=database.pooler)
