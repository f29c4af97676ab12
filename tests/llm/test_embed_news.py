"""The job that embeds: all that waits, once, and it carries over what its time does not allow."""

import time
from datetime import UTC, datetime, timedelta

from backend.config import Settings
from backend.db.session import Database
from backend.llm.client import ModelClient
from backend.scheduler.context import NoArguments, RunContext
from backend.scheduler.jobs import embed_news
from backend.services import embeddings
from tests.services import forecasting_world as world

STORIES = 150
START = datetime(2026, 3, 20, 1, 0, tzinfo=UTC)


async def waiting(database: Database, settings: Settings, light: ModelClient) -> RunContext:
    """A run beside STORIES stories without a vector of this embedder."""
    async with database.write() as session:
        (code,) = await world.add_stocks(session, 1)
        for n in range(STORIES):
            await world.add_story(session, code, START + timedelta(minutes=n), [1.0, 0.0])
    context = await world.make_context(database, settings)
    context.tools.models = light
    return context


async def count_waiting(database: Database, light: ModelClient) -> int:
    async with database.read() as session:
        return await embeddings.count_unembedded(session, light.embedder_name)


async def test_all_stories_get_a_vector_once(database: Database, settings: Settings, light: ModelClient) -> None:
    context = await waiting(database, settings, light)
    first = await embed_news.run(context, NoArguments())
    assert (first.read, first.written) == (STORIES, STORIES)
    assert await count_waiting(database, light) == 0
    assert context.status.progress == 1
    second = await embed_news.run(context, NoArguments())
    assert (second.read, second.written) == (0, 0)


async def test_run_without_time_leaves_the_rest_for_the_next(
    database: Database, settings: Settings, light: ModelClient
) -> None:
    context = await waiting(database, settings, light)
    context.deadline = time.monotonic() + 1
    assert (await embed_news.run(context, NoArguments())).written == 0
    assert await count_waiting(database, light) == STORIES
