"""Channels on loopback: an HTTP server that keeps what it is told and answers as it is told to."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Told:
    """One request as it arrived."""

    method: str
    path: str
    headers: dict[str, str]
    body: Any
    status_given: int = 0


@dataclass
class Receiver:
    """`status`, `more`: status and further headers of its answers; `answer`: their body."""

    port: int = 0
    status: int = 204
    more: str = ""
    answer: str = ""
    silent: bool = False
    told: list[Told] = field(default_factory=list)

    def url(self, path: str = "/hook") -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def bodies(self) -> list[Any]:
        return [told.body for told in self.told]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        first, *lines = head.strip().split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        body = (await reader.readexactly(int(headers.get("content-length", 0)))).decode()
        method, path, _ = first.split(" ")
        self.told.append(Told(method, path, headers, json.loads(body) if body else None, self.status))
        if self.silent:
            await reader.read()  # until the other side leaves
            writer.close()
            return
        content = self.answer.encode()
        answer = f"HTTP/1.1 {self.status} x\r\nContent-Length: {len(content)}\r\nConnection: close\r\n{self.more}\r\n"
        writer.write(answer.encode() + content)
        await writer.drain()
        writer.close()


@asynccontextmanager
async def receiving(*, silent: bool = False) -> AsyncIterator[Receiver]:
    """`silent`: it reads and never answers."""
    receiver = Receiver(silent=silent)
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0)
    receiver.port = server.sockets[0].getsockname()[1]
    yield receiver
    server.close()
    await server.wait_closed()
