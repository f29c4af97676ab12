"""A load generator that costs little itself: HTTP/1.1 over kept-alive connections, to loopback only.

`saturate` asks again as soon as it is answered (closed loop) and measures requests a second; `pace` asks at a
fixed rate whatever the answers do (open loop), so that a slow answer does not hide the ones behind it.
"""

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import cast

PATIENCE_S = 30


@dataclass
class Load:
    """What came back: seconds a request, when it was due to when its last byte came.

    `unanswered` ones had not come when patience ended; their seconds are those they had waited until then.
    """

    seconds: list[float] = field(default_factory=list)
    errors: int = 0
    unanswered: int = 0
    elapsed_s: float = 0.0
    size: int = 0

    @property
    def per_second(self) -> float:
        return len(self.seconds) / self.elapsed_s

    def percentile_ms(self, share: float) -> float:
        ordered = sorted(self.seconds)
        return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]


class _Connection(asyncio.Protocol):
    """Requests one after the other; those that wait keep the moment they were due."""

    def __init__(self, load: Load, port: int, *, again: bool) -> None:
        self._load, self._again = load, again
        self._head = b" HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n" % port
        self._waiting: deque[tuple[float, bytes]] = deque()
        self._buffer = b""
        self.stopping = False
        self.idle = asyncio.Event()
        self.idle.set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is no subclass of it

    def ask(self, path: bytes) -> None:
        self._waiting.append((time.perf_counter(), path))
        if self.idle.is_set():
            self.idle.clear()
            self._send(path)

    def _send(self, path: bytes) -> None:
        self._transport.write(b"GET " + path + self._head)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, found, body = self._buffer.partition(b"\r\n\r\n")
        if not found:
            return
        lowered = head.lower()
        at = lowered.find(b"content-length:")
        length = int(lowered[at + 15 : lowered.find(b"\r\n", at) % (len(lowered) + 1)])
        if len(body) < length:
            return
        self._buffer = b""
        due, path = self._waiting.popleft()
        self._load.seconds.append(time.perf_counter() - due)
        self._load.errors += not head.startswith(b"HTTP/1.1 200")
        self._load.size = length
        if self._again and not self.stopping:
            self._waiting.append((time.perf_counter(), path))
        if self._waiting:
            self._send(self._waiting[0][1])
        else:
            self.idle.set()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  (the name is asyncio's)
        self._load.errors += len(self._waiting)
        self.idle.set()

    async def close(self) -> None:
        self.stopping = True
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE_S):
                await self.idle.wait()
        given_up_at = time.perf_counter()
        self._load.seconds += [given_up_at - due for due, _ in self._waiting]
        self._load.unanswered += len(self._waiting)
        self._waiting.clear()
        self._transport.abort()


async def _connections(load: Load, port: int, count: int, *, again: bool) -> list[_Connection]:
    loop = asyncio.get_running_loop()
    made = [
        await loop.create_connection(lambda: _Connection(load, port, again=again), "127.0.0.1", port)
        for _ in range(count)
    ]
    return [connection for _, connection in made]


async def saturate(port: int, path: str, *, seconds: float, connections: int = 8) -> Load:
    """As many requests as `connections` can ask for one after the other."""
    load = Load()
    opened = await _connections(load, port, connections, again=True)
    begun = time.perf_counter()
    for connection in opened:
        connection.ask(path.encode())
    await asyncio.sleep(seconds)
    load.elapsed_s = time.perf_counter() - begun
    load.seconds = list(load.seconds)
    counted = Load(load.seconds, load.errors, load.unanswered, load.elapsed_s, load.size)
    await asyncio.gather(*(connection.close() for connection in opened))
    return counted


async def pace(port: int, paths: Sequence[str], *, per_second: float, seconds: float, connections: int = 8) -> Load:
    """`per_second` requests a second over `connections`, the paths in turn."""
    load = Load()
    opened = await _connections(load, port, connections, again=False)
    begun = time.perf_counter()
    for number in range(int(per_second * seconds)):
        delay = begun + number / per_second - time.perf_counter()
        if delay > 0:
            await asyncio.sleep(delay)
        opened[number % connections].ask(paths[number % len(paths)].encode())
    await asyncio.gather(*(connection.close() for connection in opened))
    load.elapsed_s = time.perf_counter() - begun
    return load
