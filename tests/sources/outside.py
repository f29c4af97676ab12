"""A scripted outside world on loopback: raw bytes per path, so that tests control every byte on the wire."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Request:
    path: str
    query: dict[str, str]
    headers: dict[str, str]


@dataclass
class Outside:
    """`replies[path]` answers that path; anything else is 404. `requests` is the journal."""

    url: str = ""
    replies: dict[str, bytes | Callable[[Request], bytes]] = field(default_factory=dict)
    raw: dict[str, Callable[[asyncio.StreamWriter], Awaitable[None]]] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    closing: asyncio.Event = field(default_factory=asyncio.Event)
    handlers: set[asyncio.Task[None]] = field(default_factory=set)

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        handler = asyncio.create_task(self.handle(reader, writer))
        self.handlers.add(handler)
        handler.add_done_callback(self.handlers.discard)

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            request = _parse(await reader.readuntil(b"\r\n\r\n"))
            self.requests.append(request)
            if request.path in self.raw:
                await self.raw[request.path](writer)
            else:
                reply = self.replies.get(request.path, http(b"", status=404))
                writer.write(reply if isinstance(reply, bytes) else reply(request))
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


def _parse(head: bytes) -> Request:
    first, *lines = head.decode("latin-1").split("\r\n")
    parts = urlsplit(first.split(" ")[1])
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}
    return Request(parts.path, {name: values[0] for name, values in parse_qs(parts.query).items()}, headers)


def http(body: bytes, *, status: int = 200, content_type: str = "text/plain", **headers: str) -> bytes:
    """A whole HTTP answer; `headers` with underscores for dashes."""
    lines = [f"HTTP/1.1 {status} X", f"Content-Type: {content_type}", "Connection: close"]
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    lines += [f"{name}: {value}" for name, value in ({"Content-Length": str(len(body))} | given).items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


@asynccontextmanager
async def running_outside() -> AsyncIterator[Outside]:
    outside = Outside()
    server = await asyncio.start_server(outside.accept, "127.0.0.1", 0)
    outside.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield outside
    finally:
        server.close()
        outside.closing.set()
        async with asyncio.timeout(10):
            await asyncio.gather(*outside.handlers)
