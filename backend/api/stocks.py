"""Watched stocks, their daily bars, and adding a stock."""

from datetime import date, datetime
from typing import Any

from fastapi import APIRouter, Request, Response
from pydantic import Field, computed_field

from backend.api.deps import DatabaseOfApp, ReadSession
from backend.api.paging import ByCode, ByDate, PageOf, json_body
from backend.api.scheduler_client import analysis_work
from backend.api.schemas import Body, Item, Label, RunItem, StockCode, StockCodePath
from backend.api.work_requests import WorkRequestsOfCall
from backend.db.reader import Reader
from backend.db.session import Database
from backend.domain.market import Market
from backend.services.market import stocks
from backend.web import WRITE_RESPONSES, planned

router = APIRouter(prefix="/api/stocks", tags=["stocks"])
PRIORITY = "1 (most important) to 5: 1 comes first when news and prices are read, reports written and stocks shown."


class StockItem(Item):
    """A watched stock; prices are null before the first quote."""

    code: str = Field(examples=["005930"])
    name: str = Field(examples=["삼성전자"])
    market: Market
    aliases: list[str]
    priority: int = Field(description=PRIORITY)
    is_active: bool
    status: str
    listed_on: date | None
    created_at: datetime
    last_price_krw: int | None
    previous_close_krw: int | None
    price_at: datetime | None

    @computed_field(description="Last price over the previous close, minus 1.")  # type: ignore[prop-decorator]
    @property
    def change(self) -> float | None:
        return change(self.last_price_krw, self.previous_close_krw)


def change(last_price_krw: int | None, previous_close_krw: int | None) -> float | None:
    """Relative change since the previous close; None without both prices."""
    if last_price_krw is None or not previous_close_krw:
        return None
    return round(last_price_krw / previous_close_krw - 1, 6)


class BarItem(Item):
    """Raw prices of one trading day; times `adjust_factor` they are split-adjusted."""

    trade_date: date
    open_krw: int
    high_krw: int
    low_krw: int
    regular_close_krw: int
    volume: int
    adjust_factor: float
    source: str
    is_final: bool


class NewStock(Body):
    """A stock to watch. `history`: load its past news and prices and make first predictions and a report."""

    code: StockCode = Field(examples=["005930"])
    name: Label = Field(examples=["삼성전자"])
    market: Market
    aliases: list[Label] = Field(default_factory=list, max_length=20)
    priority: int = Field(3, ge=1, le=5, description=PRIORITY)
    history: bool = True


@router.get("", response_model=PageOf[StockItem])
async def list_stocks(request: Request, page: ByCode) -> Any:
    """Watched stocks by code."""

    async def plan(reader: Reader) -> str:
        return json_body(await stocks.list_stocks(reader, page))

    return await planned(request, plan)


@router.get("/{code}", response_model=StockItem)
async def get_stock(session: ReadSession, code: StockCodePath) -> Any:
    """One stock with its last price."""
    return await stocks.get_stock(session, code)


@router.get("/{code}/bars", response_model=PageOf[BarItem])
async def list_bars(request: Request, code: StockCodePath, page: ByDate) -> Any:
    """Daily bars of a stock, newest first."""

    async def plan(reader: Reader) -> str:
        return json_body(await stocks.list_bars(reader, code, page))

    return await planned(request, plan)


async def _insert(database: Database, body: NewStock) -> None:
    async with database.write() as session:
        await stocks.add_stock(
            session,
            code=body.code,
            name=body.name,
            market=body.market,
            aliases=body.aliases,
            priority=body.priority,
        )


@router.post("", status_code=202, responses={201: {"model": StockItem}, **WRITE_RESPONSES})
async def add_stock(
    body: NewStock, database: DatabaseOfApp, requests: WorkRequestsOfCall, response: Response
) -> RunItem | StockItem:
    """Watch a stock: 202 with the run that loads its history, or 201 with the stock if `history` is false."""
    if body.history:
        return await requests.accept(analysis_work(body.code), body, before=lambda: _insert(database, body))
    await _insert(database, body)
    response.status_code = 201
    response.headers["Location"] = f"/api/stocks/{body.code}"
    async with database.read() as session:
        return StockItem.model_validate(await stocks.get_stock(session, body.code))
