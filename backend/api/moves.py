"""Why a stock moved: each session's move since the last close in parts, and the stories that fit it."""

from datetime import date, datetime
from typing import Any, Literal

from fastapi import APIRouter, Request
from pydantic import Field

from backend.api.paging import ByDate, PageOf, json_body
from backend.api.schemas import Item, StockCodePath
from backend.db.reader import Reader
from backend.domain.understanding.events import Sign
from backend.domain.understanding.moves import MoveCause
from backend.services.record import move_lists
from backend.web import planned

router = APIRouter(prefix="/api/stocks", tags=["stocks"])


class MovePart(Item):
    """One part of a move; they add up to it."""

    part: Literal["market", "industry", "own"]
    share: float = Field(description="A fraction: 0.012 is 1.2%.")


class MoveStory(Item):
    """A story whose time, kind and direction fit the own part; that is no proof."""

    story_id: int
    news_id: int
    title: str
    publisher: str
    known_at: datetime
    event_type: str
    sign: Sign


class MoveItem(Item):
    """Why a stock moved in a session, as of `known_at`."""

    stock_code: str
    trade_date: date
    is_final: bool = Field(description="false while the session runs, by the last trades.")
    known_at: datetime
    move: float = Field(description="Since the last close, splits taken out.")
    market_return: float
    industry_stocks: int = Field(description="Other stocks of its industry; below 3 there is no such part.")
    own_sigmas: float = Field(description="The own part in the stock's daily sigmas.")
    parts: list[MovePart]
    cause: MoveCause
    stories: list[MoveStory] = Field(description="Best first, at most 3.")


@router.get("/{code}/moves", response_model=PageOf[MoveItem])
async def list_moves(request: Request, code: StockCodePath, page: ByDate) -> Any:
    """Why a stock moved, a row a session, newest first; the session that runs is the first one."""

    async def plan(reader: Reader) -> str:
        return json_body(await move_lists.list_moves(reader, code, page))

    return await planned(request, plan)
