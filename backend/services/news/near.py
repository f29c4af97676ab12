"""Articles whose vectors are so near that they tell one event: pairs to look at, for the guards to decide.

Only articles about the same stock within two days are compared, so it is a search by stock and time, not by distance.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession


class NearPair(NamedTuple):
    """Two articles, each in its story of today; the nearer pairs come first."""

    news_id: int
    story_id: int
    other_news_id: int
    other_story_id: int


_NEAR = text("""
    WITH near AS (
        SELECT DISTINCT n.id AS news_id, n.story_id, m.id AS other_news_id, m.story_id AS other_story_id,
               e.vector <=> f.vector AS distance
          FROM news n
          JOIN newest_embeddings e ON e.news_id = n.id AND e.embedder = :embedder
          JOIN news_stocks l ON l.news_id = n.id AND l.method <> 'feed_tag'
          JOIN news_stocks k ON k.stock_code = l.stock_code AND k.method <> 'feed_tag' AND k.news_id <> n.id
           AND k.known_at BETWEEN n.known_at - CAST(:margin AS interval)
                               AND n.known_at + CAST(:margin AS interval)
          JOIN news m ON m.id = k.news_id
          JOIN newest_embeddings f ON f.news_id = m.id AND f.embedder = :embedder
         WHERE n.id = ANY (CAST(:news AS bigint[])) AND n.story_id IS NOT NULL AND m.story_id IS NOT NULL
    )
    SELECT news_id, story_id, other_news_id, other_story_id FROM near
     WHERE 1 - distance >= :same_story ORDER BY distance, news_id, other_news_id
""")


async def list_near(
    session: AsyncSession, embedder: str, news_ids: Collection[int], *, same_story: float, margin: timedelta
) -> list[NearPair]:
    """Pairs of one of `news_ids` and an article known within `margin` of it, from the cosine `same_story` on."""
    bound = {"embedder": embedder, "news": sorted(news_ids), "same_story": same_story, "margin": margin}
    return [NearPair(*row) for row in await session.execute(_NEAR, bound)]


async def list_story_starts(session: AsyncSession, story_ids: Collection[int]) -> dict[int, datetime]:
    """Since when each of these stories is known."""
    rows = await session.execute(
        text("SELECT id, first_known_at FROM stories WHERE id = ANY (CAST(:ids AS bigint[]))"),
        {"ids": sorted(story_ids)},
    )
    return {row.id: row.first_known_at for row in rows}
