"""Nightly order: partitions are made ahead, old rows go, and a second night finds nothing to do."""

import time
import uuid

import pytest
from sqlalchemy import text

from backend.config import Settings
from backend.db.session import Database
from backend.domain.runs import Origin
from backend.krx import KrxCalendar
from backend.models.process.client import ModelClient
from backend.pipelines.context import NoArguments, RunContext, Tools
from backend.pipelines.operations import housekeeping
from backend.services.runs import run_attempts, runs


@pytest.fixture
async def context(settings: Settings, database: Database) -> RunContext:
    async with database.write() as session:
        run = await runs.accept(session, kind="housekeeping", arguments={}, origin=Origin.API)
        await run_attempts.claim(session, run.id, worker="test", lease_s=60)
    tools = Tools(settings, database, KrxCalendar(), ModelClient(settings))
    return RunContext(tools, run.id, 1, "housekeeping", Origin.API, deadline=time.monotonic() + 60)


async def test_a_second_night_writes_nothing(context: RunContext) -> None:
    first = await housekeeping.run(context, NoArguments())
    second = await housekeeping.run(context, NoArguments())
    assert (first.detail["partitions"], second.written) == (3, 0)


async def test_old_runs_go_with_their_lines_and_open_ones_stay(context: RunContext, database: Database) -> None:
    old = uuid.uuid4()
    async with database.write() as session:
        await session.execute(
            text(
                "INSERT INTO runs (id, kind, active_key, origin, state, created_at)"
                " VALUES (:id, 'k', 'k', 'clock', 'succeeded', now() - interval '181 days')"
            ),
            {"id": old},
        )
        await run_attempts.record_event(session, old, level="info", message="long ago")
        await session.execute(text("UPDATE runs SET created_at = now() - interval '1 year' WHERE state = 'running'"))
    assert (await housekeeping.run(context, NoArguments())).detail["runs"] == 1
    async with database.read() as session:
        assert await session.scalar(text("SELECT count(*) FROM runs")) == 1
        assert await session.scalar(text("SELECT count(*) FROM run_events")) == 0
