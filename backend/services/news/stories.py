"""Stories: clusters of articles about one event. Whose versions they are is in news_versions; `refresh` sums them up.

A writer locks the articles first, then the stories, each in the order of their ids, so that writers do not deadlock.
"""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession


class StoryMember(NamedTuple):
    """A stored text that a new one is compared with to find near-duplicates."""

    url_key: str
    story_id: int
    title: str
    at: datetime
    stock_codes: tuple[str, ...]


# Links by a source's own tag only (feed_tag) are left out: a search tags every article that it finds. The index is on
# known_at, which is never before publication; the second condition removes what was published before the window.
_MEMBERS = text("""
    SELECT n.url_key, v.story_id, v.title, p.at,
           coalesce((SELECT array_agg(l.stock_code ORDER BY l.stock_code) FROM version_links l
                      WHERE l.version_id = v.id AND l.method <> 'feed_tag'), '{}') AS codes
    FROM news n
    CROSS JOIN LATERAL (SELECT coalesce(n.published_at, n.known_at) AS at) p
    JOIN news_versions v ON v.news_id = n.id AND v.retired_at IS NULL AND v.story_id IS NOT NULL
    WHERE n.known_at >= :first AND p.at BETWEEN :first AND :last
    ORDER BY p.at, n.id, v.version
""")
_BEGIN = text("""
    INSERT INTO stories (head_news_id, first_known_at, size)
    SELECT b.news_id, b.known_at, 1
      FROM unnest(CAST(:news AS bigint[]), CAST(:known AS timestamptz[])) WITH ORDINALITY AS b (news_id, known_at, n)
     ORDER BY b.n
    RETURNING head_news_id, id
""")
_LOCK = text("SELECT id FROM stories WHERE id = ANY (CAST(:ids AS bigint[])) ORDER BY id FOR NO KEY UPDATE")
# What a story takes from its head; one that all articles have left keeps it.
_OF_HEAD = ("event_type", "materiality", "scope", "sign", "stage", "amount_krw", "counterparty", "share", "surprise")
_HEAD_COLUMNS = ", ".join(_OF_HEAD)
_HEAD_VALUES = ", ".join(
    f"CASE WHEN head.news_id IS NULL THEN stories.{column} ELSE head.{column} END" for column in _OF_HEAD
)
# Known since the first text of it was; its head is the article that was the first of those that are still in it.
_REFRESH = text(f"""
    WITH seen AS (
        SELECT story_id, news_id, min(known_at) AS known_at FROM news_versions
         WHERE story_id = ANY (CAST(:ids AS bigint[])) AND retired_at IS NULL GROUP BY story_id, news_id
    ), member AS (
        SELECT seen.*, {", ".join(f"v.{column}" for column in _OF_HEAD)} FROM seen
          JOIN news_as_of('infinity', 'infinity') v ON v.news_id = seen.news_id AND v.story_id = seen.story_id
    ), head AS (
        SELECT DISTINCT ON (story_id) story_id, news_id, {_HEAD_COLUMNS} FROM member
         ORDER BY story_id, known_at, news_id
    ), whole AS (
        SELECT s.id, (SELECT min(known_at) FROM seen WHERE story_id = s.id) AS first_known_at,
               (SELECT count(*) FROM member WHERE story_id = s.id) AS size
          FROM stories s WHERE s.id = ANY (CAST(:ids AS bigint[]))
    )
    UPDATE stories SET (head_news_id, first_known_at, size, {_HEAD_COLUMNS})
         = (head.news_id, coalesce(whole.first_known_at, stories.first_known_at), whole.size, {_HEAD_VALUES})
      FROM whole LEFT JOIN head ON head.story_id = whole.id
     WHERE stories.id = whole.id
       AND (stories.head_news_id, stories.first_known_at, stories.size,
            {", ".join(f"stories.{column}" for column in _OF_HEAD)})
           IS DISTINCT FROM (head.news_id, coalesce(whole.first_known_at, stories.first_known_at), whole.size,
                             {_HEAD_VALUES})
""")  # noqa: S608  (constants of this module)


async def list_story_members(
    session: AsyncSession, first: datetime, last: datetime, margin: timedelta
) -> list[StoryMember]:
    """Texts of articles published (or, undated, known) from `first - margin` to `last + margin`, with their stories.

    All texts of an article are there, so that one that returns to an older text returns to its story.
    """
    rows = await session.execute(_MEMBERS, {"first": first - margin, "last": last + margin})
    return [StoryMember(row.url_key, row.story_id, row.title, row.at, tuple(row.codes)) for row in rows]


async def lock_stories(session: AsyncSession, story_ids: Collection[int]) -> None:
    """Let nobody else add to these stories until the end."""
    if story_ids:
        await session.execute(_LOCK, {"ids": sorted(story_ids)})


async def begin_stories(session: AsyncSession, heads: Mapping[int, datetime]) -> dict[int, int]:
    """A new story for each of these articles, known at the moment given: news id -> story id."""
    if not heads:
        return {}
    rows = await session.execute(_BEGIN, {"news": list(heads), "known": list(heads.values())})
    return {row.head_news_id: row.id for row in rows}


async def refresh_stories(session: AsyncSession, story_ids: Collection[int]) -> None:
    """Head, size, first moment and event of these stories, from the texts that are in them today."""
    if story_ids:
        await session.execute(_REFRESH, {"ids": sorted(story_ids)})
