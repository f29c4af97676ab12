"""What came after azak said something of a stock: evidence as it read then, and the sessions since with their stories.

A call is any stored forecast of direction, whatever its word; what a report says is scored over five sessions.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.paging import AnyRow
from backend.errors import NotFoundError
from backend.services.forecasts.prediction import get_prediction
from backend.services.forecasts.words import USUAL
from backend.services.market.stocks import get_stock
from backend.services.record.move_lists import list_after
from backend.services.reports.reports import get_report

# A report is scored over five sessions; a call waits as long for a price where its exit has none.
SESSIONS: Final = 10
OF_REPORT: Final = 5

# The title as it was when the forecast was made; that of today where no version is as old (an import of later).
_EVIDENCE = text(
    f"""
    SELECT n.id AS news_id, (e.item ->> 'weight')::float8 AS weight, coalesce(v.title, n.title) AS title,
           coalesce(v.title <> n.title, false) AS is_changed, n.publisher, n.known_at, {USUAL} AS base_rate
      FROM predictions p
      LEFT JOIN LATERAL jsonb_array_elements(p.evidence) WITH ORDINALITY AS e (item, place) ON true
      LEFT JOIN news n ON n.id = (e.item ->> 'news_id')::bigint
      LEFT JOIN LATERAL (
           SELECT a.title FROM news_as_of(p.asof, coalesce(p.recorded_by, p.asof)) a WHERE a.news_id = n.id LIMIT 1
      ) v ON true
     WHERE p.id = :id
     ORDER BY e.place
    """  # noqa: S608  (a constant of this code)
)
_CALLS = text(
    """
    SELECT p.id, p.horizon FROM reports r
      JOIN model_versions told ON told.id = r.model_version_id
      JOIN LATERAL (
           SELECT DISTINCT ON (x.horizon) x.id, x.horizon FROM predictions x
             JOIN model_versions v ON v.id = x.model_version_id AND v.model_id = told.model_id
            WHERE x.stock_code = r.stock_code AND x.mode = 'live' AND x.asof <= r.asof
            ORDER BY x.horizon, x.asof DESC, x.id DESC
      ) p ON true
     WHERE r.id = :id ORDER BY p.horizon
    """
)
_VOID = text("SELECT void_reason FROM report_scores WHERE report_id = :id ORDER BY engine_version::int DESC LIMIT 1")


@dataclass(frozen=True, slots=True)
class Call:
    """A forecast of direction, its stock whatever its state, evidence as it read then, outcome and sessions since."""

    prediction: AnyRow
    stock: AnyRow
    base_rate: float | None
    evidence: Sequence[Row[Any]]
    outcome: AnyRow | None
    sessions: Sequence[Row[Any]]


@dataclass(frozen=True, slots=True)
class ReportAftermath:
    """Why a report has no score (None where it has or waits for one), its forecasts, and the sessions since."""

    report_id: int
    void_reason: str | None
    calls: Sequence[Row[Any]]
    sessions: Sequence[Row[Any]]


async def get_call(session: AsyncSession, prediction_id: int) -> Call:
    """One call. Raises NotFoundError, also for a forecast of size, which takes no side."""
    found = await get_prediction(session, prediction_id)
    said = found.prediction
    if said.size is not None:
        raise NotFoundError(f"The forecast {prediction_id} is one of size and takes no side; choose one of direction.")
    evidence = (await session.execute(_EVIDENCE, {"id": prediction_id})).all()
    exit_date: date = said.exit_trade_date
    if found.outcome is not None and found.outcome.exit_trade_date is not None:
        exit_date = found.outcome.exit_trade_date
    sessions = await list_after(session, said.stock_code, after=said.entry_ts, through=exit_date, limit=SESSIONS)
    return Call(
        prediction=said,
        stock=await get_stock(session, said.stock_code),
        base_rate=evidence[0].base_rate,
        evidence=[row for row in evidence if row.news_id is not None],
        outcome=found.outcome,
        sessions=sessions,
    )


async def get_report_aftermath(session: AsyncSession, report_id: int) -> ReportAftermath:
    """What came after a report. Raises NotFoundError."""
    report = await get_report(session, report_id)
    asof: datetime = report.asof
    return ReportAftermath(
        report_id=report_id,
        void_reason=await session.scalar(_VOID, {"id": report_id}),
        calls=(await session.execute(_CALLS, {"id": report_id})).all(),
        sessions=await list_after(session, report.stock_code, after=asof, through=date.max, limit=OF_REPORT),
    )
