"""TLS before a real PostgreSQL, as hosts of databases have it: the embedded server is built without.

It speaks the first eight bytes of the protocol (SSLRequest, answered S or N) and passes the rest on.
"""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

_SSL_REQUEST = bytes.fromhex("0000000804d2162f")


@dataclass
class Front:
    """`context` None: it has no TLS. `encrypted`: of each connection that came through, whether it was encrypted."""

    server: str
    port: int = 0
    context: ssl.SSLContext | None = None
    encrypted: list[bool] = field(default_factory=list)

    def present(self, pair: tuple[str, str], folder: Path, *, clients: Path | None = None) -> None:
        """Serve TLS with this certificate and key from now on; to those alone whose own is signed by `clients`."""
        for name, text in zip(("server.crt", "server.key"), pair, strict=True):
            (folder / name).write_text(text)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(folder / "server.crt", folder / "server.key")
        if clients is not None:
            self.context.verify_mode = ssl.CERT_REQUIRED
            self.context.load_verify_locations(clients)

    def url(self, host: str, parameters: str) -> str:
        parts = urlsplit(self.server)
        return f"postgresql://{parts.username}:{parts.password}@{host}:{self.port}{parts.path}?{parameters}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        begun = await reader.readexactly(8)
        encrypted = False
        if begun == _SSL_REQUEST:
            writer.write(b"N" if self.context is None else b"S")
            if self.context is not None:
                await writer.start_tls(self.context)
                encrypted = True
            begun = b""
        parts = urlsplit(self.server)
        inner_reader, inner_writer = await asyncio.open_connection(parts.hostname, parts.port)
        inner_writer.write(begun)
        self.encrypted.append(encrypted)
        await asyncio.gather(_pass(reader, inner_writer), _pass(inner_reader, writer))


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    writer.close()


@asynccontextmanager
async def fronted(server: str) -> AsyncIterator[Front]:
    """A front before the database at the URL `server`."""
    front = Front(server)

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # A client that refuses the certificate, or hangs up, is what the tests are about.
        with contextlib.suppress(OSError, ssl.SSLError, asyncio.IncompleteReadError):
            await front.serve(reader, writer)
        writer.close()

    listener = await asyncio.start_server(handle, ["127.0.0.1"])
    front.port = listener.sockets[0].getsockname()[1]
    try:
        yield front
    finally:
        listener.close()
