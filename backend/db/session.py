"""The SQLAlchemy engines of one process, and the only place that commits.

`Database.read()` yields a session on an AUTOCOMMIT engine whose connections are read-only in
PostgreSQL itself; `Database.write()` is one transaction, committed when the block ends. Settings:
AZAK_DATABASE_*.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.pool import QueuePool

from backend.config import Settings
from backend.db.connections.engines import make_engine
from backend.db.troubles import explain
from backend.metrics import PoolState
from backend.trouble import DATABASE_FULL

Session = AsyncSession
_PROBES = 2  # connections for questions about health
_REMEMBERED_S = 60.0


class Database:
    """Engines of one process; `name` is shown in pg_stat_activity, `size`: connections for reading and writing each."""

    def __init__(self, settings: Settings, name: str, *, size: int | None = None) -> None:
        size = size or settings.database.pool_size
        self._full_at: float | None = None
        self._reader = make_engine(settings, name, read_only=True, size=size)
        self._writer = make_engine(settings, name, read_only=False, size=size)
        self._prober = make_engine(settings, f"{name}.probe", read_only=True, size=_PROBES)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """A session that cannot write; each statement is its own transaction."""
        async with AsyncSession(self._reader, expire_on_commit=False) as session:
            yield session

    @asynccontextmanager
    async def probe(self) -> AsyncIterator[AsyncSession]:
        """As `read`, over connections of its own: how azak is must be told while the others are all busy."""
        async with AsyncSession(self._prober, expire_on_commit=False) as session:
            yield session

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncSession]:
        """One transaction: committed when the block ends, rolled back when it raises."""
        try:
            async with AsyncSession(self._writer, expire_on_commit=False) as session, session.begin():
                yield session
        except Exception as error:
            if explain(error).trouble is DATABASE_FULL:
                self._full_at = time.monotonic()
            raise

    @property
    def was_full(self) -> bool:
        """Whether a write found no room lately. One that fits into what is there succeeds meanwhile."""
        return self._full_at is not None and time.monotonic() - self._full_at < _REMEMBERED_S

    def pools(self) -> list[PoolState]:
        """The connections of each engine now, for the metrics."""
        engines = {"read": self._reader, "write": self._writer, "probe": self._prober}
        states = []
        for name, engine in engines.items():
            if isinstance(pool := engine.pool, QueuePool):
                states.append(PoolState(name, pool.checkedin() + pool.checkedout(), pool.checkedout(), pool.size()))
        return states

    async def close(self) -> None:
        await asyncio.gather(self._reader.dispose(), self._writer.dispose(), self._prober.dispose())


async def driver_connection(session: AsyncSession) -> asyncpg.Connection:
    """The asyncpg connection under `session`, inside its transaction."""
    connection = await session.connection()
    raw = await connection.get_raw_connection()
    return raw.driver_connection
