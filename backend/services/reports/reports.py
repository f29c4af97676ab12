"""Reads reports for the API: lists without texts, single reports with text, fact sheet and score."""

from sqlalchemy import ARRAY, BigInteger, case, func, literal, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.paging import AnyRow, Keyset, Page, cut, fetch_newest
from backend.db.tables.models import Model, ModelVersion
from backend.db.tables.reports import Report, ReportCorrection, ReportScore
from backend.db.tables.stocks import Stock
from backend.domain.record import ENGINE_VERSION
from backend.errors import NotFoundError
from backend.services.market.stocks import get_stock

_COLUMNS = (
    Report.id,
    Report.stock_code,
    Report.run_id,
    Report.asof,
    Report.trigger,
    Report.writer,
    Report.created_at,
)


_CORRECTED_BY = (
    select(ReportCorrection.corrected_by)
    .where(ReportCorrection.report_id == Report.id)
    .correlate(Report)
    .scalar_subquery()
    .label("corrected_by")
)
_CORRECTS = (
    select(func.coalesce(func.array_agg(ReportCorrection.report_id), literal([], ARRAY(BigInteger))))
    .where(ReportCorrection.corrected_by == Report.id)
    .correlate(Report)
    .scalar_subquery()
    .label("corrects")
)


async def list_reports(session: AsyncSession, keyset: Keyset, *, stock_code: str | None = None) -> Page:
    """Newest first by (asof, id), of all stocks or one. Raises NotFoundError for an unknown stock."""
    query = select(*_COLUMNS, _CORRECTED_BY, Stock.name).join(Stock, Stock.code == Report.stock_code)
    if stock_code is not None:
        query = query.where(Report.stock_code == stock_code)
    by = [Report.asof, Report.id]
    page = await fetch_newest(session, query, keyset, by=by, key=lambda row: (row.asof, row.id))
    if stock_code is not None and not page.items:
        await get_stock(session, stock_code)
    return page


async def list_latest_reports(session: AsyncSession, keyset: Keyset) -> Page:
    """The newest report of each stock, by code."""
    order = (Report.asof.desc(), Report.id.desc())
    newest = (
        select(*_COLUMNS, _CORRECTED_BY)
        .where(Report.stock_code == Stock.code)
        .order_by(*order)
        .limit(1)
        .lateral("newest")
    )
    query = select(*newest.c, Stock.name).join(newest, true()).order_by(Stock.code).limit(keyset.limit + 1)
    if keyset.after is not None:
        query = query.where(Stock.code > keyset.after[0])
    return cut((await session.execute(query)).all(), keyset, lambda row: (row.stock_code,))


async def get_report(session: AsyncSession, report_id: int) -> AnyRow:
    """One report with its texts and its score. Raises NotFoundError."""
    texts = (Report.text_ko, Report.text_en, Report.citations, Report.targets, Report.fact_sheet, Report.fact_hash)
    judged = ("state", "direction", "sessions", "hit_session", "target_score", "timing_score", "risk_score")
    score = func.jsonb_build_object(*(part for name in judged for part in (name, getattr(ReportScore, name))))
    known = case((ReportScore.report_id.is_not(None), score)).label("score")
    names = (known, Stock.name, Model.name.label("model"), ModelVersion.version)
    query = (
        select(*_COLUMNS, _CORRECTED_BY, _CORRECTS, *texts, *names)
        .join(Stock, Stock.code == Report.stock_code)
        .join(ModelVersion, ModelVersion.id == Report.model_version_id)
        .join(Model, Model.id == ModelVersion.model_id)
        .outerjoin(ReportScore, (ReportScore.report_id == Report.id) & (ReportScore.engine_version == ENGINE_VERSION))
    )
    row = (await session.execute(query.where(Report.id == report_id))).one_or_none()
    if row is None:
        raise NotFoundError(f"There is no report {report_id}; list them with GET /api/reports.")
    return row
