"""uvicorn's HTTP protocol with an end to requests that never become whole (slowloris) and to endless headers.

uvicorn waits for ever for the rest of a head or of a body, and keeps whatever headers come; a few hundred such
connections would hold every file descriptor and all memory of a process that answers without a key.
"""

import asyncio
from typing import ClassVar

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_LIMIT_BYTES = 32_768


def guarded(within_s: float) -> type[asyncio.Protocol]:
    """The protocol of one process: AZAK_API_REQUEST_WITHIN_S."""
    return type("Protocol", (GuardedProtocol,), {"within_s": within_s})


class GuardedProtocol(HttpToolsProtocol):
    """Closes a connection whose request is not whole after `within_s`; answers 400 to a head that is too large.

    Looked at every quarter of that time, because a timer for each request would cost every read.
    """

    within_s: ClassVar[float]

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._waits_since: float | None = self.loop.time()
        self._head_bytes = 0
        self._look_later()

    def _look_later(self) -> None:
        self._look = self.loop.call_later(self.within_s / 4, self._close_if_slow)

    def _close_if_slow(self) -> None:
        if self._waits_since is not None and self.loop.time() - self._waits_since > self.within_s:
            self.transport.close()
        else:
            self._look_later()

    def connection_lost(self, exc: Exception | None) -> None:
        self._look.cancel()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._waits_since = self.loop.time()
        self._head_bytes = 0

    def _count(self, size: int) -> None:
        self._head_bytes += size
        if self._head_bytes > HEAD_LIMIT_BYTES:
            raise ValueError("the head of this request is too large")  # httptools makes uvicorn answer 400 of it

    def on_url(self, url: bytes) -> None:
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._count(len(name) + len(value))
        super().on_header(name, value)

    def on_message_complete(self) -> None:
        self._waits_since = None
        super().on_message_complete()
