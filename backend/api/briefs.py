"""Briefs of the whole watchlist: newest first, and one with the facts it was written from."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query

from backend.api.deps import ReadSession
from backend.api.paging import ByMoment, PageOf, answer
from backend.api.schemas import Disclaimer, Item, RowId
from backend.api.stored import Shape
from backend.domain.reports import BriefKind
from backend.services.reports import briefs

router = APIRouter(prefix="/api/briefs", tags=["reports"])


class BriefItem(Item):
    """A brief in Markdown: three lines before a session (morning) or after its close."""

    id: int
    run_id: UUID
    trade_date: date
    kind: BriefKind
    asof: datetime
    text_ko: str
    text_en: str
    writer: str
    citations: list[int]
    created_at: datetime


class BriefPage(PageOf[BriefItem]):
    disclaimer: Disclaimer = Disclaimer()


class BriefFull(BriefItem):
    fact_sheet: Annotated[dict[str, Any], Shape("backend.reports.brief_facts:BriefFacts")]
    disclaimer: Disclaimer = Disclaimer()


@router.get("", response_model=BriefPage)
async def list_briefs(
    session: ReadSession, page: ByMoment, kind: Annotated[BriefKind | None, Query(description="Only these.")] = None
) -> Any:
    """Briefs, newest first."""
    return answer(await briefs.list_briefs(session, page, kind=kind))


@router.get("/{brief_id}", response_model=BriefFull)
async def get_brief(session: ReadSession, brief_id: RowId) -> Any:
    """One brief with its facts."""
    return await briefs.get_brief(session, brief_id)
