"""What foreigners, institutions and people bought of each stock, as stored."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import RowMapping, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.tables.world import InvestorFlowRow
from backend.db.upsert import upsert
from backend.domain.outside.flows import InvestorFlow

_KEY: Final = ("stock_code", "trade_date", "source")
_TOLD: Final = (
    "foreign_shares", "institution_shares", "individual_shares", "foreign_krw", "institution_krw", "individual_krw",
)  # fmt: skip
MOST_LISTED: Final = 250


async def upsert_flows(
    session: AsyncSession,
    flows: Sequence[InvestorFlow],
    *,
    known_at: Callable[[InvestorFlow], datetime],
    recorded_at: datetime,
) -> int:
    """Store what is known by `recorded_at`, and keep what was stored before. Returns the rows written."""
    names = (*_KEY, *_TOLD)
    rows = [
        {name: getattr(flow, name) for name in names} | {"known_at": known_at(flow), "recorded_at": recorded_at}
        for flow in flows
    ]
    known = [row for row in rows if row["known_at"] <= recorded_at]
    return len(await upsert(session, InvestorFlowRow, known, key=_KEY, update=_TOLD, also=["recorded_at"]))


async def list_flows(session: AsyncSession, stock_code: str) -> Sequence[RowMapping]:
    """The last 250 sessions of a stock, newest first."""
    query = select(*InvestorFlowRow.__table__.columns).where(InvestorFlowRow.stock_code == stock_code)
    rows = await session.execute(query.order_by(InvestorFlowRow.trade_date.desc()).limit(MOST_LISTED))
    return rows.mappings().all()
