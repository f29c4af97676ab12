"""The engine's loop survives what cuts its connections; found by the chaos test."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest
from sqlalchemy import text

from backend.config import Settings
from backend.db.session import Database
from backend.krx import KrxCalendar
from backend.models.process.client import ModelClient
from backend.pipelines.context import RunContext, Tools
from backend.scheduler import engine
from backend.scheduler.runner import Runner
from tests.fixtures.logged import Line
from tests.fixtures.looking import looks
from tests.scheduler.test_runner import QUEUES, Bodies, add_kind, ask, ended, get, nothing  # noqa: F401  (a fixture)

WITHIN_S = 20  # below the 30 s for which the engine once rested


@pytest.fixture
async def serving(settings: Settings, database: Database) -> AsyncIterator[None]:
    """A worker's loop."""
    settings.scheduler.run_lease_s = 2
    runner = Runner(Tools(settings, database, KrxCalendar(), ModelClient(settings)), worker="test")
    stop = asyncio.Event()
    loop = asyncio.create_task(engine.keep_serving(settings, runner.execute, QUEUES, concurrency=5, stop=stop))
    yield
    stop.set()
    await runner.drain(0)
    async with asyncio.timeout(20):
        await loop


async def cut_engine(database: Database) -> None:
    """End the engine's connections, as a restart of the server or a lost network does."""
    async with database.write() as session:
        query = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
        await session.execute(text(f"{query} AND application_name = 'azak.engine'"))


async def until_running(database: Database, run_id: uuid.UUID) -> None:
    await ended(database, run_id, states=("running",))


async def test_a_long_body_does_not_hold_up_the_engine_s_next_life(
    serving: None,
    database: Database,
    add_kind: Bodies,  # noqa: F811  (the fixture)
) -> None:
    release = asyncio.Event()

    async def long(_context: RunContext) -> object:
        await release.wait()
        return await nothing(_context)

    add_kind("long", long)
    add_kind("short", nothing)
    first = await ask(database, "long")
    await until_running(database, first)
    await cut_engine(database)
    async with asyncio.timeout(WITHIN_S):
        await ended(database, await ask(database, "short"))
    assert (await get(database, first)).state == "running"
    release.set()
    after = await ended(database, first)
    assert (after.state, after.attempt) == ("succeeded", 1)


async def test_cut_after_cut_the_engine_is_back_soon(serving: None, database: Database, add_kind: Bodies) -> None:  # noqa: F811
    add_kind("short", nothing)
    for _ in range(5):
        async with asyncio.timeout(WITHIN_S):
            await ended(database, await ask(database, "short"))
        await cut_engine(database)


async def test_a_connection_that_a_cut_left_unreturned_does_not_keep_the_engine_from_its_next_life(
    settings: Settings, logged: list[Line]
) -> None:
    """asyncpg's own close waits for it for ever; found by 30 cuts in 20 s."""
    async with asyncio.timeout(WITHIN_S), engine._pool(settings.database_url()) as pool:
        connection = await pool.acquire()
    with pytest.raises(asyncpg.InterfaceError):
        await connection.fetchval("SELECT 1")
    assert [(line["event"], line["error"]) for line in logged] == [("engine_connections_left", "TimeoutError()")]


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """An engine that is silent after 4 s: it asks every 2 s, and a statement may take 30."""
    monkeypatch.setattr(engine, "_SILENT_AFTER_S", 4.0)


@pytest.mark.usefixtures("impatient")
async def test_an_engine_that_gets_no_answer_is_started_again(
    serving: None,
    settings: Settings,
    database: Database,
    add_kind: Bodies,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its statements hang behind a lock."""
    next_life, serve = asyncio.Event(), engine.serve

    async def noticed(*arguments: Any, **more: Any) -> None:
        next_life.set()
        await serve(*arguments, **more)

    add_kind("short", nothing)
    await ended(database, await ask(database, "short"))
    monkeypatch.setattr(engine, "serve", noticed)
    holder = await asyncpg.connect(settings.database_url())
    async with asyncio.timeout(2 * WITHIN_S), holder.transaction():
        await holder.execute("LOCK TABLE azak_queue.pgqueuer IN ACCESS EXCLUSIVE MODE")
        await next_life.wait()
    await holder.close()
    async with asyncio.timeout(WITHIN_S):
        await ended(database, await ask(database, "short"))


async def test_the_engine_knows_a_run_once_however_often_it_is_told(database: Database) -> None:
    """The reconciler tells it again of what it may have lost: one row in the queue of its kind, by priority."""
    offers = [engine.Offer(uuid.uuid4(), "crawl_news", 5), engine.Offer(uuid.uuid4(), "backtest", 0)]
    for told in (offers, offers[:1], []):
        async with database.write() as session:
            await engine.enqueue(session, told)
    async with database.read() as session:
        rows = await session.execute(
            text(
                "SELECT entrypoint, priority, convert_from(payload, 'UTF8'), dedupe_key"
                " FROM azak_queue.pgqueuer ORDER BY id"
            )
        )
        found = [tuple(row) for row in rows]
    ids = [str(offer.run_id) for offer in offers]
    assert found == [("crawl_news", 5, ids[0], ids[0]), ("backtest", 0, ids[1], ids[1])]


async def test_no_probe_is_sent_before_the_engine_listens(
    settings: Settings, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A probe whose answer nobody hears ended the engine after 10 s, on a machine slow enough to send it first."""
    stop, order = asyncio.Event(), list[str]()

    class Slow(engine._WatchedDriver):
        async def add_listener(self, channel: str, callback: Any) -> None:
            async with database.read() as session:  # other work of the machine, before it listens
                await session.execute(text("SELECT 1"))
            await super().add_listener(channel, callback)
            order.append("listens")

        async def notify(self, channel: str, payload: str) -> None:
            order.append("asks")
            stop.set()
            await super().notify(channel, payload)

    monkeypatch.setattr(engine, "_WatchedDriver", Slow)
    async with asyncio.timeout(WITHIN_S):
        await engine.serve(settings.database_url(), _no_work, QUEUES, concurrency=4, heartbeat_s=2, stop=stop)
    assert order[0] == "listens"


async def test_an_engine_that_ended_leaves_no_task_behind(settings: Settings, database: Database) -> None:
    """It is started again every second while the database is away."""
    stop, before = asyncio.Event(), asyncio.all_tasks()
    served = asyncio.create_task(
        engine.serve(settings.database_url(), _no_work, QUEUES, concurrency=4, heartbeat_s=2, stop=stop)
    )
    async for _ in looks(WITHIN_S):
        if served.done():
            break
        await cut_engine(database)
    await asyncio.wait({served})
    assert not stop.is_set()
    async for _ in looks(WITHIN_S):  # what was cancelled ends in the next turn of the loop
        if not asyncio.all_tasks() - before - {served}:
            break


async def _no_work(_run_id: uuid.UUID) -> None: ...
