"""Reads news for the API: lists, one item with its story and impacts, and similar older stories."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.json_pages import Filters, JsonList, JsonPage
from backend.db.paging import AnyRow, Keyset
from backend.db.reader import Reader
from backend.db.tables.impacts import Impact
from backend.db.tables.news import News, NewsStock, Story
from backend.db.tables.stocks import Stock
from backend.domain.understanding.encoders import bind_floors
from backend.errors import NotFoundError
from backend.services.market.stocks import require_listed

_codes = (
    select(func.array_agg(aggregate_order_by(NewsStock.stock_code, NewsStock.stock_code)))
    .where(NewsStock.news_id == News.id)
    .correlate(News)
    .scalar_subquery()
    .label("stock_codes")
)
_size = select(Story.size).where(Story.id == News.story_id).correlate(News).scalar_subquery().label("story_size")
_COLUMNS = (
    News.id,
    News.source,
    News.publisher,
    News.kind,
    News.title,
    News.snippet,
    News.url,
    News.published_at,
    News.published_precision,
    News.known_at,
    News.story_id,
    _size,
    News.flags,
    _codes,
)


@dataclass(frozen=True, slots=True)
class NewsDetail:
    """One item with its links to stocks, its story and the impacts of the story."""

    news: AnyRow
    links: Sequence[AnyRow]
    story: AnyRow | None
    impacts: Sequence[AnyRow]


_LISTED = """
    n.id, n.source, n.publisher, n.kind, n.title, n.snippet, n.url, n.published_at, n.published_precision, n.known_at,
    n.story_id, (SELECT s.size FROM stories s WHERE s.id = n.story_id) AS story_size, n.flags,
    (SELECT array_agg(l.stock_code ORDER BY l.stock_code) FROM news_stocks l WHERE l.news_id = n.id) AS stock_codes
"""
_LIST = JsonList(_LISTED, "news n", order=("n.known_at", "n.id"), key=("known_at", "id"))
# The link has a copy of known_at, so that the newest news of a stock is one index range.
_LIST_OF_STOCK = JsonList(
    _LISTED,
    "news_stocks link JOIN news n ON n.id = link.news_id",
    order=("link.known_at", "link.news_id"),
    key=("known_at", "id"),
)


async def list_news(
    reader: Reader,
    keyset: Keyset,
    *,
    stock_code: str | None = None,
    source: str | None = None,
    kind: str | None = None,
) -> JsonPage:
    """News newest first by (known_at, id). Raises NotFoundError for an unknown stock."""
    listed, filters = (_LIST if stock_code is None else _LIST_OF_STOCK), Filters()
    if stock_code is not None:
        filters.add("link.stock_code = {}", stock_code)
    if source is not None:
        filters.add("n.source = {}", source)
    if kind is not None:
        filters.add("n.kind = {}", kind)
    page = await listed.fetch(reader, keyset, filters)
    if stock_code is not None and not page.items:
        await require_listed(reader, stock_code)
    return page


async def get_news(session: AsyncSession, news_id: int) -> NewsDetail:
    """One item with its links, story and impacts. Raises NotFoundError."""
    news = (await session.execute(select(*_COLUMNS).where(News.id == news_id))).one_or_none()
    if news is None:
        raise NotFoundError(f"There is no news {news_id}; list news with GET /api/news.")
    return NewsDetail(
        news=news,
        links=await _list_links(session, news_id),
        story=None if news.story_id is None else await _get_story(session, news.story_id),
        impacts=[] if news.story_id is None else await _list_impacts(session, news.story_id),
    )


async def _list_links(session: AsyncSession, news_id: int) -> Sequence[AnyRow]:
    columns = (NewsStock.stock_code, Stock.name, NewsStock.method, NewsStock.confidence)
    query = select(*columns).join(Stock, Stock.code == NewsStock.stock_code).where(NewsStock.news_id == news_id)
    return (await session.execute(query.order_by(NewsStock.confidence.desc(), NewsStock.stock_code))).all()


async def _get_story(session: AsyncSession, story_id: int) -> AnyRow:
    columns = (
        Story.id,
        Story.head_news_id,
        Story.first_known_at,
        Story.size,
        Story.event_type,
        Story.scope,
        Story.sign,
        Story.stage,
        Story.amount_krw,
        Story.counterparty,
        Story.share,
        Story.surprise,
        Story.materiality,
    )
    return (await session.execute(select(*columns).where(Story.id == story_id))).one()


async def _list_impacts(session: AsyncSession, story_id: int) -> Sequence[AnyRow]:
    columns = (
        Impact.stock_code,
        Impact.horizon,
        Impact.state,
        Impact.void_reason,
        Impact.entry_ts,
        Impact.entry_price_krw,
        Impact.exit_trade_date,
        Impact.exit_price_krw,
        Impact.raw_return,
        Impact.adjusted_return,
    )
    query = select(*columns).where(Impact.story_id == story_id).order_by(Impact.stock_code, Impact.horizon)
    return (await session.execute(query)).all()


# Older stories only: those that were known when the item was. Exact scan by cosine distance, as in embeddings.py.
_SIMILAR = text("""
    WITH asked AS (
        SELECT s.id, s.first_known_at, s.event_type, s.sign, e.vector, e.embedder
          FROM news n JOIN stories s ON s.id = n.story_id JOIN newest_embeddings e ON e.news_id = s.head_news_id
         WHERE n.id = :news_id
         ORDER BY e.recorded_at DESC LIMIT 1),
    near AS (
        SELECT s.id AS story_id, s.head_news_id, s.first_known_at, s.event_type, s.sign, s.size,
               1 - (e.vector <=> a.vector) AS similarity
          FROM asked a
          JOIN newest_embeddings e ON e.embedder = a.embedder
          JOIN stories s ON s.head_news_id = e.news_id AND s.first_known_at < a.first_known_at AND s.id <> a.id
           AND s.event_type = a.event_type AND s.sign = a.sign
         WHERE 1 - (e.vector <=> a.vector) >= coalesce((
               SELECT f.alike FROM unnest(CAST(:encoders AS text[]), CAST(:floors AS float8[])) AS f (encoder, alike)
                WHERE starts_with(a.embedder, f.encoder)), -1)
         ORDER BY e.vector <=> a.vector, s.id LIMIT :k)
    SELECT near.story_id, near.head_news_id AS news_id, n.title, n.publisher, near.first_known_at, near.event_type,
           near.sign, near.size, near.similarity, i.stock_code, i.adjusted_return
      FROM near
      JOIN news n ON n.id = near.head_news_id
      LEFT JOIN LATERAL (
           SELECT stock_code, adjusted_return FROM impacts
            WHERE story_id = near.story_id AND horizon = 1 AND state = 'final'
            ORDER BY abs(adjusted_return) DESC, stock_code LIMIT 1) i ON true
     ORDER BY near.similarity DESC, near.story_id
""")


async def list_similar(session: AsyncSession, news_id: int, k: int) -> Sequence[AnyRow]:
    """The `k` older stories most similar to the story of this item, each with its largest one-session return.

    Of the same type of event, and from the encoder's floor on, so there may be fewer. Empty while the
    story has no vector. Raises NotFoundError.
    """
    if await session.scalar(select(News.id).where(News.id == news_id)) is None:
        raise NotFoundError(f"There is no news {news_id}; list news with GET /api/news.")
    return (await session.execute(_SIMILAR, {"news_id": news_id, "k": k} | bind_floors())).all()
