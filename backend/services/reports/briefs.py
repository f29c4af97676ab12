"""Briefs of the watchlist: the stocks they are about, storing one, and reading them for the API."""

import uuid
from datetime import date
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.paging import AnyRow, Keyset, Page, fetch_newest
from backend.db.tables.reports import Brief
from backend.db.tables.stocks import Stock
from backend.db.upsert import upsert
from backend.domain.reports import BriefKind
from backend.errors import NotFoundError

_COLUMNS = (
    Brief.id, Brief.run_id, Brief.trade_date, Brief.kind, Brief.asof, Brief.text_ko, Brief.text_en, Brief.writer,
    Brief.citations, Brief.created_at,
)  # fmt: skip


async def list_watched(session: AsyncSession) -> list[str]:
    """Codes of the stocks that forecasts and reports are made of, the most important first."""
    query = select(Stock.code).where(Stock.is_forecast).order_by(Stock.priority, Stock.code)
    return list(await session.scalars(query))


async def is_written(session: AsyncSession, trade_date: date, kind: BriefKind) -> bool:
    query = select(exists().where(Brief.trade_date == trade_date, Brief.kind == kind))
    return bool(await session.scalar(query))


async def record_brief(session: AsyncSession, *, run_id: uuid.UUID, **values: Any) -> int:
    """Store a brief. Returns 1, or 0 if there is one of this session and kind: the first stays."""
    return len(await upsert(session, Brief, [{"run_id": run_id, **values}], key=["trade_date", "kind"]))


async def list_briefs(session: AsyncSession, keyset: Keyset, *, kind: BriefKind | None = None) -> Page:
    """Newest first."""
    query = select(*_COLUMNS)
    if kind is not None:
        query = query.where(Brief.kind == kind)
    return await fetch_newest(session, query, keyset, by=[Brief.asof, Brief.id], key=lambda row: (row.asof, row.id))


async def get_brief(session: AsyncSession, brief_id: int) -> AnyRow:
    """One brief with its facts. Raises NotFoundError."""
    query = select(*_COLUMNS, Brief.fact_sheet).where(Brief.id == brief_id)
    row = (await session.execute(query)).one_or_none()
    if row is None:
        raise NotFoundError(f"There is no brief {brief_id}; list them with GET /api/briefs.")
    return row
