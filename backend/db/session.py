"""The SQLAlchemy engines of one process, and the only place that commits.

`Database.read()` yields a session on an AUTOCOMMIT engine whose connections are read-only in
PostgreSQL itself; `Database.write()` is one transaction, committed when the block ends. Settings:
AZAK_DATABASE_*.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import asyncpg
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

from backend.config import Settings

Session = AsyncSession

# A frozen peer or a pulled cable is noticed in about 25 s (measured) instead of two hours.
KEEPALIVE = {"tcp_keepalives_idle": "10", "tcp_keepalives_interval": "5", "tcp_keepalives_count": "3"}
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


def tls_arguments(url: str) -> dict[str, bool]:
    """No TLS over loopback, unless the URL asks for it: its context costs each process 0.6 MB (measured)."""
    parts = urlsplit(url)
    return {"ssl": False} if parts.hostname in _LOOPBACK and "ssl" not in parts.query else {}


class Database:
    """Read and write engines of one process; `name` is shown in pg_stat_activity."""

    def __init__(self, settings: Settings, name: str) -> None:
        self._settings = settings
        self._reader = self._engine(name, read_only=True)
        self._writer = self._engine(name, read_only=False)

    def _engine(self, name: str, *, read_only: bool) -> AsyncEngine:
        database = self._settings.database
        arguments: dict[str, Any] = {
            "server_settings": {"application_name": f"azak.{name}", "timezone": "UTC"},
            "command_timeout": database.command_timeout_s,
            "timeout": database.connect_timeout_s,
            **tls_arguments(self._settings.database_url()),
        }
        options = self._adapt_to_pooler(arguments, read_only) if database.pooler else self._adapt(arguments, read_only)
        return create_async_engine(
            self._settings.database_url().replace("postgresql://", "postgresql+asyncpg://", 1),
            pool_size=database.pool_size,
            max_overflow=0,
            pool_timeout=database.connect_timeout_s,
            pool_recycle=1800,
            connect_args=arguments,
            **options,
        )

    def _adapt(self, arguments: dict[str, Any], read_only: bool) -> dict[str, Any]:
        """Options of an engine whose connections are PostgreSQL's own."""
        arguments["server_settings"] |= KEEPALIVE
        if read_only:
            arguments["server_settings"]["default_transaction_read_only"] = "on"
            return {"isolation_level": "AUTOCOMMIT"}
        # A process that freezes inside a transaction must not keep its row locks for longer than its lease.
        silence_ms = int(self._settings.scheduler.run_lease_s * 1000)
        arguments["server_settings"]["idle_in_transaction_session_timeout"] = str(silence_ms)
        return {}

    @staticmethod
    def _adapt_to_pooler(arguments: dict[str, Any], read_only: bool) -> dict[str, Any]:
        """Options behind a transaction pooler: nothing may outlive a transaction, and each read is one.

        It refuses parameters of a session that it does not know, and hands a statement that is prepared outside of a
        transaction to one server and its execution to another (pgbouncer 1.18).
        """
        arguments |= {
            "statement_cache_size": 0, "prepared_statement_cache_size": 0,
            "prepared_statement_name_func": lambda: "",
        }  # fmt: skip
        return {"execution_options": {"postgresql_readonly": True}} if read_only else {}

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """A session that cannot write; each statement is its own transaction."""
        async with AsyncSession(self._reader, expire_on_commit=False) as session:
            yield session

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncSession]:
        """One transaction: committed when the block ends, rolled back when it raises."""
        async with AsyncSession(self._writer, expire_on_commit=False) as session, session.begin():
            yield session

    async def close(self) -> None:
        await asyncio.gather(self._reader.dispose(), self._writer.dispose())


async def driver_connection(session: AsyncSession) -> asyncpg.Connection:
    """The asyncpg connection under `session`, inside its transaction."""
    connection = await session.connection()
    raw = await connection.get_raw_connection()
    return raw.driver_connection
