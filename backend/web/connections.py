"""uvicorn's HTTP protocol with a deadline for whole requests (against slowloris) and a limit on the size of heads.

uvicorn waits without end for the rest of a head or of a body and accepts heads of any size (tried: 5 MB), so a few
hundred connections could hold every file descriptor and all memory of a process that answers without a key. Tried: its
h11 protocol limits the head, but has no deadline either (a half head was open after 25 s) and takes 72 us of CPU per
request where httptools takes 40. This is the one file that uses inner parts of uvicorn; pyproject.toml therefore
bounds its version from above (tests/architecture/test_private_interfaces.py).
"""

import asyncio
from typing import ClassVar

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from backend.web.problems import MEDIA_TYPE, Problem

HEAD_LIMIT_BYTES = 32_768
_NO_HTTP = Problem(
    type="/problems/http-error",
    title="Request refused",
    status=400,
    detail="This is no HTTP request that azak takes; write other characters than those of ASCII in an address as %XX, "
    "and send shorter headers.",
    instance="/",
    request_id=None,
)


def guarded(within_s: float) -> type[asyncio.Protocol]:
    """The protocol class with its deadline in seconds (AZAK_API_REQUEST_WITHIN_S)."""
    return type("Protocol", (GuardedProtocol,), {"within_s": within_s})


class GuardedProtocol(HttpToolsProtocol):
    """Closes a connection whose request is not whole after `within_s` seconds; answers 400 to a head that is too large.

    One timer per connection checks four times in that span, because a timer per request would cost every read.
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
            raise ValueError("the head of this request is too large")  # which uvicorn answers with 400

    def on_url(self, url: bytes) -> None:
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._count(len(name) + len(value))
        super().on_header(name, value)

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002
        """The refusal of what is no HTTP, as a problem; no route and no middleware sees such a request."""
        body = _NO_HTTP.model_dump_json(exclude={"errors", "values"}).encode()
        head = (
            "HTTP/1.1 400 Bad Request\r\n"
            f"content-type: {MEDIA_TYPE}\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n"
        )
        self.transport.write(head.encode() + body)
        self.transport.close()

    def on_message_complete(self) -> None:
        self._waits_since = None
        super().on_message_complete()
