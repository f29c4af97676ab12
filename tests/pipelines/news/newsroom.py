"""Articles as a source gives them at moments of a test's own clock, and what a forecast would read of them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from backend import clock
from backend.db.recording import take_recording_moment
from backend.domain.knowledge import Knowledge
from backend.domain.market import WatchedStock
from backend.domain.news import Article, NewsKind, Precision
from backend.pipelines.context import RunContext
from backend.pipelines.forecasts import forecasts
from backend.pipelines.forecasts.moments import plan_moment
from backend.pipelines.news import news_pipeline
from backend.pipelines.news.news_pipeline import Prepared, Written
from backend.services.forecasts import forecasting
from backend.services.forecasts.forecasting import NewsWindow
from backend.services.news import embeddings
from backend.text.linking import StockNames
from tests.services.forecasts.forecasting_world import CALENDAR, EMBEDDER

SAMSUNG, HYNIX = "005930", "000660"
NAMES = {SAMSUNG: "삼성전자", HYNIX: "SK하이닉스"}
_TEXTS = text("""
    SELECT v.news_id, v.version, v.title, v.flags, v.story_id, v.event_type,
           (SELECT array_agg((l.stock_code, l.confidence)::text ORDER BY l.stock_code) FROM version_links l
             WHERE l.version_id = v.id) AS links
    FROM news_as_of(:known_by, :recorded_by) v ORDER BY v.news_id
""")


def article(key: str, title: str, published_at: datetime | None, **changes: Any) -> Article:
    precision = Precision.NONE if published_at is None else Precision.SECOND
    made = Article("rss", "한국경제", NewsKind.ARTICLE, f"https://{key}", key, title, "", published_at, precision)
    return replace(made, **changes)


class Newsroom:
    """One database over which the test's clock runs."""

    def __init__(self, context: RunContext, monkeypatch: pytest.MonkeyPatch, start: datetime) -> None:
        self.context = context
        self.now = start
        self.aliases: dict[str, tuple[str, ...]] = {}
        monkeypatch.setattr(clock, "now", lambda: self.now)

    async def open(self) -> "Newsroom":
        for code, name in NAMES.items():
            await self.execute(f"INSERT INTO stocks (code, name, market) VALUES ('{code}', '{name}', 'KOSPI')")
        return self

    async def execute(self, statement: str, **bound: Any) -> None:
        async with self.context.write() as session:
            await session.execute(text(statement), bound)

    async def rows(self, query: str, **bound: Any) -> list[tuple[Any, ...]]:
        async with self.context.read() as session:
            return [tuple(row) for row in await session.execute(text(query), bound)]

    def pass_time(self, **time: float) -> datetime:
        self.now += timedelta(**time)
        return self.now

    @property
    def names(self) -> StockNames:
        return StockNames([WatchedStock(c, name, "KOSPI", self.aliases.get(c, ())) for c, name in NAMES.items()])

    async def see(self, *articles: Article, archive: bool = False) -> Written:
        """A crawl now, or a page of an archive."""
        return await self.write(await self.prepare(*articles, archive=archive))

    async def prepare(self, *articles: Article, archive: bool = False) -> Prepared:
        before = self.now - timedelta(hours=1) if archive else None
        return await news_pipeline.prepare(
            self.context, self.names, news_pipeline.merge(articles), seen_at=self.now, archive_before=before
        )

    async def write(self, prepared: Prepared) -> Written:
        async with self.context.write() as session:
            return await news_pipeline.write(session, prepared)

    async def embed(self, vectors: Mapping[str, Sequence[float]]) -> None:
        """Vectors by the first word of the text, as the model process would give them now."""
        async with self.context.write() as session:
            recorded_at = await take_recording_moment(session)
            waiting = await embeddings.list_unembedded(session, EMBEDDER, 1000)
            made = [(item, vectors[item.text.split()[0]]) for item in waiting]
            await embeddings.upsert_embeddings(session, EMBEDDER, made, recorded_at=recorded_at)

    async def counting(self, code: str, known_by: datetime, recorded_by: datetime | None = None) -> list[str]:
        """Titles of the heads that a forecast of `known_by` reads, live unless `recorded_by` is later; newest first."""
        since = CALENDAR.last_closed(known_by - timedelta(hours=18)).closes_at
        stored = recorded_by or known_by
        async with self.context.read() as session:
            (found,) = await forecasting.list_window_stories(
                session, [NewsWindow(code, since, known_by)], recorded_by=stored
            )
        texts = {row[0]: row[2] for row in await self.texts(Knowledge(known_by, stored))}
        return [texts[story.head_news_id] for story in found]

    async def texts(self, knowledge: Knowledge) -> list[tuple[Any, ...]]:
        async with self.context.read() as session:
            return [tuple(row) for row in await session.execute(_TEXTS, knowledge.bound())]

    async def everything(self, known_by: datetime, recorded_by: datetime) -> Any:
        """All that a forecast reads of news: texts, new stories, similar ones, background."""
        moment = plan_moment(CALENDAR, known_by, recorded_by=recorded_by)
        news = await forecasts.read_news(self.context, [moment], list(NAMES))
        async with self.context.read() as session:
            background = await forecasting.background_similarity(session, moment.knowledge, embedder=EMBEDDER)
        return await self.texts(moment.knowledge), news, background
