"""The stand-in's ASGI app: each route is a source seen through its faults and written into the journal."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Final

from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from backend import clock
from backend.demo import feeds, prices, search
from backend.demo.control import SOURCES, Control, Fault, JournalEntry
from backend.demo.world import World

Handler = Callable[[World, Request], Response]
Endpoint = Callable[[Request], Awaitable[Response]]

SOURCE_ROUTES: Final[tuple[tuple[str, str, Handler], ...]] = (
    ("/hankyung/feed/finance", "hankyung", feeds.hankyung_feed),
    ("/mk/rss/50200011/", "mk", feeds.mk_feed),
    ("/naver-hub/search/v1/news", "naver_hub", search.news_search),
    ("/naver-hub/{rest:path}", "naver_hub", search.unknown_api),
    ("/naver-chart/siseJson.naver", "naver_chart", prices.daily_bars),
    ("/naver-polling/api/realtime/domestic/stock/{codes}", "naver_polling", prices.quotes),
)
CHALLENGE: Final = (
    "<!DOCTYPE html><html><head><title>Just a moment...</title></head><body>Checking your browser</body></html>"
)
_STATUSES: Final = {"500": "Internal Server Error", "403": "Forbidden", "429": "Too Many Requests"}


def create_app(world: World) -> Starlette:
    """The outside world on loopback."""
    control = Control()
    routes = [Route(path, _source(world, control, name, handler)) for path, name, handler in SOURCE_ROUTES]
    return Starlette(routes=[*routes, *_control_routes(control), Route("/livez", _livez)])


async def _livez(_request: Request) -> Response:
    return JSONResponse({"status": "ok"})


def _source(world: World, control: Control, name: str, handler: Handler) -> Endpoint:
    async def answer(request: Request) -> Response:
        fault = control.take(name)
        if fault is not None and fault.kind == "slow":
            await asyncio.sleep(fault.delay_s)
        response = handler(world, request) if fault is None else _faulty(fault, handler(world, request))
        control.record(_entry(name, request, response, fault))
        return response

    return answer


def _faulty(fault: Fault, response: Response) -> Response:
    if fault.kind == "html":
        return Response(CHALLENGE, media_type="text/html")
    if fault.kind in {"empty", "truncated"}:
        body = bytes(response.body)
        return Response(
            body[: len(body) // 2] if fault.kind == "truncated" else b"",
            headers={"content-type": response.headers.get("content-type", "text/plain")},
        )
    if fault.kind in _STATUSES:
        headers = {"retry-after": fault.retry_after} if fault.kind == "429" and fault.retry_after is not None else {}
        return Response(_STATUSES[fault.kind], int(fault.kind), headers, "text/plain")
    return response


def _entry(name: str, request: Request, response: Response, fault: Fault | None) -> JournalEntry:
    path = f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path
    conditional = "if-none-match" in request.headers or "if-modified-since" in request.headers
    kind = fault.kind if fault else None
    return JournalEntry(name, path[:2_000], clock.now().isoformat(), response.status_code, conditional, kind)


def _control_routes(control: Control) -> list[Route]:
    async def plant(request: Request) -> Response:
        try:
            fault = Fault.model_validate(json.loads(await request.body()))
        except (ValidationError, ValueError) as refusal:
            return JSONResponse({"detail": f"Give source, kind and count as JSON; see docs/standin.md. {refusal}"}, 422)
        control.plant(fault)
        return JSONResponse({"waiting": control.waiting()})

    async def journal(request: Request) -> Response:
        source = request.query_params.get("source")
        if source not in (None, *SOURCES):
            return JSONResponse({"detail": f"source is one of {', '.join(SOURCES)}."}, 422)
        return JSONResponse({"requests": control.journal(source)})

    async def reset(_request: Request) -> Response:
        control.reset()
        return JSONResponse({"waiting": control.waiting()})

    return [
        Route("/_control/faults", plant, methods=["POST"]),
        Route("/_control/journal", journal),
        Route("/_control/reset", reset, methods=["POST"]),
    ]
