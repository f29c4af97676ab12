"""Stories: clusters of articles about one event. Whose versions they are is in news_versions; `refresh` sums them up.

A writer locks the articles first, then the stories, each in the order of their ids, so that writers do not deadlock.
"""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.domain.news import NewsKind


class StoryMember(NamedTuple):
    """A stored text that new ones are compared with. `row_id` grows with each text and each reading that is stored.

    `names`: those of the stocks in `stock_codes`, and their aliases.
    """

    row_id: int
    news_id: int
    version: int
    url_key: str
    kind: NewsKind
    story_id: int
    title: str
    at: datetime
    stock_codes: tuple[str, ...]
    names: tuple[str, ...]


# Links by a source's own tag only (feed_tag) are left out: a search tags every article that it finds.
_MEMBER = """
    SELECT v.id, v.news_id, v.version, n.url_key, n.kind, v.story_id, v.title, v.known_at, p.at, linked.codes,
           linked.names
    FROM news_versions v
    JOIN news n ON n.id = v.news_id
    CROSS JOIN LATERAL (SELECT coalesce(n.published_at, n.known_at) AS at) p
    CROSS JOIN LATERAL (
        SELECT coalesce(array_agg(DISTINCT l.stock_code), '{}') AS codes,
               coalesce(array_agg(DISTINCT named.name) FILTER (WHERE named.name IS NOT NULL), '{}') AS names
          FROM version_links l
          LEFT JOIN stocks k ON k.code = l.stock_code
          LEFT JOIN LATERAL unnest(array_append(k.aliases, k.name)) AS named (name) ON true
         WHERE l.version_id = v.id AND l.method <> 'feed_tag'
    ) linked
    WHERE v.retired_at IS NULL AND v.story_id IS NOT NULL
"""
# The index is on known_at, which is never before publication; the second condition removes what was published before.
_MEMBERS = text(f"""
    {_MEMBER} AND n.known_at >= :first AND p.at BETWEEN :first AND :last ORDER BY p.at, v.news_id, v.version
""")
_KNOWN_SINCE = text(f"""
    {_MEMBER} AND (v.known_at, v.id) > (:known_at, :row_id) ORDER BY v.known_at, v.id LIMIT :limit
""")
_STORED_AFTER = text(f"""
    {_MEMBER} AND v.id > :row_id AND v.known_at >= :since AND v.id <> ALL (CAST(:held AS bigint[]))
    ORDER BY v.id LIMIT :limit
""")
_OF_STORIES = text(f"{_MEMBER} AND v.story_id = ANY (CAST(:ids AS bigint[])) ORDER BY p.at, v.news_id, v.version")
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
    return [_member(row) for row in rows]


async def list_known_since(
    session: AsyncSession, known_at: datetime, row_id: int, limit: int
) -> tuple[list[StoryMember], datetime]:
    """The next texts known after (known_at, row_id), and when the last of them was known: a slice of what is stored."""
    rows = (await session.execute(_KNOWN_SINCE, {"known_at": known_at, "row_id": row_id, "limit": limit})).all()
    return [_member(row) for row in rows], rows[-1].known_at if rows else known_at


async def list_stored_after(
    session: AsyncSession, row_id: int, held: Collection[int], since: datetime, limit: int
) -> list[StoryMember]:
    """Texts known since `since` and readings of them that were stored after the row `row_id`, without those `held`."""
    bound = {"row_id": row_id, "held": sorted(held), "since": since, "limit": limit}
    rows = await session.execute(_STORED_AFTER, bound)
    return [_member(row) for row in rows]


async def list_members_of(session: AsyncSession, story_ids: Collection[int]) -> list[StoryMember]:
    """The texts that are in these stories, by publication."""
    return [_member(row) for row in await session.execute(_OF_STORIES, {"ids": sorted(story_ids)})]


async def newest_row(session: AsyncSession) -> int:
    """The id of the text or reading that was stored last; 0 without any."""
    return await session.scalar(text("SELECT max(id) FROM news_versions")) or 0


async def list_names(session: AsyncSession, codes: Collection[str] | None = None) -> dict[str, frozenset[str]]:
    """Name and aliases of these stocks or of all, by code."""
    rows = await session.execute(
        text("SELECT code, array_append(aliases, name) AS names FROM stocks"
             " WHERE CAST(:codes AS text[]) IS NULL OR code = ANY (CAST(:codes AS text[]))"),
        {"codes": None if codes is None else sorted(codes)},
    )  # fmt: skip
    return {row.code: frozenset(row.names) for row in rows}


def _member(row: Any) -> StoryMember:
    return StoryMember(
        row.id, row.news_id, row.version, row.url_key, NewsKind(row.kind), row.story_id, row.title, row.at,
        tuple(row.codes), tuple(row.names),
    )  # fmt: skip


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
