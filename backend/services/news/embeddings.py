"""Embeddings of story heads, and nearest-neighbour search among past stories whose effect was known.

Exact scan by cosine distance: no recall is lost, and it is fast enough up to about 200,000 vectors.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.tables.news import EmbeddingRow, News, Story
from backend.db.upsert import upsert
from backend.domain.forecasts import Neighbour

# A snippet mostly repeats its title, and time grows with length: one thread embeds 14 texts/s with 200 characters of
# the snippet, 28 with 80 (measured).
SNIPPET_CHARACTERS = 80
_SESSIONS_PER_DAY = 5 / 7


class SimilarQuery(NamedTuple):
    """A story and the moment whose knowledge is searched.

    `closed`: the last trade date closed by then, from which ages count; `settled`: the last one whose effects are used.
    """

    story_id: int
    asof: datetime
    closed: date
    settled: date


class UnembeddedText(NamedTuple):
    """A story head that has no vector, and the text to embed."""

    news_id: int
    text: str


def _lacks_vector(embedder: str) -> ColumnElement[bool]:
    return ~(
        select(EmbeddingRow.news_id)
        .where(EmbeddingRow.news_id == Story.head_news_id, EmbeddingRow.embedder == embedder)
        .exists()
    )


def compose_text(title: str, snippet: str) -> str:
    """The text to embed for a news item: its title and the beginning of its snippet."""
    return f"{title}. {snippet[:SNIPPET_CHARACTERS]}" if snippet else title


async def list_unembedded(session: AsyncSession, embedder: str, limit: int) -> list[UnembeddedText]:
    """The newest story heads without a vector of this embedder, newest first."""
    rows = await session.execute(
        select(News.id, News.title, News.snippet)
        .join(Story, Story.head_news_id == News.id)
        .where(_lacks_vector(embedder))
        .order_by(Story.first_known_at.desc(), Story.id.desc())
        .limit(limit)
    )
    return [UnembeddedText(row.id, compose_text(row.title, row.snippet)) for row in rows]


async def count_unembedded(session: AsyncSession, embedder: str) -> int:
    """Number of stories without a vector of this embedder."""
    return await session.scalar(select(func.count()).select_from(Story).where(_lacks_vector(embedder))) or 0


async def upsert_embeddings(session: AsyncSession, embedder: str, vectors: Mapping[int, Sequence[float]]) -> int:
    """Store unit vectors by news id; existing ones are kept. Returns the number of new rows."""
    rows = [{"news_id": news_id, "embedder": embedder, "vector": vector} for news_id, vector in vectors.items()]
    return len(await upsert(session, EmbeddingRow, rows, key=["news_id", "embedder"]))


# The labelled stories are read once for all queries. As of `asof`: a neighbour was known before it, and its effect had
# ended by a close before it.
_SIMILAR = text("""
    WITH labelled AS MATERIALIZED (
        SELECT i.story_id, i.stock_code, i.exit_trade_date, i.y, i.z, s.first_known_at, e.vector
        FROM impacts i
        JOIN stories s ON s.id = i.story_id
        JOIN embeddings e ON e.news_id = s.head_news_id AND e.embedder = :embedder
        WHERE i.horizon = :horizon AND i.state = 'final' AND i.y IS NOT NULL AND i.z IS NOT NULL
          AND (CAST(:stock_code AS text) IS NULL OR i.stock_code = :stock_code)
          AND i.exit_trade_date <= (SELECT max(settled) FROM unnest(CAST(:settled AS date[])) AS c(settled))
    )
    SELECT q.position, near.*, q.closed - near.exit_trade_date AS age_days
    FROM unnest(CAST(:stories AS bigint[]), CAST(:asofs AS timestamptz[]), CAST(:closed AS date[]),
                CAST(:settled AS date[])) WITH ORDINALITY AS q(story_id, asof, closed, settled, position)
    JOIN stories asked ON asked.id = q.story_id
    JOIN embeddings own ON own.news_id = asked.head_news_id AND own.embedder = :embedder
    CROSS JOIN LATERAL (
        SELECT l.story_id, l.stock_code, l.exit_trade_date, l.y, l.z, l.vector <=> own.vector AS distance
        FROM labelled l
        WHERE l.exit_trade_date <= q.settled AND l.first_known_at < q.asof AND l.story_id <> q.story_id
        ORDER BY distance, l.story_id, l.stock_code
        LIMIT :k
    ) AS near
    ORDER BY q.position, near.distance, near.story_id, near.stock_code
""")


async def search_similar_many(
    session: AsyncSession,
    queries: Sequence[SimilarQuery],
    *,
    embedder: str,
    horizon: int,
    k: int,
    stock_code: str | None = None,
) -> list[list[Neighbour]]:
    """For each query the `k` most similar labelled stories, nearest first; none for a story without a vector.

    A story with labels of several stocks is returned once per stock. Ages are in sessions, estimated as 5 per 7 days
    since the end of the label plus its horizon; that is within 3 % of the exchange calendar.
    """
    found: list[list[Neighbour]] = [[] for _ in queries]
    if not queries:
        return found
    stories, asofs, closed, settled = (list(column) for column in zip(*queries, strict=True))
    rows = await session.execute(
        _SIMILAR,
        {
            "embedder": embedder, "horizon": horizon, "k": k, "stock_code": stock_code,
            "stories": stories, "asofs": asofs, "closed": closed, "settled": settled,
        },
    )  # fmt: skip
    for row in rows.all():  # one by one each of 100,000 rows takes a call through four layers
        age_sessions = round(row.age_days * _SESSIONS_PER_DAY) + horizon
        neighbour = Neighbour(row.story_id, row.stock_code, 1 - row.distance, age_sessions, row.y, row.z)
        found[row.position - 1].append(neighbour)
    return found


async def search_similar(
    session: AsyncSession, query: SimilarQuery, *, embedder: str, horizon: int, k: int, stock_code: str | None = None
) -> list[Neighbour]:
    """`search_similar_many` for one story."""
    (found,) = await search_similar_many(
        session, [query], embedder=embedder, horizon=horizon, k=k, stock_code=stock_code
    )
    return found
