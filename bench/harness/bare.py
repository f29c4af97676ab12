"""What a hot read costs at least: Starlette and asyncpg, the same statement, the same bytes, nothing else.

`python -m bench.harness.bare` serves the paths of `HOT` on AZAK_API_PORT, for bench.limit.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from backend.api.paging import json_body
from backend.api.schemas import Disclaimer
from backend.config import get_settings
from backend.db.json_pages import JsonPage
from backend.db.paging import Keyset
from backend.db.reader import Reader, Record, open_reader
from backend.services.forecasts import dashboard, prediction
from backend.services.market import stocks
from backend.services.news import news
from backend.web import bind_socket, serve

Handler = Callable[[Request], Awaitable[Response]]
CODE = "000101"
LIMIT = Keyset().limit
HOT: dict[str, Callable[[Reader], Awaitable[Any]]] = {
    f"/api/news?stock_code={CODE}": lambda reader: news.list_news(reader, Keyset(), stock_code=CODE),
    "/api/stocks": lambda reader: stocks.list_stocks(reader, Keyset()),
    f"/api/stocks/{CODE}/bars": lambda reader: stocks.list_bars(reader, CODE, Keyset()),
    f"/api/prediction?stock_code={CODE}": lambda reader: prediction.list_predictions(
        reader, Keyset(), mode="live", stock_code=CODE
    ),
    "/api/dashboard": lambda reader: dashboard.get_overview(reader, Disclaimer().model_dump_json()),
}


class _Recorder(Reader):
    """Keeps the statement a service runs."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def fetch(self, statement: str, *values: Any) -> Sequence[Record]:
        self.recorded = (statement, values)
        return await self._reader.fetch(statement, *values)


def _handler(reader: Reader, statement: str, values: tuple[Any, ...], tail: str | None) -> Handler:
    async def send_overview(_: Request) -> Response:
        rows = await reader.fetch(statement, *values)
        return Response(rows[0][0], media_type="application/json")

    async def send_page(_: Request) -> Response:
        rows = await reader.fetch(statement, *values)
        items = ",".join([row[0] for row in rows[:LIMIT]])
        return Response(f'{{"items":[{items}]{tail}', media_type="application/json")

    return send_overview if tail is None else send_page


def _tail(path: str, page: JsonPage) -> str:
    """What follows the items; it stays the same, since the data does."""
    more = (f'"disclaimer":{Disclaimer().model_dump_json()}',) if "prediction" in path else ()
    return json_body(page, *more).removeprefix(f'{{"items":[{",".join(page.items)}]')


async def _routes(reader: Reader) -> list[Route]:
    routes = [Route("/readyz", lambda _: Response("ok"))]
    for path, read in HOT.items():
        recorder = _Recorder(reader)
        found = await read(recorder)
        tail = _tail(path, found) if isinstance(found, JsonPage) else None
        routes.append(Route(path.partition("?")[0], _handler(reader, *recorder.recorded, tail)))
    return routes


def main() -> None:
    settings = get_settings()

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        reader = await open_reader(settings, "bench.harness.bare")
        app.router.routes += await _routes(reader)
        yield
        await reader.close()

    serve(Starlette(lifespan=lifespan), [bind_socket("127.0.0.1", settings.api.port)])


if __name__ == "__main__":
    main()
