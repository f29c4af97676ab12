"""The first day on a hostile network: who may write, what a request may hold, and what never leaves the process."""

import asyncio
import json
import re
import subprocess
import sys
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text

from backend import internal
from backend.config import Settings
from backend.db.session import Database
from tests.api.conftest import KEY, client_of
from tests.api.test_refusals import OPEN_WRITES, problem_of, write_routes
from tests.factories import SAMSUNG, World
from tests.fixtures.api_process import instances

HOSTILE = ["'; DROP TABLE stocks; --", "\\' OR '1'='1", "%$$x$$", "\x00{}"]
LOCKED_READS = {"/api/keys", "/api/audit", "/api/evaluations/ratings/next"}
PATIENCE_S = 20


def every_operation(document: dict[str, Any]) -> list[tuple[str, str]]:
    return [(path, method) for path, methods in document["paths"].items() for method in methods]


async def test_every_write_needs_the_scope(app: FastAPI, writer: httpx.AsyncClient, world: World) -> None:
    made = (await writer.post("/api/keys", json={"name": "reader", "scopes": ["read"]})).json()
    async with client_of(app, Authorization=f"Bearer {made['key']}") as reader:
        for path, method in write_routes(app.openapi()):
            answer = await reader.request(method, re.sub(r"{.*?}", "1", path), json={})
            assert (path, answer.status_code) == (path, 403)
            assert "scope" in problem_of(answer)["detail"]


async def test_every_write_refuses_another_sites_page_and_a_foreign_host(app: FastAPI) -> None:
    routes = write_routes(app.openapi()) | OPEN_WRITES
    foreign = {"Sec-Fetch-Site": "cross-site"}
    async with client_of(app, Authorization=f"Bearer {KEY}") as writer:
        for path, method in routes:
            url = re.sub(r"{.*?}", "1", path)
            answer = await writer.request(method, url, json={}, headers=foreign)
            assert (path, answer.status_code, problem_of(answer)["title"]) == (path, 403, "Cross-site request")
            answer = await writer.request(method, url, json={}, headers={"Host": "azak.evil.example"})
            assert (path, answer.status_code, problem_of(answer)["title"]) == (path, 400, "Unknown host")


async def test_reads_are_open_but_for_those_of_people_with_a_key(
    app: FastAPI, client: httpx.AsyncClient, world: World
) -> None:
    reads = [path for path, method in every_operation(app.openapi()) if method == "get" and "events" not in path]
    answers = {path: (await client.get(re.sub(r"{.*?}", "1", path))).status_code for path in reads}
    assert {path for path, status in answers.items() if status == 401} == LOCKED_READS


async def test_sql_is_text_in_every_parameter(
    app: FastAPI, client: httpx.AsyncClient, world: World, database: Database
) -> None:
    for path, methods in app.openapi()["paths"].items():
        if "get" not in methods or path == "/api/events":
            continue
        names = [given["name"] for given in methods["get"].get("parameters", []) if given["in"] == "query"]
        for value in HOSTILE:
            url = re.sub(r"{.*?}", httpx.URL("/", params={"v": value}).query.decode()[2:], path)
            for parameters in [{}, *({name: value} for name in names)]:
                answer = await client.get(url, params=parameters)
                assert answer.status_code < 500, (url, parameters, answer.text)
    async with database.read() as session:
        assert (await session.execute(text("SELECT count(*) FROM stocks"))).scalar_one() == 2


async def test_sql_is_text_in_a_body(writer: httpx.AsyncClient, client: httpx.AsyncClient) -> None:
    name = "'); DROP TABLE stocks; --"
    body = {"code": "035720", "name": name, "market": "KOSPI", "aliases": [name], "history": False}
    assert (await writer.post("/api/stocks", json=body)).status_code == 201
    assert (await client.get("/api/stocks/035720")).json()["name"] == name


async def test_a_query_that_is_too_long_is_refused(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/stocks", params=[("limit", "1")] * 400)
    assert (answer.status_code, "query" in problem_of(answer)["detail"]) == (422, True)


@pytest.mark.parametrize(
    "path", [internal.GENERATE_REPORT, internal.RUNS, "/api/..%2finternal/runs", "//internal/runs"]
)
async def test_the_schedulers_own_routes_are_not_reached_through_the_api(writer: httpx.AsyncClient, path: str) -> None:
    for method in ("GET", "POST"):
        answer = await writer.request(method, path, json={"stock_code": SAMSUNG})
        assert answer.status_code in (404, 405), path
        assert "token" not in answer.text


def test_another_host_without_a_key_does_not_start(compiled: dict[str, str], settings: Settings) -> None:
    environment = compiled | {
        "AZAK_API_HOST": "0.0.0.0", "AZAK_API_PORT": "1", "AZAK_DATABASE_URL": settings.database_url(),
        "AZAK_DATA_DIR": "/nonexistent",
    }  # fmt: skip
    command = [sys.executable, "-m", "backend.main"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert "AZAK_API_KEY is empty; set a key" in done.stderr


async def raw(port: int, *parts: bytes) -> bytes:
    """All that is answered to these bytes, until the other side closes; `reset` if it closed while we were sending."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for part in parts:
        writer.write(part)
    try:
        async with asyncio.timeout(PATIENCE_S):
            return await reader.read()
    except ConnectionError:
        return b"reset"
    finally:
        writer.close()


async def test_slow_and_huge_requests_cost_nobody_else(
    settings: Settings, world: World, compiled: dict[str, str]
) -> None:
    limits = {"AZAK_API_REQUEST_WITHIN_S": "1"}
    with instances(settings, compiled | limits) as (address, (process,)):
        port = int(address.rpartition(":")[2])
        unfinished = [
            b"",
            b"GET /api/stocks HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ",
            b"POST /api/reports HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/json\r\nContent-Length: 9\r\n\r\n{",
        ]
        async with httpx.AsyncClient(base_url=address, timeout=PATIENCE_S, verify=False) as client:
            slow = [asyncio.create_task(raw(port, request)) for request in unfinished * 50]
            for _ in range(20):
                assert (await client.get("/api/stocks")).status_code == 200
            assert {await task for task in slow} == {b""}
            assert (await client.get("/api/stocks")).status_code == 200
            head = b"POST /api/reports HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10000000\r\n\r\n"
            assert (await raw(port, head)).startswith(b"HTTP/1.1 413 ")
            endless = await raw(
                port, b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n", *[b"X-A: " + b"a" * 1000 + b"\r\n"] * 40
            )
            assert endless.startswith((b"HTTP/1.1 400 ", b"reset"))
            assert (await client.get("/api/stocks")).status_code == 200
        process.terminate()
        process.communicate(timeout=PATIENCE_S)


async def test_secrets_stand_in_no_answer_and_no_log_line(
    settings: Settings, world: World, compiled: dict[str, str]
) -> None:
    secrets = {"AZAK_API_KEY": "sesame-of-the-api", "AZAK_SCHEDULER_TOKEN": "sesame-of-the-scheduler"}
    with instances(settings, compiled | secrets | {"AZAK_LOG_LEVEL": "debug"}) as (address, (process,)):
        headers = {"Authorization": f"Bearer {secrets['AZAK_API_KEY']}"}
        async with httpx.AsyncClient(base_url=address, headers=headers, verify=False) as client:
            made = (await client.post("/api/keys", json={"name": "phone", "scopes": ["read"]})).json()["key"]
            link = (await client.post("/api/session/links")).json()["url"].rpartition("=")[2]
            answers = [
                await client.get("/sign-in", params={"token": link}),
                await client.get("/sign-in", params={"token": link}),
                await client.post("/api/session", json={"key": made}),
                await client.post("/api/session", json={"key": "x" * 300 + made}),
                await client.get("/api/stocks", headers={"Authorization": f"Bearer {made}x"}),
                await client.post("/api/reports", json={"stock_code": made}),
                await client.get("/api/keys"),
            ]
        process.terminate()
        log = process.communicate(timeout=PATIENCE_S)[0].decode()
    assert [json.loads(line)["path"] for line in log.splitlines() if '"event":"request"' in line].count("/sign-in") == 2
    password = settings.database_url().split(":")[2].partition("@")[0]
    for secret in (*secrets.values(), made, link, password):
        assert secret not in log
    for answer in answers:
        for secret in (*secrets.values(), made, link, password):
            assert secret not in answer.text
