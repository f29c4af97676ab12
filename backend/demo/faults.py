"""Faulty responses of a source: each kind of fault is made from the correct response (docs/standin.md)."""

import asyncio
import gzip
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from backend.demo.control import Fault
from backend.demo.world.world import World

Handler = Callable[[World, Request], Response]
CHALLENGE: Final = (
    "<!DOCTYPE html><html><head><title>Just a moment...</title></head><body>Checking your browser</body></html>"
)
SHELL: Final = (
    '<!doctype html><html><head></head><body><div id="root"></div><script src="/app.js"></script></body></html>'
)
BIG_BYTES: Final = 20_000_000
_STATUSES: Final = {"500": "Internal Server Error", "403": "Forbidden", "401": "Unauthorized"}
_PAGE_NUMBERS: Final = ("start", "page_no")


async def answer_faulty(fault: Fault, world: World, request: Request, handler: Handler) -> Response:
    """The response of `handler` with the fault applied."""
    if fault.kind in _STATUSES:
        return Response(_STATUSES[fault.kind], int(fault.kind), media_type="text/plain")
    if fault.kind == "skew":
        return handler(world.seen_at(world.now() + timedelta(seconds=fault.delay_s)), request)
    if fault.kind == "stalled":
        return handler(world.seen_at(world.now() - timedelta(seconds=fault.delay_s)), request)
    if fault.kind == "repeat":
        return handler(world, _first_page(request))
    if fault.kind == "slow":
        await asyncio.sleep(fault.delay_s)
        return handler(world, request)
    return _SPOILT[fault.kind](fault, handler(world, request))


def _first_page(request: Request) -> Request:
    query = {name: "1" if name in _PAGE_NUMBERS else value for name, value in request.query_params.items()}
    return Request({**request.scope, "query_string": urlencode(query).encode()})


def _body(response: Response) -> bytes:
    return bytes(response.body)


def _with_type(response: Response, body: bytes, **headers: str) -> Response:
    kept = {"content-type": response.headers.get("content-type", "text/plain")}
    return Response(body, headers=kept | {name.replace("_", "-"): value for name, value in headers.items()})


def _pause(fault: Fault, _response: Response) -> Response:
    headers = {} if fault.retry_after is None else {"retry-after": fault.retry_after}
    return Response("Too Many Requests", 429, headers, "text/plain")


def _half_archive(_fault: Fault, response: Response) -> Response:
    return _with_type(response, gzip.compress(_body(response))[:-12], content_encoding="gzip")


def _mislabelled(_fault: Fault, response: Response) -> Response:
    """A wrong charset in the header: EUC-KR for UTF-8 and the reverse."""
    try:
        _body(response).decode("utf-8")
        charset = "euc-kr"
    except UnicodeDecodeError:
        charset = "utf-8"
    return Response(_body(response), headers={"content-type": f"text/xml; charset={charset}"})


def _drip(fault: Fault, response: Response) -> Response:
    """One byte every 50 ms for `delay_s` seconds, so that no single read times out."""

    async def bytes_of() -> AsyncIterator[bytes]:
        for position in range(int(fault.delay_s / 0.05)):
            yield _body(response)[position : position + 1] or b" "
            await asyncio.sleep(0.05)

    return StreamingResponse(bytes_of(), headers={"content-type": response.headers.get("content-type", "text/plain")})


def _reset(_fault: Fault, response: Response) -> Response:
    """The connection breaks after half of the announced body."""

    async def bytes_of() -> AsyncIterator[bytes]:
        yield _body(response)[: len(_body(response)) // 2]
        raise ConnectionResetError

    headers = {"content-type": response.headers.get("content-type", "text/plain")}
    return StreamingResponse(bytes_of(), headers=headers | {"content-length": str(len(_body(response)))})


def _big(_fault: Fault, response: Response) -> Response:
    async def bytes_of() -> AsyncIterator[bytes]:
        for _ in range(BIG_BYTES // 100_000):
            yield b"x" * 100_000

    return StreamingResponse(bytes_of(), headers={"content-type": response.headers.get("content-type", "text/plain")})


_SPOILT: Final[dict[str, Callable[[Fault, Response], Response]]] = {
    "429": _pause,
    "html": lambda _, __: Response(CHALLENGE, media_type="text/html"),
    "spa": lambda _, __: Response(SHELL, media_type="text/html"),
    "empty": lambda _, response: _with_type(response, b""),
    "truncated": lambda _, response: _with_type(response, _body(response)[: len(_body(response)) // 2]),
    "gzip": _half_archive,
    "charset": _mislabelled,
    "loop": lambda _, __: Response(status_code=302, headers={"location": "?again"}),
    "away": lambda _, __: Response(status_code=302, headers={"location": "http://169.254.169.254/latest/meta-data"}),
    "drip": _drip,
    "reset": _reset,
    "big": _big,
}
