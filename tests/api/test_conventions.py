"""What clients expect of an HTTP API: HEAD, a version in the path, rate limits in headers, CORS by an allow-list."""

from collections.abc import AsyncIterator

import httpx
import pytest

from backend.config import Settings
from backend.main import create_app
from tests.api.conftest import KEY, client_of
from tests.api.test_refusals import problem_of
from tests.factories import SAMSUNG, World

DESK = "https://desk.example"


@pytest.mark.parametrize("path", ["/livez", "/api/news", "/api/stocks/999999", "/api/nothing", "/docs", "/"])
async def test_head_has_the_headers_of_get_and_no_body(client: httpx.AsyncClient, world: World, path: str) -> None:
    got, head = await client.get(path), await client.head(path)
    assert (head.status_code, head.content) == (got.status_code, b"")
    own = {"x-request-id"}
    assert {n: v for n, v in head.headers.items() if n not in own} == {
        n: v for n, v in got.headers.items() if n not in own
    }


async def test_head_of_a_list_that_is_exported_and_of_a_stream_ends(client: httpx.AsyncClient, world: World) -> None:
    for path in ("/api/news?format=csv", "/api/events"):
        head = await client.head(path)
        assert (head.status_code, head.content) == (200, b"")
    unchanged = await client.head(
        "/api/news", headers={"If-None-Match": (await client.get("/api/news")).headers["etag"]}
    )
    assert unchanged.status_code == 304


async def test_the_version_may_be_a_part_of_the_path(writer: httpx.AsyncClient, world: World) -> None:
    assert (await writer.get("/api/v1/stocks")).json() == (await writer.get("/api/stocks")).json()
    assert (await writer.post("/api/v1/prediction", json={"stock_code": SAMSUNG})).status_code == 202
    assert problem_of(await writer.get("/api/v2/stocks"))["status"] == 404


async def test_orders_tell_how_many_are_left(
    writer: httpx.AsyncClient, api_settings: Settings, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api_settings.api, "orders_per_minute", 2)
    left: list[str] = []
    for _ in range(2):
        answer = await writer.post("/api/reports", json={"stock_code": SAMSUNG}, headers={"Idempotency-Key": str(left)})
        assert answer.headers["ratelimit-policy"] == '"orders";q=2;w=60'
        assert answer.headers["retry-after"] == "1"
        left.append(answer.headers["ratelimit"].split(";")[1])
    assert left[0] == "r=1"
    await writer.post("/api/prediction", json={"stock_code": SAMSUNG})
    refused = await writer.post("/api/jobs/crawl_news/runs", json={})
    assert (refused.status_code, refused.headers["ratelimit"].split(";")[1]) == (429, "r=0")
    assert f"t={refused.headers['retry-after']}" == refused.headers["ratelimit"].split(";")[2]


@pytest.fixture
async def shared(api_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[httpx.AsyncClient]:
    """A client of an API that pages of DESK may use."""
    monkeypatch.setattr(api_settings.api, "cors_origins", f"{DESK}, https://other.example:8443")
    app = create_app(api_settings)
    async with app.router.lifespan_context(app), client_of(app, Origin=DESK) as client:
        yield client


async def test_a_page_of_the_list_may_read_and_write_with_a_key(shared: httpx.AsyncClient, world: World) -> None:
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,content-type"}
    preflight = await shared.options("/api/prediction", headers=asked)
    assert preflight.status_code == 200
    assert preflight.headers["access-control-allow-origin"] == DESK
    assert "access-control-allow-credentials" not in preflight.headers
    own = {"Authorization": f"Bearer {KEY}", "Sec-Fetch-Site": "cross-site"}
    answer = await shared.post("/api/prediction", json={"stock_code": SAMSUNG}, headers=own)
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (202, DESK)
    assert "RateLimit" in answer.headers["access-control-expose-headers"]
    cookie = await shared.post("/api/prediction", json={}, headers={"Cookie": "azak_session=x", **own})
    assert cookie.status_code == 403
    foreign = await shared.get("/api/stocks", headers={"Origin": "https://evil.example"})
    assert "access-control-allow-origin" not in foreign.headers


async def test_without_the_setting_no_page_of_another_site_may_read(client: httpx.AsyncClient, world: World) -> None:
    answer = await client.get("/api/stocks", headers={"Origin": DESK})
    assert "access-control-allow-origin" not in answer.headers
