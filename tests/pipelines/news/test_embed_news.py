"""The job that embeds: all that waits, once, and it carries over what its time does not allow."""

import time
import uuid
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from backend.config import Settings
from backend.db.session import Database
from backend.domain.runs import Origin
from backend.errors import NothingToDoError
from backend.krx import KrxCalendar
from backend.models.process.client import ModelClient
from backend.pipelines.context import NoArguments, RunContext, Tools
from backend.pipelines.news import embed_news
from backend.services.news import embeddings
from tests.fixtures.news_rows import remember

STORIES = 150
_ADD_STORIES = text("""
    WITH item AS (
        INSERT INTO news (url_key, url, source, publisher, kind, title, published_at, published_precision,
                          first_seen_at, known_at)
        SELECT 'test:' || n, 'https://example.com', 'test', 'test', 'article', '삼성전자 ' || n || '번째 소식', at,
               'minute', at, at
        FROM generate_series(1, CAST(:stories AS int)) AS n,
             LATERAL (SELECT CAST(:start AS timestamptz) + n * interval '1 minute' AS at) AS moment
        RETURNING id, known_at)
    INSERT INTO stories (head_news_id, first_known_at, size) SELECT id, known_at, 1 FROM item
""")
_ADD_RUN = text("""
    INSERT INTO runs (id, kind, active_key, origin, state, attempt, lease_until)
    VALUES (:id, 'embed_news', 'embed_news', 'cli', 'running', 1, now() + interval '1 hour')
""")


async def waiting(database: Database, settings: Settings, light: ModelClient) -> RunContext:
    """A running attempt beside STORIES stories without a vector."""
    run_id = uuid.uuid4()
    async with database.write() as session:
        await session.execute(_ADD_STORIES, {"stories": STORIES, "start": datetime(2026, 3, 19, tzinfo=UTC)})
        await remember(session)
        await session.execute(_ADD_RUN, {"id": run_id})
    tools = Tools(settings, database, KrxCalendar(), light)
    return RunContext(tools, run_id, 1, "embed_news", Origin.CLI, time.monotonic() + 600)


async def count_waiting(database: Database, light: ModelClient) -> int:
    async with database.read() as session:
        return await embeddings.count_unembedded(session, light.embedder_name)


async def test_all_stories_get_a_vector_once(database: Database, settings: Settings, light: ModelClient) -> None:
    context = await waiting(database, settings, light)
    first = await embed_news.run(context, NoArguments())
    assert (first.read, first.written) == (STORIES, STORIES)
    assert await count_waiting(database, light) == 0
    assert context.status.progress == 1
    with pytest.raises(NothingToDoError):
        await embed_news.run(context, NoArguments())


async def test_run_without_time_leaves_the_rest_for_the_next(
    database: Database, settings: Settings, light: ModelClient
) -> None:
    context = await waiting(database, settings, light)
    context.deadline = time.monotonic() + 1
    assert (await embed_news.run(context, NoArguments())).written == 0
    assert await count_waiting(database, light) == STORIES


async def test_the_names_of_linked_companies_are_masked_before_encoding(
    database: Database, settings: Settings, light: ModelClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = await waiting(database, settings, light)
    async with database.write() as session:
        await session.execute(text("INSERT INTO stocks (code, name, market) VALUES ('005930', '삼성전자', 'KOSPI')"))
        await session.execute(
            text("INSERT INTO version_links (version_id, stock_code, method, confidence, known_at)"
                 " SELECT id, '005930', 'name', 0.9, known_at FROM news_versions WHERE news_id = 1")
        )  # fmt: skip
    asked: list[str] = []

    async def embed(texts: list[str]) -> list[list[float]]:
        asked.extend(texts)
        return [[1.0, 0.0] for _ in texts]

    monkeypatch.setattr(light, "embed", embed)
    await embed_news.run(context, NoArguments())
    assert [text for text in asked if "회사" in text] == ["회사 1번째 소식"]
    assert sum(text.startswith("삼성전자") for text in asked) == STORIES - 1
