"""A process that freezes inside a transaction, or is told to stop, holds up nobody; found by the chaos test.

To the server a frozen process is an open transaction that says nothing, so that is what these tests make.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from sqlalchemy.exc import DBAPIError

from backend.config import Settings
from backend.db.session import Database, Session
from backend.db.troubles import is_of_database
from backend.domain.runs import Counts, Origin
from backend.krx import KrxCalendar
from backend.models.process.client import ModelClient
from backend.pipelines.context import RunContext, Tools
from backend.scheduler.accept import accept
from backend.scheduler.runner import Runner
from backend.services.runs import leader, run_attempts
from backend.services.runs.run_attempts import Claim
from tests.fixtures.looking import looks
from tests.scheduler.test_runner import Bodies, add_kind, ask, get, nothing  # noqa: F401  (a fixture)

LEASE_S = 1


@pytest.fixture
async def frozen(settings: Settings) -> Database:
    """The database as the frozen process sees it."""
    settings.scheduler.run_lease_s = LEASE_S
    return Database(settings, "frozen")


@asynccontextmanager
async def silent(database: Database) -> AsyncIterator[Session]:
    """A transaction that stays open during the block and then finds that it was ended."""
    session = database.write()
    yield await session.__aenter__()
    with pytest.raises(DBAPIError) as lost:
        await session.__aexit__(None, None, None)
    assert is_of_database(lost.value), repr(lost.value)


async def test_a_transaction_that_says_nothing_lets_go_of_its_run(
    frozen: Database,
    database: Database,
    add_kind: Bodies,  # noqa: F811  (the fixture)
) -> None:
    add_kind("test", nothing)
    run_id = await ask(database, "test")
    async with database.write() as session:
        await run_attempts.claim(session, run_id, worker="frozen", lease_s=LEASE_S)
    async with silent(frozen) as held:
        await run_attempts.fence(held, run_id, 1)
        async for _ in looks(4 * LEASE_S):
            async with database.write() as session:
                claim = await run_attempts.claim(session, run_id, worker="other", lease_s=LEASE_S)
            if isinstance(claim, Claim):
                break
    assert isinstance(claim, Claim)
    assert claim.attempt == 2


async def test_a_renewal_that_says_nothing_lets_go_of_the_lease(frozen: Database, database: Database) -> None:
    async with silent(frozen) as held:
        await leader.take_or_renew(held, holder="frozen", ttl_s=0.1)
        async with asyncio.timeout(3 * LEASE_S), database.write() as session:
            epoch = await leader.take_or_renew(session, holder="other", ttl_s=15)
    assert epoch == 1  # what the frozen one was about to write was never there


async def test_a_drain_returns_when_its_runs_are_put_back(
    settings: Settings,
    database: Database,
    add_kind: Bodies,  # noqa: F811  (the fixture)
) -> None:
    async def long(_context: RunContext) -> Counts:
        await asyncio.Event().wait()
        return Counts()

    add_kind("test", long)
    runner = Runner(Tools(settings, database, KrxCalendar(), ModelClient(settings)), worker="test")
    async with database.write() as session:
        run = await accept(session, "test", {}, origin=Origin.API)
    executing = asyncio.create_task(runner.execute(run.id))
    async for _ in looks(5):
        if (await get(database, run.id)).state == "running":
            break
    await runner.drain(0)
    assert (await get(database, run.id)).state == "retry"
    assert await executing == 0


async def test_a_drain_takes_back_a_run_that_was_just_being_claimed(
    settings: Settings,
    database: Database,
    add_kind: Bodies,  # noqa: F811  (the fixture)
) -> None:
    async def long(_context: RunContext) -> Counts:
        await asyncio.Event().wait()
        return Counts()

    add_kind("test", long)
    runner = Runner(Tools(settings, database, KrxCalendar(), ModelClient(settings)), worker="test")
    run_id = await ask(database, "test")
    executing = asyncio.create_task(runner.execute(run_id))
    await asyncio.sleep(0)  # it has begun, and waits for the database
    await runner.drain(0)
    assert (await get(database, run_id)).state == "retry"
    assert await executing == 0
