"""From articles to rows, shared by the jobs that read news: merge copies, link to stocks, group into stories, store.

Linking and grouping run in a thread with no transaction open; `write` is one short batch.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from backend.db.session import Session
from backend.domain.news import Article, Link, LinkMethod
from backend.pipelines.context import RunContext
from backend.services.news import news_intake, stories
from backend.text import event_types
from backend.text.linking import StockNames, title_flags
from backend.text.similarity import WINDOW, Candidate, StoryIndex

# An old item in a feed must not make every crawl read years of stories.
LOOK_BACK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Prepared:
    """Articles with links and stories by url_key, ready to be written. `stored`: those in the database already."""

    articles: Sequence[Article]
    links: Mapping[str, Sequence[Link]]
    assigned: Mapping[str, int | str]
    stored: Mapping[str, news_intake.StoredNews]
    seen_at: datetime
    archive_before: datetime | None


@dataclass(frozen=True, slots=True)
class Written:
    """Rows that are new."""

    news: int
    links: int
    stories: int


def merge(articles: Iterable[Article]) -> list[Article]:
    """One article per url_key, in the order of publication; feed tags of copies are joined."""
    merged: dict[str, Article] = {}
    for article in articles:
        known = merged.get(article.url_key)
        codes = tuple(sorted({*known.feed_codes, *article.feed_codes})) if known else article.feed_codes
        merged[article.url_key] = replace(known or article, feed_codes=codes)
    return list(merged.values())


async def take_known_addresses(context: RunContext, articles: Sequence[Article], *, since: datetime) -> list[Article]:
    """Articles without addresses, each under the address of the same paper's same headline if one is stored.

    Their stock tags then become links of the stored article.
    """
    async with context.read() as session:
        known = await news_intake.list_same_headlines(session, articles, since=since)
    return [replace(a, url_key=known.get((a.publisher, a.title), a.url_key)) for a in articles]


async def prepare(
    context: RunContext,
    names: StockNames,
    articles: Sequence[Article],
    *,
    seen_at: datetime,
    archive_before: datetime | None = None,
) -> Prepared:
    """Link `articles` (unique url_keys) to stocks and group them, with what is stored, into stories."""
    async with context.read() as session:
        stored = await news_intake.list_stored_news(session, [article.url_key for article in articles])
        new = [article for article in articles if article.url_key not in stored]
        times = [article.published_at or seen_at for article in new]
        earliest = seen_at - LOOK_BACK if archive_before is None else min(times, default=seen_at)
        first = max(earliest, min(times, default=seen_at))
        last = max(times, default=seen_at)
        members = await stories.list_story_members(session, first, last, WINDOW) if new else []
    flagged, links, assigned = await asyncio.to_thread(_link_and_group, names, articles, stored, members, seen_at)
    return Prepared(flagged, links, assigned, stored, seen_at, archive_before)


def _link_and_group(
    names: StockNames,
    articles: Sequence[Article],
    stored: Mapping[str, object],
    members: Sequence[stories.StoryMember],
    seen_at: datetime,
) -> tuple[list[Article], dict[str, list[Link]], dict[str, int | str]]:
    links = {article.url_key: names.link(article) for article in articles}
    new = [
        replace(article, flags=title_flags(article, links[article.url_key]))
        for article in articles
        if article.url_key not in stored
    ]
    index = StoryIndex()
    for member in members:
        index.add_known(
            Candidate(member.url_key, member.title, member.at, frozenset(member.stock_codes)), member.story_id
        )
    return new, links, index.assign(_candidate(article, links[article.url_key], seen_at) for article in new)


def _candidate(article: Article, links: Sequence[Link], seen_at: datetime) -> Candidate:
    # A search's tag says too little about the story; the source's own one is as good as a name.
    codes = frozenset(
        link.stock_code for link in links if link.method is not LinkMethod.FEED_TAG or link.confidence > 0.5
    )
    return Candidate(article.url_key, article.title, article.published_at or seen_at, codes)


async def write(session: Session, prepared: Prepared) -> Written:
    """Store what was prepared. The same articles a second time write nothing."""
    inserted = await news_intake.upsert_news(
        session, prepared.articles, seen_at=prepared.seen_at, archive_before=prepared.archive_before
    )
    links = await news_intake.upsert_links(session, prepared.links, {**prepared.stored, **inserted})
    events = {
        article.url_key: stories.NewStory(*event_types.classify(article.title, article.kind))
        for article in prepared.articles
    }
    begun = await stories.record_stories(session, prepared.assigned, inserted, events)
    return Written(len(inserted), links, begun)
