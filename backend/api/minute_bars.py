"""Minute bars of a stock, or bars of some minutes each."""

from datetime import datetime
from enum import IntEnum
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import Field

from backend.api.paging import ByMomentAlone, PageOf, json_body
from backend.api.schemas import Item, StockCodePath
from backend.db.reader import Reader
from backend.services.market.minute_bars import list_minute_bars
from backend.web import planned

router = APIRouter(prefix="/api/stocks", tags=["stocks"])


class Minutes(IntEnum):
    """Minutes of a bar; bars begin at whole multiples of them since midnight in Seoul."""

    ONE = 1
    FIVE = 5
    TEN = 10
    FIFTEEN = 15
    THIRTY = 30
    SIXTY = 60


class MinuteBarItem(Item):
    """Prices of some minutes; a minute without a trade has no bar."""

    ts: datetime = Field(description="When it begins.")
    open_krw: int
    high_krw: int
    low_krw: int
    close_krw: int
    volume: int
    source: str


@router.get("/{code}/bars/minutes", response_model=PageOf[MinuteBarItem])
async def list_bars_of_minutes(
    request: Request,
    code: StockCodePath,
    page: ByMomentAlone,
    minutes: Annotated[Minutes, Query(description="Minutes of a bar.", examples=[5])] = Minutes.ONE,
) -> Any:
    """Minute bars of a stock, newest first. Only some sources have minutes, and only of the last session."""

    async def plan(reader: Reader) -> str:
        return json_body(await list_minute_bars(reader, code, page, minutes=minutes))

    return await planned(request, plan)
