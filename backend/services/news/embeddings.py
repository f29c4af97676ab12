"""Embeddings of the texts of story heads, and nearest-neighbour search among past stories whose effect was known.

Exact scan by cosine distance: no recall is lost, and it is fast enough up to about 200,000 vectors.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.tables.news import EmbeddingRow
from backend.db.upsert import upsert
from backend.domain.forecasts import Neighbour

# A snippet mostly repeats its title, and time grows with length: one thread embeds 14 texts/s with 200 characters of
# the snippet, 28 with 80 (measured).
SNIPPET_CHARACTERS = 80
_SESSIONS_PER_DAY = 5 / 7


class SimilarQuery(NamedTuple):
    """A story with the text of its head, and the moment whose knowledge is searched.

    `closed`: the last trade date closed by `asof`, from which ages count.
    """

    story_id: int
    news_id: int
    version: int
    asof: datetime
    closed: date


class UnembeddedText(NamedTuple):
    """A text of a story head that has no vector, since when it is known, and what of it to embed.

    `names`: those of its linked stocks (`codes`) and their aliases, to be masked before.
    """

    news_id: int
    version: int
    known_at: datetime
    text: str
    names: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()


def compose_text(title: str, snippet: str) -> str:
    """The text to embed for a news item: its title and the beginning of its snippet."""
    return f"{title}. {snippet[:SNIPPET_CHARACTERS]}" if snippet else title


_WITHOUT_VECTOR = """
    FROM stories s JOIN news_versions v ON v.news_id = s.head_news_id AND v.retired_at IS NULL
    WHERE NOT EXISTS (SELECT FROM embeddings e
                       WHERE e.news_id = v.news_id AND e.version = v.version AND e.embedder = :embedder)
"""
_UNEMBEDDED = text(
    f"""
    SELECT v.news_id, v.version, v.known_at, v.title, v.snippet,
           (SELECT coalesce(array_agg(DISTINCT named.name), '{{}}') FROM version_links l
              JOIN stocks k ON k.code = l.stock_code
             CROSS JOIN LATERAL unnest(array_append(k.aliases, k.name)) AS named (name)
             WHERE l.version_id = v.id AND l.method <> 'feed_tag') AS names,
           ARRAY(SELECT l.stock_code FROM version_links l
                  WHERE l.version_id = v.id AND l.method <> 'feed_tag' ORDER BY 1) AS codes
    {_WITHOUT_VECTOR}
    ORDER BY s.first_known_at DESC, s.id DESC, v.version LIMIT :limit
"""  # noqa: S608  (a constant of this module)
)
_COUNT_UNEMBEDDED = text(f"SELECT count(*) {_WITHOUT_VECTOR}")


async def list_unembedded(session: AsyncSession, embedder: str, limit: int) -> list[UnembeddedText]:
    """Texts of the newest story heads without a vector of this embedder, newest story first."""
    rows = await session.execute(_UNEMBEDDED, {"embedder": embedder, "limit": limit})
    return [
        UnembeddedText(
            row.news_id,
            row.version,
            row.known_at,
            compose_text(row.title, row.snippet),
            tuple(sorted(row.names)),
            tuple(row.codes),
        )
        for row in rows
    ]


async def count_unembedded(session: AsyncSession, embedder: str) -> int:
    """Number of texts of story heads without a vector of this embedder."""
    return await session.scalar(_COUNT_UNEMBEDDED, {"embedder": embedder}) or 0


async def upsert_embeddings(
    session: AsyncSession,
    embedder: str,
    vectors: Iterable[tuple[UnembeddedText, Sequence[float]]],
    *,
    recorded_at: datetime,
) -> int:
    """Store unit vectors of texts; existing ones are kept. Returns the number of new rows."""
    rows = [
        {
            "news_id": item.news_id, "version": item.version, "embedder": embedder, "vector": vector,
            "known_at": item.known_at, "recorded_at": recorded_at,
        }
        for item, vector in vectors
    ]  # fmt: skip
    return len(await upsert(session, EmbeddingRow, rows, key=["news_id", "version", "embedder"]))


# The labelled stories are read once for all queries, each by the text that its effect was measured after. As of `asof`:
# its effect had ended by then (an impact is known from the close of its exit). Only stories of the same type and sign
# are alike: an encoder hears the topic, not what happened (cosine .997 of a beat and a miss).
_SIMILAR = text("""
    WITH labelled AS MATERIALIZED (
        SELECT i.story_id, i.stock_code, i.exit_trade_date, i.y, i.z, i.known_at, e.vector, t.event_type, t.sign
        FROM impacts_as_of(:known_by, :recorded_by) i
        JOIN embeddings e ON e.news_id = i.news_id AND e.version = i.version AND e.embedder = :embedder
         AND is_evidence(e.known_at, e.recorded_at, NULL, i.known_at, :recorded_by)
        JOIN news_versions t ON t.news_id = i.news_id AND t.version = i.version
         AND is_evidence(e.known_at, t.recorded_at, t.retired_at, i.known_at, :recorded_by)
        WHERE i.horizon = :horizon AND i.state = 'final' AND i.y IS NOT NULL AND i.z IS NOT NULL
          AND (CAST(:stock_code AS text) IS NULL OR i.stock_code = :stock_code)
    )
    SELECT q.position, near.*, q.closed - near.exit_trade_date AS age_days
    FROM unnest(CAST(:stories AS bigint[]), CAST(:news AS bigint[]), CAST(:versions AS int[]),
                CAST(:asofs AS timestamptz[]), CAST(:closed AS date[]))
         WITH ORDINALITY AS q(story_id, news_id, version, asof, closed, position)
    JOIN embeddings own ON own.news_id = q.news_id AND own.version = q.version AND own.embedder = :embedder
     AND is_evidence(own.known_at, own.recorded_at, NULL, q.asof, :recorded_by)
    JOIN news_versions told ON told.news_id = q.news_id AND told.version = q.version
     AND is_evidence(own.known_at, told.recorded_at, told.retired_at, q.asof, :recorded_by)
    CROSS JOIN LATERAL (
        SELECT l.story_id, l.stock_code, l.exit_trade_date, l.y, l.z, l.vector <=> own.vector AS distance
        FROM labelled l
        WHERE l.known_at <= q.asof AND l.story_id <> q.story_id AND l.event_type = told.event_type
          AND l.sign = told.sign
        ORDER BY distance, l.story_id, l.stock_code
        LIMIT :k
    ) AS near
    ORDER BY q.position, near.distance, near.story_id, near.stock_code
""")


async def search_similar_many(
    session: AsyncSession,
    queries: Sequence[SimilarQuery],
    *,
    recorded_by: datetime,
    embedder: str,
    horizon: int,
    k: int,
    stock_code: str | None = None,
) -> list[list[Neighbour]]:
    """For each query the `k` most similar labelled stories of its type of event and sign, nearest first.

    None for a text without a vector.

    `recorded_by`: only what was stored by then is used.

    A story with labels of several stocks is returned once per stock. Ages are in sessions, estimated as 5 per 7 days
    since the end of the label plus its horizon; that is within 3 % of the exchange calendar.
    """
    found: list[list[Neighbour]] = [[] for _ in queries]
    if not queries:
        return found
    stories, news, versions, asofs, closed = (list(column) for column in zip(*queries, strict=True))
    rows = await session.execute(
        _SIMILAR,
        {
            "embedder": embedder, "horizon": horizon, "k": k, "stock_code": stock_code, "recorded_by": recorded_by,
            "stories": stories, "news": news, "versions": versions, "asofs": asofs, "closed": closed,
            "known_by": max(asofs),
        },
    )  # fmt: skip
    for row in rows.all():  # one by one each of 100,000 rows takes a call through four layers
        age_sessions = round(row.age_days * _SESSIONS_PER_DAY) + horizon
        neighbour = Neighbour(row.story_id, row.stock_code, 1 - row.distance, age_sessions, row.y, row.z)
        found[row.position - 1].append(neighbour)
    return found
