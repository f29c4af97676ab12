"""HEAD of every GET: the same status and headers, no body.

The routes see a GET. A stream has no end to wait for, so the client seems gone once its head is sent.
"""

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Heads:
    """Outside of the layers that look at the method."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self.app(scope, receive, send)
            return
        begun = asyncio.Event()

        async def send_head(message: Message) -> None:
            if begun.is_set():
                return
            await send(message)
            if message["type"] == "http.response.start":
                begun.set()
                await send({"type": "http.response.body", "body": b""})

        async def receive_until_begun() -> Message:
            await begun.wait()
            return {"type": "http.disconnect"}

        asked = {**scope, "method": "GET", "is_head": True}
        await self.app(asked, receive_until_begun, send_head)
        for name in ("route", "route_path"):  # for the metrics
            if name in asked:
                scope[name] = asked[name]
