"""Ratings of reports by people: 1 to 5, given without knowing which model or writer made the report."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import Field

from backend.api.deps import Caller, ReadSession, Writer, WriteSession, require_scope
from backend.api.paging import ById, PageOf, answer
from backend.api.schemas import Body, Item, StockCode
from backend.domain.record import ENGINE_VERSION
from backend.internal import BIGINT
from backend.services.reports import ratings
from backend.web import WRITE_RESPONSES

router = APIRouter(prefix="/api/evaluations/ratings", tags=["evaluations"])


class NewRating(Body):
    report_id: int = Field(ge=1, le=BIGINT)
    score: int = Field(ge=1, le=5, description="1 useless, 5 very good.")
    comment: str = Field("", max_length=1000, pattern=r"^[^\x00]*$")


class RatingItem(Item):
    id: int
    report_id: int
    rater: str
    score: int
    comment: str
    created_at: datetime


class RatingStored(RatingItem):
    """The rating, with the writer and model of the report, which are secret until it is rated."""

    writer: str
    model: str
    version: str


class BlindReport(Item):
    """A report to rate, without its writer and model."""

    report_id: int
    stock_code: StockCode
    name: str
    asof: datetime
    text_ko: str
    text_en: str


class RatingSummary(Item):
    """`good` is the share of 4 and 5 among the latest ratings of all raters, with its 95% interval.

    target, timing and risk (0..1) score the forecasts of the reports against five sessions of prices; `scored` reports.
    """

    model: str
    writer: str
    n: int
    raters: int
    mean: float | None
    good: float | None
    low: float | None
    high: float | None
    scored: int
    target: float | None
    timing: float | None
    risk: float | None


class RatingSummaries(Item):
    items: list[RatingSummary]


@router.get("", response_model=PageOf[RatingItem])
async def list_ratings(
    session: ReadSession, page: ById, report_id: Annotated[int | None, Query(ge=1, le=BIGINT)] = None
) -> Any:
    """Every rating of reports, newest first, including those replaced by a later one."""
    return answer(await ratings.list_ratings(session, page, report_id=report_id))


@router.get("/summary", response_model=RatingSummaries)
async def list_rating_summaries(session: ReadSession) -> Any:
    """Ratings and scores of reports, by model and writer."""
    return {"items": await ratings.list_summaries(session, engine_version=ENGINE_VERSION)}


@router.get("/next", response_model=BlindReport)
async def get_next_to_rate(session: ReadSession, caller: Caller) -> Any:
    """A recent report that the caller (by key or signed in) has not rated, blind; 404 when there is none."""
    return await ratings.get_next(session, rater=require_scope(caller, "read", "Rating").name)


@router.post("", status_code=201, response_model=RatingStored, responses=WRITE_RESPONSES)
async def add_rating(body: NewRating, rater: Writer, session: WriteSession) -> Any:
    """Rate a report 1..5; a second rating replaces the first one, and both are kept."""
    return await ratings.add_rating(session, rater=rater, **body.model_dump())
