"""Calls and reports with what came of them: said, evidence as of then, outcome, and the sessions that explain it."""

from datetime import datetime
from typing import Any

from fastapi import APIRouter
from pydantic import Field

from backend.api.deps import ReadSession
from backend.api.moves import MoveItem
from backend.api.prediction import OutcomeItem, PredictionFull
from backend.api.schemas import BASE_RATE, Disclaimer, Item, RowId
from backend.domain.market import Market, StockState
from backend.domain.record import VoidReason
from backend.services.reports import aftermath

router = APIRouter(tags=["calls"])
SESSIONS = "Sessions since, oldest first; a story known after `asof` is one that nobody could have read then."


class CallStock(Item):
    """The stock of a call, archived ones too."""

    code: str
    name: str
    market: Market
    state: StockState


class CallEvidence(Item):
    """A news item that a call rests on, with the title that it had then."""

    news_id: int
    weight: float | None = Field(description="Share of the evidence, 0..1.")
    title: str
    is_changed: bool = Field(description="Whether its title is another one today.")
    publisher: str
    known_at: datetime


class Call(Item):
    """A forecast of direction with its word, and what came of it. `outcome`: null until its exit is scored."""

    prediction: PredictionFull
    stock: CallStock
    base_rate: float | None = Field(description=BASE_RATE)
    evidence: list[CallEvidence]
    outcome: OutcomeItem | None
    sessions: list[MoveItem] = Field(description=SESSIONS)
    disclaimer: Disclaimer = Disclaimer()


class CallOfReport(Item):
    """A forecast that a report tells of."""

    id: int = Field(description="GET /api/calls/{id}")
    horizon: int = Field(description="Trading days from entry to exit.")


class ReportAftermath(Item):
    """What came after a report; its score is in GET /api/reports/{report_id}."""

    report_id: int
    void_reason: VoidReason | None = Field(description="Why it has no score; null where it has one or waits for it.")
    calls: list[CallOfReport]
    sessions: list[MoveItem] = Field(description=SESSIONS)
    disclaimer: Disclaimer = Disclaimer()


@router.get("/api/calls/{prediction_id}", response_model=Call)
async def get_call(session: ReadSession, prediction_id: RowId) -> Any:
    """One call: what was said, its evidence as it read then, what came of it, and what explains that."""
    return await aftermath.get_call(session, prediction_id)


@router.get("/api/reports/{report_id}/aftermath", response_model=ReportAftermath)
async def get_report_aftermath(session: ReadSession, report_id: RowId) -> Any:
    """What came after a report: the forecasts it tells of, and the next five sessions with their stories."""
    return await aftermath.get_report_aftermath(session, report_id)
