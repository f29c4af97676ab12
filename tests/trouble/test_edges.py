"""Every class of trouble at every edge: a route, a job, a loop and a command each say it in one sentence."""

import asyncio
import importlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from backend.config import Settings
from backend.db.session import Database
from backend.db.troubles import describe, explain
from backend.domain.runs import Counts
from backend.pipelines.context import RunContext
from backend.scheduler.runner import Runner
from backend.scheduler.service import SchedulerService
from backend.trouble import TROUBLES
from backend.web import create_base_app
from tests.fixtures.looking import looks
from tests.scheduler.test_runner import Bodies, add_kind, ask, ended, runner  # noqa: F401  (fixtures)
from tests.trouble.raised import RAISED, STATUS, name_of, of_sqlalchemy

command_line = importlib.import_module("backend.cli.main")  # in the package this name is its function
CODES = {code for code, *_ in RAISED}


@pytest.mark.parametrize("case", RAISED, ids=name_of)
def test_what_is_raised_has_its_class(case: tuple[str, Exception, bool, bool]) -> None:
    code, error, retries, drops = case
    found = explain(error).trouble
    assert (found.code, found.status) == (code, STATUS.get(code, 503))
    assert (found.retries, found.drops) == (retries, drops)


@pytest.mark.parametrize("case", [case for case in RAISED if isinstance(case[1], asyncpg.PostgresError)], ids=name_of)
def test_sqlalchemy_hides_no_class(case: tuple[str, Exception, bool, bool]) -> None:
    error = of_sqlalchemy(case[1])
    told = describe(error)
    assert (explain(error).trouble.code, told["code"]) == (case[0], case[0])
    assert "SELECT" not in told["message"]
    assert "secret-of-a-key" not in str(told)


def test_every_class_of_the_database_is_raised_here_and_alarms() -> None:
    of_database = {code for code, trouble in TROUBLES.items() if trouble.area == "database"}
    assert of_database - CODES == set()
    assert {code for code in of_database if not TROUBLES[code].alarms} == set()
    assert all(TROUBLES[code].retry_after_s for code in of_database)


def test_every_sentence_ends_and_says_what_to_do() -> None:
    for trouble in TROUBLES.values():
        assert trouble.sentence.endswith((".", "}")), trouble.code  # "}": a sentence of its own
        assert trouble.area == "input" or len(trouble.sentence.split()) > 5, trouble.code


@asynccontextmanager
async def _nothing(_: FastAPI) -> AsyncIterator[None]:
    yield


@pytest.mark.parametrize("case", RAISED, ids=name_of)
async def test_a_route_answers_with_code_and_sentence(case: tuple[str, Exception, bool, bool]) -> None:
    code, error, _, _ = case
    app = create_base_app(title="t", version="1", lifespan=_nothing, body_limit_bytes=1000)

    async def fails() -> None:
        raise error

    app.add_api_route("/fails", fails)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client:
        answer = await client.get("/fails")
    problem = answer.json()
    assert (answer.status_code, problem["type"]) == (STATUS.get(code, 503), f"/problems/{code}")
    assert problem["detail"] == explain(error).detail
    assert ("retry-after" in answer.headers) == (TROUBLES[code].retry_after_s is not None)
    if code == "database-schema-newer":
        assert problem["values"] == {"found": "9999", "known": "0035"}


async def test_a_job_is_tried_again_or_ends_as_its_class_says(
    runner: Runner,  # noqa: F811
    database: Database,
    add_kind: Bodies,  # noqa: F811
) -> None:
    for code, error, retries, _ in RAISED:

        async def fails(_: RunContext, error: Exception = error) -> Counts:
            raise error

        add_kind("test", fails, max_attempts=2, backoff_s=0.02, backoff_cap_s=0.02)
        run = await ended(database, await ask(database, "test"))
        assert (code, run.state, run.attempt) == (code, "failed", 2 if retries else 1)
        assert run.error["code"] == code
        assert run.error["message"], code


async def test_a_loop_tells_its_trouble_and_goes_on(settings: Settings) -> None:
    service = SchedulerService(settings)
    left = [case for case in RAISED if case[0].startswith("database-")]
    told: list[str] = []

    async def step() -> None:
        if service.problem:
            told.append(service.problem)
        if left:
            raise left.pop(0)[1]

    loop = asyncio.create_task(service._keep(step, service.loops.expect("test"), every_s=0.001))
    async for _ in looks(20):
        if not left and told and service.problem is None:
            break
    loop.cancel()
    await service.database.close()
    assert [explain(case[1]).detail for case in RAISED if case[0].startswith("database-")] == told


@pytest.mark.parametrize("case", RAISED, ids=name_of)
def test_a_command_ends_with_one_line(
    case: tuple[str, Exception, bool, bool], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, error, _, _ = case

    def fails(**_: str) -> None:
        raise error

    monkeypatch.setattr(command_line, "app", fails)
    if code == "internal-error":
        with pytest.raises(type(error)):
            command_line.main()
        return
    with pytest.raises(SystemExit) as ended_with:
        command_line.main()
    expected = {503: 3, 422: 2}.get(STATUS.get(code, 503), 1)
    assert (ended_with.value.code, capsys.readouterr().err) == (expected, f"azak: {explain(error).detail}\n")
