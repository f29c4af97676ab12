"""A cable that can be pulled: TCP to the database, through which nothing goes any more and nobody is told."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Cable:
    """Forwards connections to `port` of the loopback address while it is plugged in."""

    def __init__(self, port: int) -> None:
        self.port = 0
        self._target = port
        self._plugged = asyncio.Event()
        self._plugged.set()
        self._open: set[asyncio.StreamWriter] = set()

    def pull(self) -> None:
        """Both ends still believe in their connections, and get no byte."""
        self._plugged.clear()

    def plug(self) -> None:
        """The network is back; the connections of before are reset, as after any long outage."""
        for writer in list(self._open):
            writer.transport.abort()
        self._plugged.set()

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._plugged.wait()
        try:
            there, away = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            writer.transport.abort()
            return
        self._open |= {writer, away}
        await asyncio.gather(self._pump(reader, away), self._pump(there, writer))
        self._open -= {writer, away}

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await source.read(65536):
                await self._plugged.wait()
                sink.write(data)
                await sink.drain()
        sink.transport.abort() if self._plugged.is_set() else sink.close()


@asynccontextmanager
async def cable_to(port: int) -> AsyncIterator[Cable]:
    cable = Cable(port)
    server = await asyncio.start_server(cable.accept, "127.0.0.1", 0)
    cable.port = server.sockets[0].getsockname()[1]
    yield cable
    cable.plug()
    server.close()
