"""What bodies share with the other runs of their process."""

import asyncio

from sqlalchemy import text

from backend.config import Settings
from backend.db.session import Database
from tests.pipelines.scoring_world import context_for


async def test_a_run_that_writes_of_many_things_at_once_takes_one_connection(settings: Settings) -> None:
    """A check of twenty sources took all of a process's: it failed as if the database were busy, and so did others."""
    database = Database(settings, "test", size=2)
    context = await context_for(database, settings)
    inside, let_go = asyncio.Event(), asyncio.Event()
    written = []

    async def write(number: int) -> None:
        async with context.part(0, 1).write() as session:
            written.append(await session.scalar(text("SELECT CAST(:n AS int)"), {"n": number}))
            inside.set()  # its connection is taken; the others have asked for theirs
            await let_go.wait()

    async with asyncio.TaskGroup() as writers:
        for number in range(3):
            writers.create_task(write(number))
        writers.create_task(context.log("a line"))
        await inside.wait()
        async with database.write() as session:  # as a heartbeat does
            assert await session.scalar(text("SELECT 1")) == 1
        let_go.set()
    assert len(written) == 3
    await database.close()
