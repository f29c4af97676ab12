"""Watched stocks as people see them."""

from collections.abc import Sequence

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.tables.bars import DailyBarRow, QuoteRow
from backend.db.tables.stocks import Stock
from backend.errors import NotFoundError
from backend.services.conflicts import named_conflicts
from backend.services.paging import AnyRow, AnySelect, Keyset, Page, cut, fetch_newest

_COLUMNS = (
    Stock.code,
    Stock.name,
    Stock.market,
    Stock.aliases,
    Stock.priority,
    Stock.is_active,
    Stock.status,
    Stock.listed_on,
    Stock.created_at,
    QuoteRow.last_price_krw,
    QuoteRow.previous_close_krw,
    QuoteRow.ts.label("price_at"),
)


def _stocks() -> AnySelect:
    return select(*_COLUMNS).outerjoin(QuoteRow, QuoteRow.stock_code == Stock.code)


async def list_stocks(session: AsyncSession, keyset: Keyset) -> Page:
    """All stocks by code, each with its last price (None before the first quote)."""
    query = _stocks().order_by(Stock.code).limit(keyset.limit + 1)
    if keyset.after is not None:
        query = query.where(Stock.code > keyset.after[0])
    return cut((await session.execute(query)).all(), keyset, lambda row: (row.code,))


async def get_stock(session: AsyncSession, code: str) -> AnyRow:
    """One stock. Raises NotFoundError."""
    row = (await session.execute(_stocks().where(Stock.code == code))).one_or_none()
    if row is None:
        raise _unknown(code)
    return row


async def require_stock(session: AsyncSession, code: str) -> None:
    """Raise NotFoundError unless `code` is watched."""
    if await session.scalar(select(Stock.code).where(Stock.code == code)) is None:
        raise _unknown(code)


def _unknown(code: str) -> NotFoundError:
    return NotFoundError(f"The stock {code} is not watched; add it with POST /api/stocks.")


async def add_stock(
    session: AsyncSession, *, code: str, name: str, market: str, aliases: Sequence[str], priority: int
) -> None:
    """Watch one more stock. Raises ConflictError if it is watched already."""
    values = {"code": code, "name": name, "market": market, "aliases": list(aliases), "priority": priority}
    with named_conflicts():
        await session.execute(insert(Stock).values(values))


async def list_bars(session: AsyncSession, code: str, keyset: Keyset) -> Page:
    """Daily bars of a stock, newest first. Raises NotFoundError."""
    columns = (
        DailyBarRow.trade_date,
        DailyBarRow.open_krw,
        DailyBarRow.high_krw,
        DailyBarRow.low_krw,
        DailyBarRow.regular_close_krw,
        DailyBarRow.volume,
        DailyBarRow.adjust_factor,
        DailyBarRow.source,
        DailyBarRow.is_final,
    )
    query = select(*columns).where(DailyBarRow.stock_code == code)
    page = await fetch_newest(session, query, keyset, by=[DailyBarRow.trade_date], key=lambda row: (row.trade_date,))
    if not page.items:
        await require_stock(session, code)
    return page
