"""Stories: clusters of articles about one event. The first article that azak knew is the head."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.tables.news import News, NewsStock, Story
from backend.db.upsert import upsert
from backend.domain.news import LinkMethod
from backend.services.news.news_intake import StoredNews


class StoryMember(NamedTuple):
    """A stored article that a new one is compared with to find near-duplicates."""

    url_key: str
    story_id: int
    title: str
    at: datetime
    stock_codes: tuple[str, ...]


class NewStory(NamedTuple):
    """Attributes of a story that its first article decides."""

    event_type: str
    materiality: int


async def list_story_members(
    session: AsyncSession, first: datetime, last: datetime, margin: timedelta
) -> list[StoryMember]:
    """Stored articles published (or, undated, seen) from `first - margin` to `last + margin`, with their stories.

    Links by a source's own tag only (feed_tag) are left out: a search tags every article that it finds.
    """
    at = func.coalesce(News.published_at, News.known_at)
    codes = func.array_agg(NewsStock.stock_code).filter(NewsStock.method != LinkMethod.FEED_TAG)
    query = (
        select(News.url_key, News.story_id, News.title, at.label("at"), func.coalesce(codes, []).label("codes"))
        .outerjoin(NewsStock, NewsStock.news_id == News.id)
        # The index is on known_at, which is never before publication; the second condition removes items that were
        # published before the window but seen in it.
        .where(News.known_at >= first - margin, at.between(first - margin, last + margin), News.story_id.is_not(None))
        .group_by(News.id)
        .order_by(at, News.id)
    )
    rows = await session.execute(query)
    return [StoryMember(row.url_key, row.story_id, row.title, row.at, tuple(row.codes)) for row in rows]


async def record_stories(
    session: AsyncSession,
    assigned: Mapping[str, int | str],
    inserted: Mapping[str, StoredNews],
    new: Mapping[str, NewStory],
) -> int:
    """Store the story of each inserted article. Returns the number of new stories.

    `assigned`: url_key -> id of a stored story, or the url_key of the article that begins a new one; articles that are
    not in `inserted` (another run stored them first) are ignored. `new`: attributes by url_key, used for new stories.
    """
    groups: dict[int | str, list[str]] = {}
    for key in sorted(inserted, key=lambda key: (inserted[key].known_at, inserted[key].id)):
        if key in assigned:
            groups.setdefault(assigned[key], []).append(key)
    stored = {story: keys for story, keys in groups.items() if isinstance(story, int)}
    stored = dict(sorted(stored.items()))  # lock rows in one order, so that concurrent writers do not deadlock
    begun = [keys for story, keys in groups.items() if not isinstance(story, int)]
    ids = await _insert(session, begun, inserted, new)
    await _grow(session, stored, inserted)
    pairs = [(inserted[key].id, story) for story, keys in stored.items() for key in keys]
    pairs += [(inserted[key].id, story) for story, keys in zip(ids, begun, strict=True) for key in keys]
    await _point(session, pairs)
    return len(begun)


async def _insert(
    session: AsyncSession,
    groups: Sequence[Sequence[str]],
    inserted: Mapping[str, StoredNews],
    new: Mapping[str, NewStory],
) -> list[int]:
    rows: list[dict[str, Any]] = [
        {
            "head_news_id": inserted[keys[0]].id,
            "first_known_at": min(inserted[key].known_at for key in keys),
            "size": len(keys),
            "event_type": new[keys[0]].event_type,
            "materiality": new[keys[0]].materiality,
        }
        for keys in groups
    ]
    written = await upsert(session, Story, rows, key=["head_news_id"], returning=["head_news_id", "id"])
    ids = {row[0]: row[1] for row in written}
    return [ids[row["head_news_id"]] for row in rows]


async def _grow(session: AsyncSession, groups: Mapping[int, Sequence[str]], inserted: Mapping[str, StoredNews]) -> None:
    """Add articles to stored stories: size grows, and first_known_at may move back (archives are loaded later)."""
    statement = text("""
        UPDATE stories SET size = size + grown.copies, first_known_at = LEAST(first_known_at, grown.known_at)
        FROM unnest(CAST(:ids AS bigint[]), CAST(:copies AS int[]), CAST(:known AS timestamptz[]))
            AS grown (id, copies, known_at)
        WHERE stories.id = grown.id
    """)
    if groups:
        known = [min(inserted[key].known_at for key in keys) for keys in groups.values()]
        await session.execute(
            statement, {"ids": list(groups), "copies": [len(keys) for keys in groups.values()], "known": known}
        )


async def _point(session: AsyncSession, pairs: Sequence[tuple[int, int]]) -> None:
    statement = text("""
        UPDATE news SET story_id = pair.story_id
        FROM unnest(CAST(:news_ids AS bigint[]), CAST(:story_ids AS bigint[])) AS pair (news_id, story_id)
        WHERE news.id = pair.news_id
    """)
    if pairs:
        news_ids, story_ids = zip(*pairs, strict=True)
        await session.execute(statement, {"news_ids": list(news_ids), "story_ids": list(story_ids)})
