"""Beside the overview: why each watched stock moved last, and the line of its closes beside that of its index."""

from datetime import date, datetime
from typing import Any

from fastapi import APIRouter, Request
from pydantic import Field

from backend.api.moves import MoveStory
from backend.api.schemas import Item
from backend.domain.understanding.moves import MoveCause
from backend.services.forecasts import watched_moves
from backend.web import planned

router = APIRouter(prefix="/api/dashboard", tags=["dashboard"])


class LastMove(Item):
    """The move of the session that runs, or of the last one, as of `known_at`."""

    trade_date: date
    is_final: bool = Field(description="false while the session runs, by the last trades.")
    known_at: datetime
    move: float = Field(description="Since the last close, splits taken out: 0.012 is 1.2%.")
    own_sigmas: float = Field(description="What market and industry leave of it, in the stock's daily sigmas.")
    cause: MoveCause
    story: MoveStory | None = Field(description="The story that fits the own part best; that is no proof.")


class WatchedMove(Item):
    """One watched stock."""

    stock_code: str
    closes_krw: list[int] = Field(description="Closes of the last 20 sessions, oldest first, adjusted for splits.")
    move: LastMove | None = Field(description="null before the first session with enough history.")


class IndexLine(Item):
    """An index of the market."""

    index_code: str = Field(examples=["KOSPI"])
    closes: list[float] = Field(description="Closes of the last 20 sessions, oldest first.")


class WatchedMoves(Item):
    """Watched stocks by priority and code, at most 200, and the indexes."""

    items: list[WatchedMove]
    indexes: list[IndexLine]


@router.get("/moves", response_model=WatchedMoves)
async def get_watched_moves(request: Request) -> Any:
    """Why each watched stock moved last, with its closes and those of the indexes."""
    return await planned(request, watched_moves.get_watched_moves)
