"""Scores of reports by the five sessions after them: reads due reports and prices, stores scores."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.tables.reports import ReportScore
from backend.db.upsert import upsert
from backend.domain.market import MISSING_PRICES
from backend.domain.record import ENGINE_VERSION

KEY = ("report_id", "engine_version")


@dataclass(frozen=True, slots=True)
class DueReport:
    """A report without a final score; `status` of its stock, `input_hash` of its stored score."""

    id: int
    stock_code: str
    asof: datetime
    targets: Mapping[str, Any]
    status: str
    input_hash: str | None


@dataclass(frozen=True, slots=True)
class SessionPrices:
    """Raw prices of one session; `adjust_factor` as in daily_bars."""

    trade_date: date
    high_krw: float
    low_krw: float
    close_krw: float
    adjust_factor: float


async def list_due(session: AsyncSession, *, after: int, limit: int) -> list[DueReport]:
    """The next reports by id above `after` whose score is missing, pending or partial."""
    bound = {"after": after, "limit": limit, "engine_version": ENGINE_VERSION}
    return [DueReport(*tuple(row)) for row in await session.execute(_DUE, bound)]


async def list_prices(
    session: AsyncSession, codes: Sequence[str], *, first: date, last: date
) -> dict[str, list[SessionPrices]]:
    """Final bars of each stock that traded on the sessions `first`..`last`, oldest first."""
    prices: dict[str, list[SessionPrices]] = {code: [] for code in codes}
    bound = {"codes": list(prices), "first": first, "last": last, "missing": sorted(MISSING_PRICES)}
    for row in await session.execute(_PRICES, bound):
        prices[row[0]].append(SessionPrices(*tuple(row[1:])))
    return prices


async def upsert_scores(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> int:
    """Store scores. Returns how many were new or changed."""
    columns = [name for name in (rows[0] if rows else ()) if name not in KEY]
    return len(await upsert(session, ReportScore, rows, key=KEY, update=columns))


_DUE = text(
    """
    SELECT r.id, r.stock_code, r.asof, r.targets, s.status, c.input_hash
    FROM reports r
    JOIN stocks s ON s.code = r.stock_code
    LEFT JOIN report_scores c ON c.report_id = r.id AND c.engine_version = :engine_version
    WHERE r.id > :after AND (c.state IS NULL OR c.state IN ('pending', 'partial'))
    ORDER BY r.id LIMIT :limit
    """
)
_PRICES = text(
    """
    SELECT stock_code, trade_date, high_krw, low_krw, regular_close_krw, adjust_factor FROM daily_bars
    WHERE stock_code = ANY (CAST(:codes AS text[])) AND trade_date BETWEEN :first AND :last AND is_final
      AND NOT flags && CAST(:missing AS text[])
    ORDER BY stock_code, trade_date
    """
)
