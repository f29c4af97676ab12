"""What a chart draws beside the bars of a stock: closes of an index, and events by their sign."""

from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from pydantic import Field

from backend.api.paging import ByDate, ByMoment, PageOf, json_body
from backend.api.schemas import Item, StockCodePath
from backend.db.reader import Reader
from backend.domain.market import Market
from backend.domain.understanding.events import Sign
from backend.services.record import chart_lines
from backend.web import planned

router = APIRouter(tags=["stocks"])


class IndexBar(Item):
    """The close of an index."""

    index_code: Market
    trade_date: date
    close: float = Field(description="Points.")


class EventOfStock(Item):
    """A story about a stock, told by the title of its first article."""

    story_id: int
    news_id: int = Field(description="Its first article: GET /api/news/{id}.")
    title: str
    event_type: str
    sign: Sign
    materiality: int = Field(description="0 (none) to 3 (large).")
    known_at: datetime = Field(description="When azak could first know of it.")


@router.get("/api/stocks/{code}/events", response_model=PageOf[EventOfStock])
async def list_events_of_stock(request: Request, code: StockCodePath, page: ByMoment) -> Any:
    """Stories about a stock with what happened and its sign, newest first."""

    async def plan(reader: Reader) -> str:
        return json_body(await chart_lines.list_events(reader, code, page))

    return await planned(request, plan)


@router.get("/api/indexes/{index_code}/bars", response_model=PageOf[IndexBar])
async def list_index_bars(
    request: Request, index_code: Annotated[Market, Path(description="The market it is of.")], page: ByDate
) -> Any:
    """Daily closes of an index, newest first; none for a market whose index is not collected."""

    async def plan(reader: Reader) -> str:
        return json_body(await chart_lines.list_index_bars(reader, index_code, page))

    return await planned(request, plan)
