"""News and filings, with the stocks they are about and the returns afterwards."""

from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import Field

from backend.api.deps import ReadSession
from backend.api.paging import ByMoment, PageOf, json_body
from backend.api.schemas import Item, RowId, StockCodeFilter
from backend.db.reader import Reader
from backend.domain.news import LinkMethod, NewsKind, Precision
from backend.domain.record import OutcomeState, VoidReason
from backend.domain.understanding.events import Scope, Sign, Stage
from backend.services.news import news
from backend.web import planned

router = APIRouter(prefix="/api/news", tags=["news"])


class NewsItem(Item):
    """One article or filing. `known_at` is when azak could first have known of it, `story_size` how many items its
    story has."""

    id: int
    source: str
    publisher: str
    kind: NewsKind
    title: str
    snippet: str
    url: str
    published_at: datetime | None
    published_precision: Precision
    known_at: datetime
    story_id: int | None
    story_size: int | None
    flags: list[str]
    stock_codes: list[str] | None


class LinkItem(Item):
    """How the item was linked to a stock."""

    stock_code: str
    name: str
    method: LinkMethod
    confidence: float


class StoryItem(Item):
    """The cluster of copies of one event. `materiality` 0..3."""

    id: int
    head_news_id: int
    first_known_at: datetime
    size: int
    event_type: str
    scope: Scope
    sign: Sign
    stage: Stage
    amount_krw: int | None = Field(description="Size of the event in won, null where none is told.")
    counterparty: str
    share: float | None = Field(description="Share of sales or value that the company gives, .25 for 25%.")
    surprise: float | None = Field(description="Results against the consensus, or a year before: .1 for 10% above.")
    materiality: int


class ImpactItem(Item):
    """What the price did after the story, over `horizon` trading days. Returns are fractions."""

    stock_code: str
    horizon: int
    state: OutcomeState
    void_reason: VoidReason | None
    entry_ts: datetime | None
    entry_price_krw: float | None
    exit_trade_date: date | None
    exit_price_krw: float | None
    raw_return: float | None
    adjusted_return: float | None = Field(description="Return minus the market's.")


class NewsDetail(Item):
    news: NewsItem
    links: list[LinkItem]
    story: StoryItem | None
    impacts: list[ImpactItem]


class SimilarItem(Item):
    """An older story; its largest move over one trading day in `stock_code`, null while none is final."""

    story_id: int
    news_id: int
    title: str
    publisher: str
    first_known_at: datetime
    event_type: str
    sign: Sign
    size: int
    similarity: float = Field(description="Cosine of the two vectors; those of e5 lie close together (0.88-0.95).")
    stock_code: str | None
    adjusted_return: float | None


class SimilarStories(Item):
    items: list[SimilarItem]


@router.get("", response_model=PageOf[NewsItem])
async def list_news(
    request: Request,
    page: ByMoment,
    *,
    stock_code: StockCodeFilter = None,
    source: Annotated[str | None, Query(pattern="^[a-z0-9_.-]{1,60}$", examples=["hankyung"])] = None,
    kind: NewsKind | None = None,
) -> Any:
    """News, newest first; `since` and `until` are of `known_at`."""

    async def plan(reader: Reader) -> str:
        found = await news.list_news(reader, page, stock_code=stock_code, source=source, kind=kind)
        return json_body(found)

    return await planned(request, plan)


@router.get("/{news_id}", response_model=NewsDetail)
async def get_news(session: ReadSession, news_id: RowId) -> Any:
    """One item with its links, story and impacts."""
    return await news.get_news(session, news_id)


@router.get("/{news_id}/similar", response_model=SimilarStories)
async def list_similar_news(session: ReadSession, news_id: RowId, k: Annotated[int, Query(ge=1, le=20)] = 5) -> Any:
    """Older stories most like this one, and what the price did after them."""
    return {"items": await news.list_similar(session, news_id, k)}
