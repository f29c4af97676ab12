"""Reference data of the watched stocks: status, market and listing day from the exchange, corp code from DART."""

from collections.abc import Sequence

from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.tables.stocks import Stock
from backend.domain.market import Company, Listing, StockStatus


async def update_listings(session: AsyncSession, found: Sequence[Listing]) -> int:
    """Set status, market and listing day of watched stocks; those missing in `found` become delisted.

    Returns the number of changed stocks. Codes are reused: one that is listed again gets its new status.
    """
    by_code = {listing.code: listing for listing in found}
    changed = 0
    for code in (await session.scalars(select(Stock.code))).all():
        listing = by_code.get(code)
        if listing is None:
            values: dict[str, object] = {"status": StockStatus.DELISTED}
        else:
            values = {"status": listing.status, "market": listing.market}
            values |= {"listed_on": listing.listed_on} if listing.listed_on else {}
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
