"""A connection that waits for NOTIFY; it needs AZAK_DATABASE_DIRECT_URL behind a transaction pooler."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from backend.config import Settings
from backend.db.connections.connecting import KEEPALIVE, connect
from backend.errors import DatabaseUnavailableError


class Listener:
    """Wakes its one reader at each notification. Raises DatabaseUnavailableError when the connection is lost."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self._connection = connection
        self._wake = asyncio.Event()
        connection.add_termination_listener(lambda _: self._wake.set())

    def notified(self, *_: object) -> None:
        self._wake.set()

    async def wait(self, timeout_s: float) -> None:
        """Until a notification, or `timeout_s` seconds."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._wake.wait()
        except TimeoutError:
            return
        self._wake.clear()
        if self._connection.is_closed():
            raise DatabaseUnavailableError


@asynccontextmanager
async def listen(settings: Settings, channel: str, name: str) -> AsyncIterator[Listener]:
    """LISTEN on `channel`; `name` is shown in pg_stat_activity."""
    connection = await connect(
        settings.database_address(direct=True),
        name,
        timeout_s=settings.database.connect_timeout_s,
        command_timeout=settings.database.command_timeout_s,
        server_settings=KEEPALIVE,
    )
    try:
        listener = Listener(connection)
        await connection.add_listener(channel, listener.notified)
        yield listener
    finally:
        connection.terminate()
