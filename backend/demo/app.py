"""ASGI app of the stand-in: a route per source, with planted faults and a journal of requests."""

import json
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Final

from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from backend import clock
from backend.demo.control import SOURCES, Control, Fault, JournalEntry, without_keys
from backend.demo.faults import Handler, answer_faulty
from backend.demo.limits import Limits
from backend.demo.wire import (
    dart,
    dart_decisions,
    feeds,
    kind,
    kis,
    kis_actions,
    kis_master,
    more_feeds,
    prices,
    public_data,
    search,
)
from backend.demo.wire import world as world_markets
from backend.demo.world.world import World

Endpoint = Callable[[Request], Awaitable[Response]]

_PUBLIC_PRICES: Final = "/public-data/1160100/service/GetStockSecuritiesInfoService/getStockPriceInfo"
SOURCE_ROUTES: Final[tuple[tuple[str, str, Handler], ...]] = (
    *((f"/{host}/robots.txt", host, feeds.robots) for host in (*more_feeds.FEED_HOSTS, "dart", "kind")),
    *more_feeds.FEEDS,
    ("/naver-hub/search/v1/news", "naver_hub", search.news_search),
    ("/naver-hub/{rest:path}", "naver_hub", search.unknown_api),
    ("/naver-legacy/v1/search/news.json", "naver_legacy", search.legacy_search),
    ("/naver-chart/siseJson.naver", "naver_chart", prices.daily_bars),
    ("/naver-polling/api/realtime/domestic/stock/{codes}", "naver_polling", prices.quotes),
    ("/kis/uapi/domestic-stock/v1/quotations/{call}", "kis", kis.quotation),
    ("/kis/uapi/domestic-stock/v1/ksdinfo/{call}", "kis", kis_actions.announced),
    ("/kis/uapi/overseas-price/v1/quotations/inquire-daily-chartprice", "kis", world_markets.kis_days),
    ("/naver-world/index/{code}/price", "naver_world", world_markets.naver_days),
    ("/naver-world/marketindex/exchange/{code}/prices", "naver_world", world_markets.naver_days),
    ("/kis-master/common/master/{market}_code.mst.zip", "kis_master", kis_master.master_file),
    ("/dart/api/todayRSS.xml", "dart", dart.today_feed),
    ("/kind/disclosure/rsstodaydistribute.do", "kind", kind.today_feed),
    ("/dart-api/api/list.json", "dart_api", dart.list_filings),
    ("/dart-api/api/corpCode.xml", "dart_api", dart.companies),
    ("/dart-api/api/{call}.json", "dart_api", dart_decisions.decisions),
    (_PUBLIC_PRICES, "public_data", public_data.daily_bars),
)


def create_app(world: World) -> Starlette:
    """The ASGI app that serves `world`."""
    control = Control()
    routes = [Route(path, _source(world, control, name, handler)) for path, name, handler in SOURCE_ROUTES]
    routes.append(Route("/kis/oauth2/tokenP", _token(world, control), methods=["POST"]))
    app = Starlette(routes=[*routes, *_control_routes(world, control), Route("/livez", _livez)])
    app.state.limits, app.state.control = Limits(), control
    return app


async def _livez(_request: Request) -> Response:
    return JSONResponse({"status": "ok"})


def _source(world: World, control: Control, name: str, handler: Handler) -> Endpoint:
    async def answer(request: Request) -> Response:
        is_robots = request.url.path.endswith("/robots.txt")
        fault = None if is_robots else control.take(name)
        if fault is None:
            response = handler(world, request)
        else:
            response = await answer_faulty(fault, world, request, handler)
        control.record(_entry(name, request, response, fault))
        return response

    return answer


def _token(world: World, control: Control) -> Endpoint:
    async def answer(request: Request) -> Response:
        response = kis.issue_token(world, request, await request.body())
        control.record(_entry("kis", request, response, None))
        return response

    return answer


def _entry(name: str, request: Request, response: Response, fault: Fault | None) -> JournalEntry:
    path = f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path
    conditional = "if-none-match" in request.headers or "if-modified-since" in request.headers
    kind = fault.kind if fault else None
    return JournalEntry(
        name, without_keys(path)[:2_000], clock.now().isoformat(), response.status_code, conditional, kind
    )


def _control_routes(world: World, control: Control) -> list[Route]:
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

    async def reset(request: Request) -> Response:
        control.reset()
        request.app.state.limits = Limits()
        return JSONResponse({"waiting": control.waiting()})

    async def set_clock(request: Request) -> Response:
        try:
            at = json.loads(await request.body())["at"]
            moment = None if at is None else datetime.fromisoformat(at)
        except (ValueError, KeyError, TypeError):
            moment = clock.now().replace(tzinfo=None)
        if moment is not None and moment.tzinfo is None:
            return JSONResponse({"detail": 'Give {"at": a moment with a time zone, or null to let it run again}.'}, 422)
        world.frozen_at = moment
        return JSONResponse({"now": world.now().isoformat()})

    async def revoke(request: Request) -> Response:
        control.revoked.add((await request.body()).decode("ascii", "replace")[:200])
        return JSONResponse({"revoked": len(control.revoked)})

    return [
        Route("/_control/clock", set_clock, methods=["POST"]),
        Route("/_control/revoke", revoke, methods=["POST"]),
        Route("/_control/faults", plant, methods=["POST"]),
        Route("/_control/journal", journal),
        Route("/_control/reset", reset, methods=["POST"]),
    ]
