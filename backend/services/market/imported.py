"""What imported files meet in the database: the stocks azak knows, the bars it has, the list of the exchange."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from sqlalchemy import func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.tables.bars import DailyBarRow, IndexBarRow
from backend.db.tables.news import News
from backend.db.tables.stocks import ListingRow, Stock
from backend.db.upsert import upsert
from backend.domain.market import FILE_SOURCE, StockKind, StockState, WatchedStock

_IS_OF_FILE = DailyBarRow.source == FILE_SOURCE


class StoredBar(NamedTuple):
    """A stored bar as far as a file can tell it. `is_of_file`: a file told it, no live source."""

    open: float | None
    high: float | None
    low: float | None
    close: float
    volume: int
    is_of_file: bool


class StoredSpan(NamedTuple):
    """First and last day of a series that files told, and its kinds of prices (raw, adjusted)."""

    first: date
    last: date
    bases: frozenset[str]


@dataclass(frozen=True, slots=True)
class KnownStock:
    """A code that azak knows. `is_stock`: bars can be stored of it; else it is only in the list of the exchange.

    `kind`: a StockKind.
    """

    code: str
    name: str
    market: str
    is_stock: bool
    kind: str = StockKind.SHARE


async def list_known(session: AsyncSession) -> dict[str, KnownStock]:
    """Every stock in any state, and what is listed besides."""
    listed = select(ListingRow.code, ListingRow.name, ListingRow.market, ListingRow.kind)
    known = {row.code: KnownStock(*row[:3], False, row.kind) for row in await session.execute(listed)}
    stocks = select(Stock.code, Stock.name, Stock.market, Stock.kind)
    return known | {row.code: KnownStock(*row[:3], True, row.kind) for row in await session.execute(stocks)}


async def list_linkable(session: AsyncSession) -> list[WatchedStock]:
    """The stocks that imported news can be about: all but archived ones, because the history of paused ones counts."""
    query = select(Stock.code, Stock.name, Stock.market, Stock.aliases).where(Stock.state != StockState.ARCHIVED)
    rows = await session.execute(query.order_by(Stock.priority, Stock.code))
    return [WatchedStock(row.code, row.name, row.market, tuple(row.aliases)) for row in rows]


async def add_paused(session: AsyncSession, stocks: Sequence[KnownStock]) -> int:
    """Add stocks that only their history is kept of, so that no import starts to watch them. Returns the new ones."""
    rows = [
        {"code": one.code, "name": one.name, "market": one.market, "kind": one.kind, "state": StockState.PAUSED.value}
        for one in stocks
    ]
    return len(await upsert(session, Stock, rows, key=["code"]))


async def add_listings(session: AsyncSession, found: Sequence[KnownStock], days: Mapping[str, date | None]) -> int:
    """Add stocks to the list of the exchange; what its own files said stays. Returns the new ones."""
    rows = [
        {
            "code": one.code,
            "name": one.name,
            "market": one.market,
            "kind": one.kind,
            "listed_on": days.get(one.code),
        }
        for one in found
    ]
    return len(await upsert(session, ListingRow, rows, key=["code"]))


async def name_stocks(session: AsyncSession, names: Mapping[str, str]) -> int:
    """Name the stocks that came with prices alone and so bear their code as a name. Returns how many."""
    query = select(Stock.code).where(Stock.code.in_(names), Stock.name == Stock.code)
    nameless = [code for code in await session.scalars(query) if names[code] != code]
    for code in nameless:
        await session.execute(update(Stock).where(Stock.code == code).values(name=names[code]))
    return len(nameless)


async def list_listed(session: AsyncSession) -> frozenset[str]:
    """The codes in the list of the exchange."""
    return frozenset(await session.scalars(select(ListingRow.code)))


async def list_url_keys(session: AsyncSession, keys: Collection[str]) -> frozenset[str]:
    """Those of `keys` whose article is stored."""
    return frozenset(await session.scalars(select(News.url_key).where(News.url_key.in_(keys))))


async def list_bars(
    session: AsyncSession, codes: Collection[str], first: date, last: date
) -> dict[str, dict[date, StoredBar]]:
    """The bars of these stocks within the two dates."""
    prices = (DailyBarRow.open_krw, DailyBarRow.high_krw, DailyBarRow.low_krw, DailyBarRow.regular_close_krw)
    query = select(DailyBarRow.stock_code, DailyBarRow.trade_date, *prices, DailyBarRow.volume, _IS_OF_FILE)
    query = query.where(DailyBarRow.stock_code.in_(codes), DailyBarRow.trade_date.between(first, last))
    found: dict[str, dict[date, StoredBar]] = {}
    for row in await session.execute(query):
        found.setdefault(row[0], {})[row[1]] = StoredBar(*row[2:])
    return found


async def list_spans(session: AsyncSession, codes: Collection[str]) -> dict[str, StoredSpan]:
    """What files told of these stocks so far."""
    query = select(
        DailyBarRow.stock_code,
        func.min(DailyBarRow.trade_date),
        func.max(DailyBarRow.trade_date),
        func.array_agg(DailyBarRow.basis.distinct()),
    ).where(DailyBarRow.stock_code.in_(codes), _IS_OF_FILE)
    rows = await session.execute(query.group_by(DailyBarRow.stock_code))
    return {row[0]: StoredSpan(row[1], row[2], frozenset(row[3])) for row in rows}


async def list_index_closes(session: AsyncSession, code: str) -> dict[date, StoredBar]:
    """The closes of an index, as bars without other prices."""
    query = select(IndexBarRow.trade_date, IndexBarRow.close, IndexBarRow.source == FILE_SOURCE)
    rows = await session.execute(query.where(IndexBarRow.index_code == code))
    return {row[0]: StoredBar(None, None, None, row[1], 0, row[2]) for row in rows}


async def refresh_statistics(session: AsyncSession) -> None:
    """Let PostgreSQL count the bars now: after many new ones its plans are 20 times slower until it does by itself."""
    await session.execute(text("ANALYZE daily_bars, index_bars"))
