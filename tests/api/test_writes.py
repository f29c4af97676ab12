"""Small writes, and requests for work with the scheduler answering, refusing, or silent."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from sqlalchemy import func, select, text, update

from backend.api.scheduler_client import Breaker
from backend.config import Settings
from backend.db.session import Database
from backend.db.tables.access import ApiKey
from backend.db.tables.runs import Run
from backend.domain.runs import Origin
from backend.internal import GENERATE_REPORT
from backend.services.access.access import hash_secret
from backend.services.runs import runs
from backend.web import bind_socket
from tests.api.conftest import client_of
from tests.factories import SAMSUNG, World, add, add_ab_test

NEW = {"code": "035720", "name": "카카오", "market": "KOSPI"}
REPORT = {"stock_code": SAMSUNG}
HEAVY: list[tuple[str, dict[str, Any], str, dict[str, Any]]] = [
    ("/api/reports", REPORT, "generate_reports", {"stock_codes": [SAMSUNG]}),
    ("/api/prediction", REPORT, "generate_predictions", {"stock_codes": [SAMSUNG]}),
    ("/api/predict", REPORT, "generate_predictions", {"stock_codes": [SAMSUNG]}),
    ("/api/stocks", NEW, "initial_analysis", {"stock_code": "035720"}),
    ("/api/models", {"name": "knn-wide", "kind": "knn"}, "backfill_model", {"model": "knn-wide", "sessions": 20}),
    ("/api/jobs/crawl_news/runs", {}, "crawl_news", {}),
]


@pytest.mark.parametrize("case", HEAVY, ids=lambda case: case[0])
async def test_silent_scheduler_defers_the_run(
    writer: httpx.AsyncClient, world: World, case: tuple[str, dict[str, Any], str, dict[str, Any]]
) -> None:
    path, body, kind, arguments = case
    answer = await writer.post(path, json=body)
    run = answer.json()
    assert (answer.status_code, run["deferred"], run["state"]) == (202, True, "queued")
    assert (run["kind"], run["arguments"], run["requested_by"]) == (kind, arguments, "key")
    assert run["request_id"] == answer.headers["x-request-id"]
    assert run["expires_at"] > run["created_at"]
    assert (await writer.get(answer.headers["location"])).json().items() <= run.items()


async def test_equal_work_is_one_run(writer: httpx.AsyncClient, world: World, database: Database) -> None:
    answers = [await writer.post("/api/reports", json=REPORT) for _ in range(3)]
    assert len({answer.json()["id"] for answer in answers}) == 1


@asynccontextmanager
async def scheduler_stub(
    settings: Settings, answer: Callable[[dict[str, Any]], Awaitable[tuple[int, dict[str, Any]]]]
) -> AsyncIterator[list[Request]]:
    """A real HTTP server on the scheduler's port; returns the requests it received."""
    seen: list[Request] = []
    started = asyncio.Event()

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        started.set()
        yield

    app = FastAPI(lifespan=lifespan)

    @app.post("/internal/{rest:path}")
    async def receive(rest: str, body: dict[str, Any], request: Request) -> Any:
        seen.append(request)
        status, content = await answer(body)
        return JSONResponse(content, status)

    listener = bind_socket("127.0.0.1", settings.scheduler.port)
    listener.listen()
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, ws="none", lifespan="on"))
    task = asyncio.create_task(server._serve(sockets=[listener]))
    async with asyncio.timeout(10):
        await started.wait()
    yield seen
    server.should_exit = True
    await task


async def test_answering_scheduler_gets_the_request_and_its_run_is_shown(
    writer: httpx.AsyncClient, world: World, api_settings: Settings, database: Database
) -> None:
    async def accept(body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        async with database.write() as session:
            arguments = {"stock_codes": [body["stock_code"]]}
            run = await runs.accept(session, kind="generate_reports", arguments=arguments, origin=Origin.API)
        return 202, {"id": str(run.id), "kind": run.kind, "state": run.state, "created": run.created}

    async with scheduler_stub(api_settings, accept) as seen:
        answer = await writer.post("/api/reports", json=REPORT)
    assert (answer.status_code, answer.json()["deferred"]) == (202, False)
    (request,) = seen
    assert request.url.path == GENERATE_REPORT
    assert request.headers["authorization"] == "Bearer test-token-of-the-scheduler"
    assert request.headers["x-request-id"] == answer.headers["x-request-id"]
    assert request.headers["x-requested-by"] == "key"


@pytest.mark.parametrize(("status", "expected"), [(422, 422), (404, 404), (500, 202), (401, 202)])
async def test_refusal_is_passed_on_and_failure_is_deferred(
    writer: httpx.AsyncClient, world: World, api_settings: Settings, status: int, expected: int
) -> None:
    async def refuse(body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        return status, {"detail": "Say it differently."}

    async with scheduler_stub(api_settings, refuse):
        answer = await writer.post("/api/jobs/crawl_news/runs", json={})
    said = answer.json().get("detail", "deferred" if answer.json().get("deferred") else "")
    assert (answer.status_code, said) == (expected, "deferred" if expected == 202 else "Say it differently.")


async def test_hanging_scheduler_costs_a_second_at_most(
    writer: httpx.AsyncClient, world: World, api_settings: Settings
) -> None:
    released = asyncio.Event()

    async def hang(body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        await released.wait()
        return 500, {}

    async with scheduler_stub(api_settings, hang):
        async with asyncio.timeout(api_settings.api.scheduler_timeout_s + 10):
            answer = await writer.post("/api/reports", json=REPORT)
        released.set()
    assert (answer.status_code, answer.json()["deferred"]) == (202, True)


async def test_a_hanging_scheduler_is_asked_by_one_click_a_pause(
    writer: httpx.AsyncClient, app: FastAPI, world: World, api_settings: Settings
) -> None:
    released, seconds = asyncio.Event(), [100.0]
    app.state.scheduler._breaker = Breaker(5, lambda: seconds[0])

    async def hang(body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        await released.wait()
        return 404, {"detail": "It answers again."}

    async def click() -> int:
        return (await writer.post("/api/jobs/crawl_news/runs", json={})).status_code

    async with scheduler_stub(api_settings, hang) as seen:
        assert ([await click() for _ in range(3)], len(seen)) == ([202] * 3, 1)
        seconds[0] += 5
        assert (sorted(await asyncio.gather(*(click() for _ in range(3)))), len(seen)) == ([202] * 3, 2)
        released.set()
        assert (await click(), len(seen)) == (202, 2)
        seconds[0] += 5
        assert ([await click() for _ in range(3)], len(seen)) == ([404] * 3, 5)


async def test_same_idempotency_key_is_the_same_run_even_after_it_ended(
    writer: httpx.AsyncClient, world: World, database: Database
) -> None:
    key = {"Idempotency-Key": "click-1"}
    first = await writer.post("/api/reports", json=REPORT, headers=key)
    async with database.write() as session:
        await session.execute(update(Run).values(state="succeeded"))
    again = await writer.post("/api/reports", json=REPORT, headers=key)
    other_key = await writer.post("/api/reports", json=REPORT, headers={"Idempotency-Key": "click-2"})
    assert (again.status_code, again.json()["id"], again.json()["state"]) == (202, first.json()["id"], "succeeded")
    assert other_key.json()["id"] != first.json()["id"]


async def test_same_idempotency_key_with_another_body_is_refused(writer: httpx.AsyncClient, world: World) -> None:
    key = {"Idempotency-Key": "click-1"}
    await writer.post("/api/reports", json=REPORT, headers=key)
    answer = await writer.post("/api/reports", json={"stock_code": "000660"}, headers=key)
    assert (answer.status_code, "another body" in answer.json()["detail"]) == (422, True)


async def test_failed_request_leaves_its_idempotency_key_free(writer: httpx.AsyncClient, world: World) -> None:
    key = {"Idempotency-Key": "click-1"}
    assert (await writer.post("/api/reports", json={"stock_code": "035720"}, headers=key)).status_code == 404
    assert (await writer.post("/api/stocks", json=NEW | {"history": False})).status_code == 201
    assert (await writer.post("/api/reports", json={"stock_code": "035720"}, headers=key)).status_code == 202


async def test_concurrent_requests_with_one_key_make_one_run(
    writer: httpx.AsyncClient, world: World, database: Database
) -> None:
    key = {"Idempotency-Key": "click-1"}
    answers = await asyncio.gather(*(writer.post("/api/stocks", json=NEW, headers=key) for _ in range(4)))
    assert {answer.status_code for answer in answers} <= {202, 409}
    assert 202 in {answer.status_code for answer in answers}
    async with database.read() as session:
        assert await session.scalar(select(func.count()).select_from(Run)) == 1


async def test_stock_without_history_is_made_at_once(writer: httpx.AsyncClient) -> None:
    answer = await writer.post("/api/stocks", json=NEW | {"history": False, "aliases": ["Kakao"]})
    assert (answer.status_code, answer.headers["location"]) == (201, "/api/stocks/035720")
    shown = (await writer.get("/api/stocks/035720")).json()
    assert [shown.pop(name) for name in ("move", "sizes", "event")] == [None, [], None]
    assert shown.items() <= answer.json().items()
    again = await writer.post("/api/stocks", json=NEW | {"history": False})
    assert (again.status_code, "watched already" in again.json()["detail"]) == (409, True)


async def test_ab_test_is_drafted_and_only_one_runs(
    writer: httpx.AsyncClient, world: World, database: Database
) -> None:
    body = {"name": "knn or base", "model_version_a": world.version, "model_version_b": world.other_version}
    drafted = await writer.post("/api/ab_test", json=body)
    assert (drafted.status_code, drafted.json()["state"], drafted.json()["model_b"]) == (201, "draft", "base")
    assert (await writer.post("/api/ab-test", json=body)).status_code == 409
    started = await writer.post(f"{drafted.headers['location']}/start")
    assert (started.status_code, started.json()["state"]) == (200, "running")
    async with database.write() as session:
        other = await add_ab_test(session, world.version, world.other_version)
    refused = await writer.post(f"/api/ab_test/{other}/start")
    assert (refused.status_code, "Another A/B test is running" in refused.json()["detail"]) == (409, True)
    twice = await writer.post(f"{drafted.headers['location']}/start")
    assert (twice.status_code, "only a draft" in twice.json()["detail"]) == (409, True)


async def test_key_of_the_table_works_until_it_is_revoked(app: FastAPI, world: World, database: Database) -> None:
    async with database.write() as session:
        await add(
            session, ApiKey, id=func.gen_random_uuid(), name="phone", key_hash=hash_secret("k" * 32), scopes=["write"]
        )
    async with client_of(app, Authorization=f"Bearer {'k' * 32}") as client:
        accepted = await client.post("/api/reports", json=REPORT)
        assert (accepted.status_code, accepted.json()["requested_by"]) == (202, "phone")
        async with database.write() as session:
            await session.execute(update(ApiKey).values(revoked_at=func.now()))
        assert (await client.post("/api/reports", json=REPORT)).status_code == 401


async def test_failing_commit_answers_500(writer: httpx.AsyncClient, world: World, database: Database) -> None:
    async with database.write() as session:
        await session.execute(
            text("""
            CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'at commit'; END $$""")
        )
        await session.execute(
            text("""
            CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON ab_tests DEFERRABLE INITIALLY DEFERRED
            FOR EACH ROW EXECUTE FUNCTION refuse()""")
        )
    body = {"name": "lost", "model_version_a": world.version, "model_version_b": world.other_version}
    answer = await writer.post("/api/ab_test", json=body)
    assert (answer.status_code, "at commit" in answer.text) == (500, False)
    assert (await writer.get("/api/ab_test")).json()["items"] == []


async def test_read_session_cannot_write(app: FastAPI, world: World) -> None:
    with pytest.raises(Exception, match="read-only transaction"):
        async with app.state.database.read() as session:
            await session.execute(update(Run).values(progress=1))
