"""The exchange's list of stocks, and what it says of the watched ones: status, market, listing day, DART's number."""

from collections.abc import Sequence

from sqlalchemy import delete, exists, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.tables.stocks import ListingRow, Stock
from backend.db.upsert import upsert
from backend.domain.market import Company, Listing, Market, StockStatus


async def store_listings(session: AsyncSession, found: Sequence[Listing]) -> int:
    """Replace the list of stocks by `found`. Returns the number of rows that are new, changed or gone."""
    columns = ("name", "market", "status", "listed_on")
    rows = [{name: getattr(listing, name) for name in ("code", *columns)} for listing in found]
    written = await upsert(session, ListingRow, rows, key=["code"], update=columns)
    is_gone = ListingRow.code.not_in([listing.code for listing in found])
    gone = (await session.execute(delete(ListingRow).where(is_gone).returning(ListingRow.code))).all()
    return len(written) + len(gone)


async def has_listings(session: AsyncSession) -> bool:
    return bool(await session.scalar(select(exists().select_from(ListingRow))))


async def update_listings(session: AsyncSession, found: Sequence[Listing]) -> int:
    """Set status, market and listing day of watched stocks; those missing in `found` become delisted.

    A missing one of KONEX stays as it is, because no master file lists KONEX. Returns the number of changed stocks.
    Codes are reused: one that is listed again gets its new status.
    """
    by_code = {listing.code: listing for listing in found}
    changed = 0
    for code, market in (await session.execute(select(Stock.code, Stock.market))).all():
        listing = by_code.get(code)
        if listing is not None:
            values: dict[str, object] = {"status": listing.status, "market": listing.market}
            values |= {"listed_on": listing.listed_on} if listing.listed_on else {}
        elif market == Market.KONEX:
            continue
        else:
            values = {"status": StockStatus.DELISTED}
        changed += await _set(session, code, values)
    return changed


async def update_companies(session: AsyncSession, found: Sequence[Company]) -> int:
    """Set DART's corp code of the watched stocks. Returns the number of changed stocks."""
    by_code = {company.stock_code: company.dart_corp_code for company in found}
    codes = (await session.scalars(select(Stock.code).where(Stock.code.in_(by_code)))).all()
    return sum([await _set(session, code, {"dart_corp_code": by_code[code]}) for code in codes])


async def _set(session: AsyncSession, code: str, values: dict[str, object]) -> int:
    differs = or_(*(getattr(Stock, name).is_distinct_from(value) for name, value in values.items()))
    written = update(Stock).where(Stock.code == code, differs).values(values).returning(Stock.code)
    return len((await session.execute(written)).all())
