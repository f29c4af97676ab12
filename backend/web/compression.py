"""gzip for a client that takes it. Starlette's own layer costs 8 us of each answer that it leaves as it is."""

from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_SMALLEST: Final = 500
# Level 9 takes 2.4 times as long and saves 1 % more of the overview of 200 stocks.
_LEVEL: Final = 6


class Compression:
    """Says in each answer that it depends on Accept-Encoding, for the caches between."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._compressing = GZipMiddleware(app, minimum_size=_SMALLEST, compresslevel=_LEVEL)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or "gzip" in Headers(scope=scope).get("accept-encoding", ""):
            await self._compressing(scope, receive, send)
            return

        async def send_varying(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).add_vary_header("Accept-Encoding")
            await send(message)

        await self.app(scope, receive, send_varying)
