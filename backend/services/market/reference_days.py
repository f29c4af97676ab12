"""What the exchange said of each stock on the morning of a session: base price, classes of the day, halts."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.tables.stocks import ReferenceDay
from backend.db.upsert import upsert
from backend.domain.knowledge import Knowledge
from backend.domain.market import BasePrice, CapitalIncrease, Listing, LockClass, ParChange
from backend.services.market.master_files import Morning

_FLAGS: Final = ("is_halted", "is_liquidation", "is_managed")
_CLASSES: Final = ("lock_class", "par_change", "capital_increase")
_VALUES: Final = ("base_price_krw", *_CLASSES, *_FLAGS)
_AS_OF: Final = text("""
    SELECT stock_code, trade_date, base_price_krw, lock_class, par_change, capital_increase, is_halted, is_liquidation,
           is_managed
    FROM reference_days_as_of(:known_by, :recorded_by)
    WHERE stock_code = ANY (:codes) AND trade_date BETWEEN :first AND :last
    ORDER BY stock_code, trade_date
""")


async def store_days(
    session: AsyncSession, listings: Sequence[Listing], morning: Morning, recorded_at: datetime
) -> int:
    """Store the morning's row of each stock; a row that says the same is not touched. Returns the rows written."""
    stamps = {"trade_date": morning.trade_date, "known_at": morning.known_at, "recorded_at": recorded_at}
    rows = [{"stock_code": listing.code, **_values(listing, morning), **stamps} for listing in listings]
    key, also = ["stock_code", "trade_date"], ["known_at", "recorded_at"]
    return len(await upsert(session, ReferenceDay, rows, key=key, update=_VALUES, also=also))


def _values(listing: Listing, morning: Morning) -> dict[str, Any]:
    classes = {name: getattr(listing, name) for name in _CLASSES}
    return {
        "base_price_krw": listing.base_price_krw if morning.has_prices else None,
        **{name: None if value == "none" else str(value) for name, value in classes.items()},
        **{name: getattr(listing, name) for name in _FLAGS},
    }


async def list_base_prices(
    session: AsyncSession, codes: Collection[str], first: date, last: date, knowledge: Knowledge
) -> list[BasePrice]:
    """What was known of each stock's sessions within the two dates, by stock and session.

    The base price over the raw close of the session before is the day's adjustment factor, whatever the action; there
    is none in liquidation trading, nor where `base_price_krw` is None (the exchange gave 0, or the file came late).
    """
    given = {"codes": sorted(codes), "first": first, "last": last, **knowledge.bound()}
    return [
        BasePrice(
            stock_code=row.stock_code,
            trade_date=row.trade_date,
            base_price_krw=row.base_price_krw,
            lock_class=LockClass(row.lock_class or "none"),
            par_change=ParChange(row.par_change or "none"),
            capital_increase=CapitalIncrease(row.capital_increase or "none"),
            is_halted=row.is_halted,
            is_liquidation=row.is_liquidation,
            is_managed=row.is_managed,
        )
        for row in await session.execute(_AS_OF, given)
    ]
