"""Reports: newest first, the latest of each stock, one with its texts; requesting a new one."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Response

from backend.api.deps import DatabaseOfApp, ReadSession
from backend.api.paging import ByCode, ByMoment, PageOf, answer
from backend.api.prediction import StockBody, check_stock
from backend.api.scheduler_client import report_work
from backend.api.schemas import Disclaimer, Item, RowId, RunItem, StockCodeFilter
from backend.api.stored import Shape, Targets
from backend.api.work_requests import WorkRequestsOfCall
from backend.domain.record import OutcomeState
from backend.reports.documents.html import CONTENT_SECURITY_POLICY
from backend.services.reports import reports
from backend.services.reports.report_files import MEDIA_TYPES, FileForm, make_file
from backend.web import WRITE_RESPONSES

Language = Literal["ko", "en"]
_BINARY = {"schema": {"type": "string", "format": "binary"}}
_FILES: dict[str, Any] = {media.partition(";")[0]: _BINARY for media in MEDIA_TYPES.values()}

router = APIRouter(prefix="/api/reports", tags=["reports"])


class ReportItem(Item):
    """A report without its texts. `corrected_by`: the later report that says what was wrong in this one."""

    id: int
    stock_code: str
    name: str
    run_id: UUID
    asof: datetime
    trigger: str
    writer: str
    created_at: datetime
    corrected_by: int | None


class ReportPage(PageOf[ReportItem]):
    disclaimer: Disclaimer = Disclaimer()


class ReportScored(Item):
    """Score of the longest forecast after five sessions; scores 0..1, null until final (timing also for hold)."""

    state: OutcomeState
    direction: str | None
    sessions: int
    hit_session: int | None
    target_score: float | None
    timing_score: float | None
    risk_score: float | None


class ReportFull(ReportItem):
    """Markdown in Korean and English, the fact sheet it was written from, and the news it cites.

    `corrects`: earlier reports whose errors it corrects.
    """

    model: str
    version: str
    text_ko: str
    text_en: str
    citations: list[int]
    targets: Annotated[dict[str, Any], Shape(Targets)]
    fact_sheet: Annotated[dict[str, Any], Shape("backend.reports.fact_sheet:FactSheet")]
    fact_hash: str
    corrects: list[int]
    score: ReportScored | None
    disclaimer: Disclaimer = Disclaimer()


@router.get("", response_model=ReportPage)
async def list_reports(session: ReadSession, page: ByMoment, stock_code: StockCodeFilter = None) -> Any:
    """Reports, newest first."""
    return answer(await reports.list_reports(session, page, stock_code=stock_code))


@router.get("/latest", response_model=ReportPage)
async def list_latest_reports(session: ReadSession, page: ByCode) -> Any:
    """The latest report of each stock, by code."""
    return answer(await reports.list_latest_reports(session, page))


@router.get("/{report_id}.{form}", response_class=Response, responses={200: {"content": _FILES}})
async def get_report_file(
    session: ReadSession, report_id: RowId, form: FileForm, language: Annotated[Language, Query()] = "ko"
) -> Response:
    """One report as a file: md, html (prints well) or pdf."""
    report = await reports.get_report(session, report_id)
    text = report.text_en if language == "en" else report.text_ko
    name = f"azak-{report.stock_code}-{report_id}-{language}.{form.value}"
    shown = "inline" if form is FileForm.HTML else "attachment"
    headers = {"Content-Disposition": f'{shown}; filename="{name}"'}
    if form is FileForm.HTML:
        headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    return Response(await make_file(text, form, language), media_type=MEDIA_TYPES[form], headers=headers)


@router.get("/{report_id}", response_model=ReportFull)
async def get_report(session: ReadSession, report_id: RowId) -> Any:
    """One report with its texts and facts."""
    return await reports.get_report(session, report_id)


@router.post("", status_code=202, responses=WRITE_RESPONSES)
async def request_report(body: StockBody, database: DatabaseOfApp, requests: WorkRequestsOfCall) -> RunItem:
    """Write a report for one stock now: 202 with the run."""
    code = body.stock_code
    return await requests.accept(report_work(code), body, before=lambda: check_stock(database, code))
