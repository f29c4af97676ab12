"""Stories whose effect was known: how many, and for the text member their texts, each once, with labels by stock."""

from datetime import timedelta
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.domain.knowledge import Knowledge

# What is older tells of another market.
MEMORY: Final = timedelta(days=3 * 365)
# Labels, the newest ones, of all horizons together: some 20,000 stories, 15 MB with their vectors.
MOST: Final = 60_000

# By the text that the effect was measured after, of which a vector is there.
_LABELS: Final = text("""
    SELECT i.horizon, i.news_id, i.version, i.y, i.exit_trade_date::text AS day
    FROM impacts_as_of(:known_by, :recorded_by) i
    WHERE i.state = 'final' AND i.y IS NOT NULL
      AND i.known_at > CAST(:known_by AS timestamptz) - CAST(:memory AS interval)
      AND EXISTS (SELECT FROM embeddings e
                   WHERE e.news_id = i.news_id AND e.version = i.version AND e.embedder = :embedder
                     AND is_evidence(e.known_at, e.recorded_at, NULL, i.known_at, :recorded_by))
    ORDER BY i.known_at DESC, i.story_id, i.stock_code, i.horizon LIMIT :most
""")
# A version of an article is one text, however often it was read.
_TEXTS: Final = text("""
    SELECT w.n, v.title, translate(encode(substring(halfvec_send(e.vector) FROM 5), 'base64'), E'\\n', '') AS vector
    FROM unnest(CAST(:news AS bigint[]), CAST(:versions AS int[])) WITH ORDINALITY AS w (news_id, version, n)
    JOIN embeddings e ON e.news_id = w.news_id AND e.version = w.version AND e.embedder = :embedder
    CROSS JOIN LATERAL (
        SELECT title FROM news_versions t WHERE t.news_id = w.news_id AND t.version = w.version LIMIT 1
    ) v
    ORDER BY w.n
""")


async def count_stories(session: AsyncSession, knowledge: Knowledge) -> dict[str, int]:
    """Horizon (text) -> stories whose effect was final by then."""
    rows = await session.execute(
        text("""
            SELECT horizon, count(DISTINCT story_id) AS stories FROM impacts_as_of(:known_by, :recorded_by)
            WHERE state = 'final' GROUP BY horizon
        """),
        knowledge.bound(),
    )
    return {str(row.horizon): row.stories for row in rows}


async def list_labelled(session: AsyncSession, knowledge: Knowledge, *, embedder: str) -> dict[str, Any]:
    """Payload of backend.models.fitting.texts.LabelledTexts.

    `titles` and `vectors` (base64 of big-endian float16) of the texts, and by horizon (text) the columns `texts` (place
    of the text), `y` and `days` (ISO date on which the effect ended), from outcomes that were known by then.
    """
    bound = knowledge.bound() | {"embedder": embedder, "memory": MEMORY, "most": MOST}
    rows = (await session.execute(_LABELS, bound)).all()
    keys = sorted({(row.news_id, row.version) for row in rows})
    arguments = {"news": [news for news, _ in keys], "versions": [version for _, version in keys], "embedder": embedder}
    found = (await session.execute(_TEXTS, arguments)).all()
    places = {keys[row.n - 1]: place for place, row in enumerate(found)}
    horizons: dict[str, dict[str, list[Any]]] = {}
    for row in rows:
        columns = horizons.setdefault(str(row.horizon), {"texts": [], "y": [], "days": []})
        values = {"texts": places[row.news_id, row.version], "y": row.y, "days": row.day}
        for name, value in values.items():
            columns[name].append(value)
    return {"titles": [row.title for row in found], "vectors": [row.vector for row in found], "horizons": horizons}
