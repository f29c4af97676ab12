"""Bad input and bad days: each gets the right status and one sentence that says what to do."""

import json
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from fastapi import FastAPI
from pydantic import SecretStr
from sqlalchemy import text

from backend.config import Settings
from backend.db.session import Database
from backend.main import create_app
from tests.api.conftest import KEY, client_of
from tests.factories import World
from tests.fixtures.database import free_port

BAD_READS = [
    ("/api/nope", 404),
    ("/nope", 404),
    ("/api/stocks/005930", 404),
    ("/api/stocks/005930/bars", 404),
    ("/api/news?stock_code=005930", 404),
    ("/api/prediction?stock_code=005930", 404),
    ("/api/reports?stock_code=005930", 404),
    ("/api/news/1", 404),
    ("/api/prediction/1", 404),
    ("/api/reports/1", 404),
    ("/api/ab_test/1", 404),
    ("/api/models/none", 404),
    ("/api/evaluations/none", 404),
    ("/api/evaluations/none/daily", 404),
    ("/api/runs/0193a1f0-0000-7000-8000-000000000000", 404),
    ("/api/runs/0193a1f0-0000-7000-8000-000000000000/events", 404),
    ("/api/runs/1", 422),
    ("/api/stocks/5930", 422),
    ("/api/stocks/00593a", 422),
    ("/api/news?stock_code=%00", 422),
    ("/api/news?source=%00", 422),
    ("/api/news?stok_code=005930", 422),
    ("/api/stocks?x=1", 422),
    ("/livez?x=1", 422),
    ("/api/news?limit=201", 422),
    ("/api/news?limit=0", 422),
    ("/api/news?limit=many", 422),
    ("/api/news?since=2026-01-01", 422),
    ("/api/news?since=2026-01-01T00:00:00", 422),
    ("/api/news?cursor=zzz", 422),
    ("/api/news?cursor=WyIyMDI2LTAxLTAxVDAwOjAwOjAwIiwiMSJd", 422),
    ("/api/runs?state=gone", 422),
    ("/api/prediction?horizon=2", 422),
    ("/api/prediction?mode=dream", 422),
    ("/api/evaluations?window=7", 422),
    ("/api/evaluations/leaderboard?mode=all", 422),
    ("/api/events/studies?sign=good", 422),
    ("/api/events/studies?type=A", 422),
    ("/api/events/studies?horizon=2", 422),
    ("/api/evaluations/none/calibration", 404),
    ("/api/evaluations/none/stocks", 404),
    ("/api/evaluations/ratings/next", 401),
    ("/api/ab_test/1/status", 404),
    ("/api/ab_test/1/history", 404),
    ("/api/ab_test/1/assignment?viewer=a", 404),
    ("/api/ab_test/1/assignment", 422),
    ("/api/news/99999999999999999999", 422),
    ("/api/news/0", 422),
    ("/api/news?since=1700000000", 422),
    ("/api/news?since=-5e-2", 422),
    ("/api/calendar?since=0", 422),
]
STOCK = {"code": "005930", "name": "삼성전자", "market": "KOSPI"}
TEST = {"name": "t", "model_version_a": 1, "model_version_b": 2}
BAD_WRITES: list[tuple[str, Any, int]] = [
    ("/api/stocks", STOCK | {"code": "5930"}, 422),
    ("/api/stocks", STOCK | {"market": "NYSE"}, 422),
    ("/api/stocks", STOCK | {"name": ""}, 422),
    ("/api/stocks", STOCK | {"name": "a\x00b"}, 422),
    ("/api/stocks", STOCK | {"priority": 9}, 422),
    ("/api/stocks", STOCK | {"colour": "red"}, 422),
    ("/api/stocks", ["005930"], 422),
    ("/api/reports", {"stock_code": "005930"}, 404),
    ("/api/prediction", {"stock_code": "005930"}, 404),
    ("/api/reports", {"stock_code": "nope"}, 422),
    ("/api/models", {"name": "m", "kind": "llm"}, 422),
    ("/api/models", {"name": "m", "kind": "knn", "parameters": {"k": "\x00"}}, 422),
    ("/api/models", {"name": "m", "kind": "knn", "parameters": {"k": float("nan")}}, 422),
    ("/api/ab_test", TEST | {"model_version_b": 1}, 422),
    ("/api/ab_test", TEST, 404),
    ("/api/ab_test", TEST | {"alpha": 1}, 422),
    ("/api/ab_test", TEST | {"alpha": 0}, 422),
    ("/api/ab_test/1/stop", {}, 404),
    ("/api/ab_test/1/decide", {}, 404),
    ("/api/ab_test/1/promote", {}, 404),
    ("/api/ab_test/1/archive", {}, 404),
    ("/api/evaluations/ratings", {"report_id": 1, "score": 6}, 422),
    ("/api/evaluations/ratings", {"report_id": 1, "score": 0}, 422),
    ("/api/evaluations/ratings", {"report_id": 1, "score": 5}, 404),
    ("/api/ab_test/1/start", {}, 404),
]


def problem_of(answer: httpx.Response) -> dict[str, Any]:
    """The problem of `answer`, complete and with its remedy."""
    assert answer.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = answer.json()
    assert set(problem) - {"errors", "values"} == {"type", "title", "status", "detail", "instance", "request_id"}
    assert problem["status"] == answer.status_code
    assert problem["request_id"] == answer.headers["x-request-id"]
    assert problem["detail"].endswith(".")
    assert "Traceback" not in answer.text
    return problem


async def test_bad_reads(client: httpx.AsyncClient) -> None:
    answers = {path: await client.get(path) for path, _ in BAD_READS}
    assert {path: problem_of(answer)["status"] for path, answer in answers.items()} == dict(BAD_READS)


async def test_bad_writes(writer: httpx.AsyncClient) -> None:
    json_type = {"Content-Type": "application/json"}
    for path, body, status in BAD_WRITES:
        answer = await writer.post(path, content=json.dumps(body), headers=json_type)
        assert (path, body, problem_of(answer)["status"]) == (path, body, status)


async def test_a_misspelt_parameter_is_named_with_its_neighbour(client: httpx.AsyncClient) -> None:
    problem = problem_of(await client.get("/api/news?stok_code=005930"))
    assert "write stock_code instead" in problem["detail"]
    assert problem["errors"][0]["location"] == ["query", "stok_code"]


async def test_wrong_method_names_the_right_ones(client: httpx.AsyncClient) -> None:
    answer = await client.delete("/api/dashboard")
    assert (answer.status_code, answer.headers["allow"], problem_of(answer)["title"]) == (
        405,
        "GET, HEAD",
        "Method not allowed",
    )


async def test_broken_json_and_too_much_of_it(writer: httpx.AsyncClient, api_settings: Settings) -> None:
    json_type = {"Content-Type": "application/json"}
    assert problem_of(await writer.post("/api/reports", content="{", headers=json_type))["status"] == 422
    large = b"x" * (api_settings.api.body_limit_bytes + 1)
    assert problem_of(await writer.post("/api/reports", content=large, headers=json_type))["status"] == 413

    async def undeclared() -> AsyncIterator[bytes]:
        yield large[:1000]
        yield large

    assert problem_of(await writer.post("/api/reports", content=undeclared(), headers=json_type))["status"] == 413


async def test_foreign_host_is_refused(app: FastAPI) -> None:
    async with client_of(app, Host="evil.example") as client:
        answer = await client.get("/api/stocks")
    assert (answer.status_code, problem_of(answer)["title"]) == (400, "Unknown host")


async def test_request_id_follows_traceparent_and_headers_are_safe(client: httpx.AsyncClient) -> None:
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    answer = await client.get("/api/stocks", headers={"traceparent": f"00-{trace}-00f067aa0ba902b7-01"})
    assert answer.headers["x-request-id"] == trace
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert (answer.headers["x-content-type-options"], answer.headers["x-frame-options"]) == ("nosniff", "DENY")
    forged = await client.get("/api/stocks", headers={"X-Request-Id": 'a b"<script>'})
    assert forged.headers["x-request-id"] != 'a b"<script>'


OPEN_WRITES = {("/api/session", "post"), ("/api/session", "delete")}


def write_routes(document: dict[str, Any]) -> set[tuple[str, str]]:
    """(path, method) of every operation that may change something, but for signing in and out."""
    every = {(path, method) for path, methods in document["paths"].items() for method in methods}
    return {(path, method) for path, method in every if method != "get"} - OPEN_WRITES


async def test_every_write_needs_the_right_key(app: FastAPI, world: World) -> None:
    routes = write_routes(app.openapi())
    assert len(routes) >= 7
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": f"Basic {KEY}"}):
        async with client_of(app, **headers) as client:
            for path, method in routes:
                answer = await client.request(method, re.sub(r"{.*?}", "1", path), json={})
                assert (path, answer.status_code) == (path, 401)
                assert "AZAK_API_KEY" in problem_of(answer)["detail"]
                assert answer.headers["www-authenticate"] == "Bearer"


@asynccontextmanager
async def api_without_database() -> AsyncIterator[httpx.AsyncClient]:
    settings = Settings()
    settings.api.key = SecretStr(KEY)
    settings.database.url = SecretStr(f"postgresql://azak:x@127.0.0.1:{free_port()}/azak")
    app = create_app(settings)
    async with app.router.lifespan_context(app), client_of(app, Authorization=f"Bearer {KEY}") as client:
        yield client


async def test_no_database_is_503_within_two_seconds() -> None:
    async with api_without_database() as client:
        for path in ("/readyz", "/api/stocks", "/api/dashboard", "/api/news/1"):
            started = time.monotonic()
            answer = await client.get(path)
            assert (path, answer.status_code) == (path, 503)
            assert time.monotonic() - started < 2
            assert int(answer.headers["retry-after"]) > 0
            assert "azak up" in problem_of(answer)["detail"]
        assert (await client.post("/api/reports", json={"stock_code": "005930"})).status_code == 503


async def test_without_database_the_process_still_tells_its_health() -> None:
    async with api_without_database() as client:
        assert (await client.get("/livez")).status_code == 200
        report = await client.get("/api/health")
        assert (report.status_code, report.json()["status"], report.json()["database"]["reachable"]) == (
            200,
            "degraded",
            False,
        )


async def test_a_database_of_another_version_is_told_with_its_remedy(
    app: FastAPI, client: httpx.AsyncClient, world: World, database: Database
) -> None:
    async with database.write() as session:
        for table in ("stocks", "runs"):
            await session.execute(text(f"ALTER TABLE {table} RENAME TO {table}_of_yesterday"))
    for path in ("/api/stocks", "/api/dashboard", "/api/runs"):
        answer = await client.get(path)
        assert (answer.status_code, "azak db migrate" in answer.json()["detail"]) == (503, True)
        assert "retry-after" in answer.headers
