"""Stores articles that are new. known_at is max(published_at, first_seen_at), except in archives."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.tables.news import News
from backend.db.tables.stocks import Stock
from backend.db.upsert import upsert
from backend.domain.market import WatchedStock
from backend.domain.news import Article, Flag, Precision

_DATED = (Precision.SECOND, Precision.MINUTE)


class StoredNews(NamedTuple):
    """Id and known_at of a stored article."""

    id: int
    known_at: datetime


class Publication(NamedTuple):
    """When an article of one source was published: it tells the age of the same headline or story elsewhere."""

    title: str
    story_id: int | None
    source: str
    published_at: datetime
    precision: Precision


async def list_watched_stocks(session: AsyncSession, codes: Collection[str] | None = None) -> list[WatchedStock]:
    """Active stocks, the most important (priority 1) first, then by code; only those in `codes` if given."""
    query = select(Stock.code, Stock.name, Stock.market, Stock.aliases).where(Stock.is_active)
    if codes is not None:
        query = query.where(Stock.code.in_(codes))
    rows = await session.execute(query.order_by(Stock.priority, Stock.code))
    return [WatchedStock(row.code, row.name, row.market, tuple(row.aliases)) for row in rows]


async def list_same_headlines(
    session: AsyncSession, articles: Sequence[Article], *, since: datetime
) -> dict[tuple[str, str], str]:
    """(publisher, title) -> url_key of stored articles known since `since` with the headline of one of these."""
    query = select(News.publisher, News.title, News.url_key).where(
        News.known_at >= since, News.title.in_({article.title for article in articles})
    )
    return {(row.publisher, row.title): row.url_key for row in await session.execute(query)}


def is_archive(article: Article, archive_before: datetime | None) -> bool:
    """Whether known_at is the publication time: exactly dated, and published before `archive_before`."""
    if archive_before is None or article.published_at is None or article.precision not in _DATED:
        return False
    return article.published_at < archive_before


async def list_publications(
    session: AsyncSession, articles: Sequence[Article], story_ids: Collection[int], *, since: datetime
) -> list[Publication]:
    """Dated articles known since `since` with the headline of one of these or in one of these stories."""
    query = select(News.title, News.story_id, News.source, News.published_at, News.published_precision).where(
        News.known_at >= since,
        News.published_at.is_not(None),
        or_(News.title.in_({article.title for article in articles}), News.story_id.in_(story_ids)),
    )
    rows = await session.execute(query.order_by(News.published_at, News.id))
    return [
        Publication(row.title, row.story_id, row.source, row.published_at, Precision(row.published_precision))
        for row in rows
        if row.published_at is not None
    ]


async def upsert_news(
    session: AsyncSession, articles: Sequence[Article], *, seen_at: datetime, archive_before: datetime | None = None
) -> dict[str, StoredNews]:
    """Insert articles whose url_key is new, with their flags. Returns those; stored articles are not changed.

    `archive_before`: articles of a dated archive published before it are known at their publication.
    """
    rows = [_row(article, seen_at, archive_before) for article in articles]
    written = await upsert(session, News, rows, key=["url_key"], returning=["url_key", "id", "known_at"])
    return {key: StoredNews(news_id, known_at) for key, news_id, known_at in written}


def _row(article: Article, seen_at: datetime, archive_before: datetime | None) -> dict[str, Any]:
    archive = is_archive(article, archive_before)
    published = article.published_at
    known_at = published if archive else max(published or seen_at, seen_at)
    return {
        "url_key": article.url_key,
        "url": article.url,
        "source": article.source,
        "publisher": article.publisher,
        "kind": article.kind,
        "title": article.title,
        "snippet": article.snippet,
        "published_at": published,
        "published_precision": article.precision,
        "first_seen_at": seen_at,
        "known_at": known_at,
        "flags": sorted(article.flags | ({Flag.ARCHIVE} if archive else set())),
    }
