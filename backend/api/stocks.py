"""Watched stocks: their daily bars; adding, pausing, resuming and archiving one."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, Any, Literal, Self

from fastapi import APIRouter, Query, Request, Response
from pydantic import ConfigDict, Field, computed_field, model_validator

from backend import clock
from backend.api.deps import DatabaseOfApp, ReadSession, Writer, WriteSession
from backend.api.moves import MoveItem
from backend.api.outlook import EventItem, SizeItem
from backend.api.paging import ByCode, ByDate, PageOf, json_body
from backend.api.scheduler_client import WorkRequest, analysis_work, job_work
from backend.api.schemas import Body, Item, Label, RunItem, StockCode, StockCodePath
from backend.api.work_requests import WorkRequestsOfCall
from backend.db.reader import Reader
from backend.db.session import Database
from backend.domain.market import BarFlag, Basis, Market, StockKind, StockState
from backend.domain.operations import SourceData
from backend.services.forecasts import sizes
from backend.services.market import corporate_actions, stocks
from backend.services.market.aliases import set_aliases
from backend.services.market.drivers import investor_flows
from backend.services.market.new_stocks import NamedStock, find_stock
from backend.services.market.stock_names import mark_seen
from backend.services.operations import sources
from backend.services.record import move_lists
from backend.web import WRITE_RESPONSES, planned

router = APIRouter(prefix="/api/stocks", tags=["stocks"])
_FORECAST = (StockKind.SHARE, StockKind.PREFERRED)
_PRICES = (SourceData.PRICES, SourceData.LIVE_PRICES)
PRIORITY = "1 (most important) to 5: 1 comes first when news and prices are read, reports written and stocks shown."


class StockItem(Item):
    """A watched stock; prices are null before the first quote."""

    code: str = Field(examples=["005930"])
    name: str = Field(examples=["삼성전자"])
    market: Market
    aliases: list[str]
    priority: int = Field(description=PRIORITY)
    is_active: bool = Field(description="Whether the jobs work on it: `state` is active.")
    state: StockState
    status: str = Field(description="What the exchange says: normal, halted, managed or delisted.")
    kind: StockKind = Field(description="share or preferred; of a fund or other nothing is forecast or reported.")
    listed_on: date | None
    created_at: datetime
    last_price_krw: int | None
    previous_close_krw: int | None
    price_at: datetime | None

    @computed_field(description="Last price over the previous close, minus 1.")  # type: ignore[prop-decorator]
    @property
    def change(self) -> float | None:
        return change(self.last_price_krw, self.previous_close_krw)


class StockDetail(StockItem):
    """A watched stock, why it moved, how large its next moves may be, and the event behind them."""

    sizes: list[SizeItem] = Field(description="The newest forecasts, shortest horizon first; empty before the first.")
    event: EventItem | None
    move: MoveItem | None = Field(description="Of the session that runs, or of the last one; null before the first.")


def change(last_price_krw: int | None, previous_close_krw: int | None) -> float | None:
    """Relative change since the previous close; None without both prices."""
    if last_price_krw is None or not previous_close_krw:
        return None
    return round(last_price_krw / previous_close_krw - 1, 6)


class BarItem(Item):
    """Prices of one trading day; times `adjust_factor` they are split-adjusted.

    A day without a trade has the close of the day before and no other price.
    """

    trade_date: date
    open_krw: float | None
    high_krw: float | None
    low_krw: float | None
    regular_close_krw: float
    volume: int
    adjust_factor: float
    source: str
    is_final: bool
    basis: Basis = Field(description="Whether the source had taken corporate actions out of the prices.")
    base_price_krw: float | None = Field(description="What the exchange measured the day's limits from, if told.")
    flags: list[BarFlag] = Field(description="Why a bar is not used in features and labels; empty in a good one.")


class ActionItem(Item):
    """What one source tells of a corporate action. Where two tell different factors of a day neither is used."""

    ex_date: date
    source: str
    factor: float | None = Field(description="New price over old price: 0.2 for a split of one into five.")
    withdrawn: bool
    known_at: datetime
    recorded_at: datetime


class Actions(Item):
    items: list[ActionItem]


class FlowItem(Item):
    """Net purchases of a session, negative where more was sold; KRW to the million."""

    trade_date: date
    foreign_shares: int
    institution_shares: int
    individual_shares: int
    foreign_krw: int | None
    institution_krw: int | None
    individual_krw: int | None
    source: str
    known_at: datetime


class Flows(Item):
    items: list[FlowItem]


class NewStock(Body):
    """A stock to watch: its code or its name is enough, the exchange's list has the rest.

    While that list is empty give code, name and market. `history`: load its past news and prices and
    make first predictions and a report.
    """

    code: StockCode | None = Field(None, examples=["005930"])
    name: Label | None = Field(None, examples=["삼성전자"])
    market: Market | None = None
    aliases: list[Label] = Field(default_factory=list, max_length=20)
    priority: int = Field(3, ge=1, le=5, description=PRIORITY)
    history: bool = True


class Notice(Item):
    """What to know of a stock that was added."""

    notice: str | None = Field(
        None, description="Why there will be no prices or predictions, or that the stock was not checked; else null."
    )


class AddedRun(RunItem, Notice):
    """The run that loads the history of a new stock."""


class AddedStock(StockItem, Notice):
    """A new stock."""


class StockChange(Body):
    """`paused`: no new work; `archived`: hidden from lists and counts too, its record stays readable by its code."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"state": "paused"}]})

    state: StockState | None = None
    aliases: list[Label] | None = Field(
        None,
        max_length=20,
        description="All names that headlines call it by, beside its own and those that azak ships.",
    )
    seen: Literal[True] | None = Field(
        None, description="true: you have looked at the events of its listing, and a rename is of the same company."
    )

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if self.state is None and self.aliases is None and self.seen is None:
            raise ValueError("Give state, aliases or seen.")
        return self


@router.get("", response_model=PageOf[StockItem])
async def list_stocks(
    request: Request,
    page: ByCode,
    state: Annotated[StockState | None, Query(description="Only these; without it all but the archived ones.")] = None,
) -> Any:
    """Watched stocks by code."""

    async def plan(reader: Reader) -> str:
        return json_body(await stocks.list_stocks(reader, page, state=state))

    return await planned(request, plan)


@router.get("/{code}", response_model=StockDetail)
async def get_stock(session: ReadSession, code: StockCodePath) -> Any:
    """One stock with its last price, why it moved and how large its next moves may be."""
    found = StockItem.model_validate(await stocks.get_stock(session, code))
    moved = await move_lists.get_newest(session, code)
    return {
        **found.model_dump(exclude={"change"}),
        "sizes": [SizeItem.model_validate(row) for row in await sizes.list_sizes(session, code)],
        "event": await sizes.get_event(session, code),
        "move": moved and MoveItem.model_validate(moved),
    }


@router.get("/{code}/bars", response_model=PageOf[BarItem])
async def list_bars(request: Request, code: StockCodePath, page: ByDate) -> Any:
    """Daily bars of a stock, newest first."""

    async def plan(reader: Reader) -> str:
        return json_body(await stocks.list_bars(reader, code, page))

    return await planned(request, plan)


@router.get("/{code}/actions", response_model=Actions)
async def list_actions(session: ReadSession, code: StockCodePath) -> Any:
    """Splits, bonus and rights issues and the like of a stock as each source tells them, newest first."""
    await stocks.get_stock(session, code)
    return {"items": await corporate_actions.list_actions(session, code)}


@router.get("/{code}/flows", response_model=Flows)
async def list_flows(session: ReadSession, code: StockCodePath) -> Any:
    """What foreigners, institutions and people bought of a stock, the last 250 sessions, newest first."""
    await stocks.get_stock(session, code)
    return {"items": await investor_flows.list_flows(session, code)}


@router.patch("/{code}", response_model=StockItem, responses=WRITE_RESPONSES)
async def change_stock(code: StockCodePath, body: StockChange, session: WriteSession, _writer: Writer) -> Any:
    """Pause, resume or archive a stock (nothing of it is deleted), name it, or confirm that you saw its rename."""
    if body.state is not None:
        await stocks.change_state(session, code, body.state)
    if body.aliases is not None:
        await set_aliases(session, code, body.aliases)
    found = await stocks.get_stock(session, code)
    if body.seen:
        await mark_seen(session, code, clock.now())
    return found


async def _insert(database: Database, stock: NamedStock, body: NewStock) -> None:
    async with database.write() as session:
        await stocks.add_stock(
            session,
            code=stock.code,
            name=stock.name,
            market=stock.market,
            aliases=body.aliases,
            priority=body.priority,
            kind=stock.kind,
            listed_on=stock.listed_on,
        )


@router.post("", status_code=202, responses={201: {"model": AddedStock}, **WRITE_RESPONSES})
async def add_stock(
    body: NewStock, database: DatabaseOfApp, requests: WorkRequestsOfCall, response: Response
) -> AddedRun | AddedStock:
    """Watch a stock: 202 with the run that loads its history, or 201 with the stock if `history` is false."""
    async with database.read() as session:
        stock = await find_stock(session, body.code, body.name, body.market)
        notice = _notice(stock, await sources.list_sources(session))
    if body.history:
        run = await requests.accept(_work(stock), body, before=lambda: _insert(database, stock, body))
        return AddedRun.model_validate({**run.model_dump(), "notice": notice})
    await _insert(database, stock, body)
    response.status_code = 201
    response.headers["Location"] = f"/api/stocks/{stock.code}"
    async with database.read() as session:
        added = StockItem.model_validate(await stocks.get_stock(session, stock.code))
    return AddedStock.model_validate({**added.model_dump(exclude={"change"}), "notice": notice})


def _work(stock: NamedStock) -> WorkRequest:
    """The first run of a new stock; of a fund its history alone."""
    if stock.kind in _FORECAST:
        return analysis_work(stock.code)
    return job_work("load_history", {"stock_codes": [stock.code]})


def _notice(stock: NamedStock, known: Sequence[Mapping[str, Any]]) -> str | None:
    """That prices are off, with the remedy, that it is a fund, and that it is not of the exchange's list."""
    parts = [gap.reason + "." for gap in sources.list_gaps_of(known) if gap.data in _PRICES]
    if stock.kind not in _FORECAST:
        parts.append(
            f"{stock.name} ({stock.code}) is {'a fund' if stock.kind == StockKind.FUND else 'no share'}: its news and"
            " prices are kept, and nothing is forecast or reported of it."
        )
    if not stock.is_listed:
        parts.append(f"{stock.name} ({stock.code}) was not checked against the list of stocks, which does not have it.")
    return " ".join(parts) or None
