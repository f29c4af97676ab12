"""Bodies that misbehave: each ends as documented, and harms no other run."""

import asyncio

from sqlalchemy import text

from backend.db.session import Database
from backend.domain.runs import Counts
from backend.pipelines.context import RunContext
from backend.scheduler.runner import Runner
from backend.services.runs import runs
from tests.fixtures.logged import Line
from tests.scheduler.test_runner import Bodies, add_kind, ask, ended, get, nothing, runner  # noqa: F401  (fixtures)


async def test_a_body_that_ignores_its_end_loses_its_slot_and_its_writes(
    runner: Runner,  # noqa: F811  (the fixture)
    database: Database,
    add_kind: Bodies,  # noqa: F811
    logged: list[Line],
) -> None:
    release, wrote = asyncio.Event(), asyncio.Event()

    async def stubborn(context: RunContext) -> Counts:
        while not release.is_set():
            try:
                await release.wait()
            except asyncio.CancelledError:
                continue
        try:
            async with context.write() as session:
                await session.execute(text("INSERT INTO jobs (id, cron) VALUES ('late', '')"))
        finally:
            wrote.set()
        return Counts(written=1)

    add_kind("test", stubborn, timeout_s=0.2, max_attempts=1)
    add_kind("other", nothing)
    run = await ended(database, await ask(database, "test"))
    assert (run.state, run.error["class"]) == ("failed", "TimeoutError")
    assert (await ended(database, await ask(database, "other"))).state == "succeeded"
    (line,) = (line for line in logged if line["event"] == "body_ignores_its_end")
    assert line["task"].startswith("<Task cancelling")
    release.set()
    async with asyncio.timeout(10):
        await wrote.wait()
    async with database.read() as session:
        assert await session.scalar(text("SELECT count(*) FROM jobs")) == 0


async def test_a_leaked_transaction_is_ended_and_its_writes_are_not(
    runner: Runner,  # noqa: F811
    database: Database,
    add_kind: Bodies,  # noqa: F811
) -> None:
    leaked = []
    short = Database(runner.tools.settings, "leaky")  # made with the short lease of this runner

    async def leaky(context: RunContext) -> Counts:
        transaction = short.write()  # never left
        session = await transaction.__aenter__()
        await session.execute(text("LOCK TABLE jobs IN ACCESS EXCLUSIVE MODE"))
        await session.execute(text("INSERT INTO jobs (id, cron) VALUES ('leaked', '')"))
        leaked.append((transaction, session))
        return Counts(written=1)

    async def writes(context: RunContext) -> Counts:
        async with context.write() as session:
            await session.execute(text("INSERT INTO jobs (id, cron) VALUES ('kept', '')"))
        return Counts(written=1)

    add_kind("test", leaky)
    add_kind("other", writes)
    assert (await ended(database, await ask(database, "test"))).state == "succeeded"
    assert (await ended(database, await ask(database, "other"))).state == "succeeded"
    async with database.read() as session:
        assert list(await session.scalars(text("SELECT id FROM jobs"))) == ["kept"]
    await leaked[0][1].invalidate()


async def test_a_flood_of_progress_and_lines_costs_a_bounded_number_of_rows(
    runner: Runner,  # noqa: F811
    database: Database,
    add_kind: Bodies,  # noqa: F811
) -> None:
    async def flood(context: RunContext) -> Counts:
        for number in range(10_000):
            context.report(number / 10_000, f"step {number}")
            await context.log(f"line {number}")
        return Counts()

    add_kind("test", flood)
    add_kind("other", nothing)
    flooding = await ask(database, "test")
    assert (await ended(database, await ask(database, "other"))).state == "succeeded"
    assert (await ended(database, flooding)).state == "succeeded"
    async with database.read() as session:
        assert await session.scalar(text("SELECT count(*) FROM run_events")) == runs.MAX_EVENTS
        changes = await session.scalar(text("SELECT count(*) FROM stream_events"))
    assert changes is not None
    assert changes < 200


async def test_a_body_that_raises_what_nobody_expects_ends_its_run_alone(
    runner: Runner,  # noqa: F811
    database: Database,
    add_kind: Bodies,  # noqa: F811
) -> None:
    async def bad(_context: RunContext) -> Counts:
        raise ExceptionGroup("two at once", [ValueError("one"), KeyError("\x00 two")])

    add_kind("test", bad, max_attempts=1)
    add_kind("other", nothing)
    run = await ended(database, await ask(database, "test"))
    assert (run.state, run.error["class"]) == ("failed", "ExceptionGroup")
    assert (await ended(database, await ask(database, "other"))).state == "succeeded"
    assert (await get(database, run.id)).attempt == 1
