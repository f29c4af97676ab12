"""Other names of stocks (earlier ones, the company's with DART), and renames that nobody has looked at yet.

Names are kept of every listed stock, not of the watched ones alone: a headline that names another company must not link
a watched one. A rename is told in /api/health until `azak stocks seen CODE`, because the owner of a stock may search
for it by the old name, and a code that was given to another company looks like a rename.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Final

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.tables.stocks import ListingEventRow, ListingRow, Stock, StockName
from backend.db.upsert import upsert
from backend.domain.market import Company, ListedStock, ListingEvent, NameKind, StockKind, StockState, fold_name
from backend.domain.operations import Reason
from backend.trouble import LISTING_ODD

LONGEST_NAME: Final = 200
SHORTEST_OTHER_NAME: Final = 3


async def add_names(
    session: AsyncSession,
    names: Iterable[tuple[str, NameKind, str]],
    *,
    source: str,
    known_at: datetime,
    recorded_at: datetime,
) -> int:
    """Keep (code, kind, name); one that is known stays as it was recorded first. Returns the rows written."""
    rows = [
        {"stock_code": code, "kind": kind, "name": name, "source": source, "known_at": known_at,
         "recorded_at": recorded_at}
        for code, kind, name in names
        if name and len(name) <= LONGEST_NAME and name.isprintable()
    ]  # fmt: skip
    return len(await upsert(session, StockName, rows, key=["stock_code", "kind", "name"]))


async def update_companies(session: AsyncSession, found: Sequence[Company], recorded_at: datetime) -> int:
    """Set DART's number of the watched stocks and keep the names of all. Returns the rows written."""
    by_code = {company.stock_code: company for company in found}
    watched = await session.execute(select(Stock.code, Stock.dart_corp_code).where(Stock.code.in_(by_code)))
    written = 0
    for code, number in watched.all():
        told = by_code[code].dart_corp_code
        if number != told:
            await session.execute(update(Stock).where(Stock.code == code).values(dart_corp_code=told))
            written += 1
    names = [(company.stock_code, NameKind.LEGAL, company.name) for company in found]
    names += [(company.stock_code, NameKind.ENGLISH, company.english_name) for company in found]
    return written + await add_names(session, names, source="dart", known_at=recorded_at, recorded_at=recorded_at)


async def list_other_names(session: AsyncSession, codes: Sequence[str]) -> dict[str, list[str]]:
    """Other names by code, the oldest known first; without those too short to name a company in a headline."""
    query = select(StockName.stock_code, StockName.name).where(
        StockName.stock_code.in_(codes), func.length(StockName.name) >= SHORTEST_OTHER_NAME
    )
    found: dict[str, list[str]] = {}
    for code, name in await session.execute(query.order_by(StockName.recorded_at, StockName.kind, StockName.name)):
        found.setdefault(code, []).append(name)
    return found


async def list_listed(session: AsyncSession) -> list[ListedStock]:
    """Every stock and fund on the exchange's list, with its other names; preferred shares go by their common one's."""
    others: dict[str, list[str]] = {}
    named = select(StockName.stock_code, StockName.name).where(func.length(StockName.name) >= SHORTEST_OTHER_NAME)
    for code, name in await session.execute(named):
        others.setdefault(code, []).append(name)
    listed = select(ListingRow.code, ListingRow.name).where(
        ListingRow.delisted_on.is_(None), ListingRow.kind != StockKind.PREFERRED
    )
    rows = await session.execute(listed.order_by(ListingRow.code))
    return [ListedStock(row.code, row.name, tuple(others.get(row.code, ()))) for row in rows]


async def rename_stock(session: AsyncSession, code: str, name: str, *, listed_on: date | None = None) -> str | None:
    """Give a watched stock its new name; returns the old one if that was another.

    The old name becomes an alias, unless the code now belongs to a stock that was listed on another day: news of the
    old company are not about it.
    """
    stock = await session.get(Stock, code)
    if stock is None or stock.name == name:
        return None
    old, stock.name = stock.name, name
    is_same = None in (listed_on, stock.listed_on) or listed_on == stock.listed_on
    folded = {fold_name(name), fold_name(old)}
    kept = [alias for alias in stock.aliases if fold_name(alias) not in folded]
    is_renamed = fold_name(old) != fold_name(name)
    stock.aliases = [*kept, old] if is_renamed and is_same else kept if is_same else []
    await session.flush()
    return old if is_renamed else None


async def list_renames(session: AsyncSession) -> list[Reason]:
    """A reason to look for each rename of a watched stock that nobody has looked at."""
    query = (
        select(ListingEventRow)
        .join(Stock, Stock.code == ListingEventRow.stock_code)
        .where(
            ListingEventRow.kind == ListingEvent.RENAMED,
            ListingEventRow.seen_at.is_(None),
            Stock.state != StockState.ARCHIVED,
        )
        .order_by(ListingEventRow.trade_date, ListingEventRow.stock_code)
    )
    return [_rename(event) for event in (await session.scalars(query)).all()]


def _rename(event: ListingEventRow) -> Reason:
    sentence = (
        f"The exchange calls {event.stock_code} {event.new} since {event.trade_date}, before that {event.old}; if it is"
        f" the same company, confirm it with 'azak stocks seen {event.stock_code}'."
    )
    values = {
        "code": event.stock_code, "new": str(event.new), "old": str(event.old),
        "day": event.trade_date.isoformat(), "why": "renamed",
    }  # fmt: skip
    return Reason(LISTING_ODD.code, sentence, sentence, values)


async def mark_seen(session: AsyncSession, code: str, moment: datetime) -> int:
    """Note that a person has looked at the renames of a stock. Returns how many that were."""
    unseen = update(ListingEventRow).where(ListingEventRow.stock_code == code, ListingEventRow.seen_at.is_(None))
    return len((await session.execute(unseen.values(seen_at=moment).returning(ListingEventRow.kind))).all())
