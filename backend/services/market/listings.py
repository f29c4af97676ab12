"""The exchange's list of stocks: what a morning's files say replaces it, and every change becomes an event.

Only a file that master_files believes comes here. A stock is delisted when it is in none of a whole set of files.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import exists, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.tables.stocks import ListingEventRow, ListingRow, Stock
from backend.db.upsert import upsert
from backend.domain.market import (
    Listing,
    ListingEvent,
    LockClass,
    Market,
    NameKind,
    ParChange,
    StockKind,
    StockStatus,
)
from backend.services.market import stock_names
from backend.services.market.listing_changes import Change, TickSize, list_changes
from backend.services.market.master_files import Morning
from backend.services.market.reference_days import store_days

SOURCE: Final = "kis_master"
_COLUMNS: Final = (
    "name", "market", "listed_on", "kind", "isin", "group_code", "industry", "conglomerate", "shares", "par_value_krw",
)  # fmt: skip
# With the flags of the last morning before; a stock without one (from an older version of azak) has none to compare.
_BEFORE: Final = text("""
    SELECT l.code, l.name, l.market, l.listed_on, l.kind, l.isin, l.group_code, l.industry, l.conglomerate, l.shares,
           l.par_value_krw, l.delisted_on, d.is_halted, d.is_liquidation, d.is_managed, d.lock_class, d.par_change
    FROM listings l
    LEFT JOIN LATERAL (
        SELECT * FROM reference_days r WHERE r.stock_code = l.code AND r.trade_date < :day
        ORDER BY r.trade_date DESC LIMIT 1
    ) d ON true
""")
# Events that compare with the morning before.
_OF_A_DAY: Final = frozenset({
    ListingEvent.HALTED, ListingEvent.RESUMED, ListingEvent.LIQUIDATION, ListingEvent.MANAGED, ListingEvent.RELEASED,
    ListingEvent.EX,
})  # fmt: skip
_CLOSES: Final = text("""
    SELECT stock_code, regular_close_krw FROM daily_bars_as_of(:moment, :moment)
    WHERE trade_date = :day AND basis = 'raw'
""")


@dataclass(frozen=True, slots=True)
class Known:
    """A listing as it was before a file. `has_day`: the flags are known, too."""

    listing: Listing
    is_delisted: bool
    has_day: bool


async def has_listings(session: AsyncSession) -> bool:
    return bool(await session.scalar(select(exists().select_from(ListingRow))))


async def take_listings(
    session: AsyncSession,
    found: Sequence[Listing],
    morning: Morning,
    recorded_at: datetime,
    *,
    tick_size: TickSize,
    is_whole: bool,
    first_files: Collection[Market] = (),
) -> int:
    """Take what a morning's good files say; returns the rows written.

    `is_whole`: the files of all markets were good, so a stock that is missing is delisted. `first_files`: markets of
    which azak had no file before, so that nothing in them counts as newly listed.
    """
    before = await _list_before(session, morning)
    given = {"moment": recorded_at, "day": morning.previous}
    closes: dict[str, float] = {row[0]: row[1] for row in await session.execute(_CLOSES, given)}
    changes: list[Change] = []
    for listing in found:
        old = before.get(listing.code)
        close = closes.get(listing.code) if morning.has_prices else None
        if old is None or old.is_delisted:
            is_new = old is not None or listing.market not in first_files
            changes += list_changes(None, listing, close, tick_size) if is_new else []
        else:
            found_changes = list_changes(old.listing, listing, close, tick_size)
            changes += [change for change in found_changes if old.has_day or change.kind not in _OF_A_DAY]
    gone = [known.listing for known in before.values() if not known.is_delisted] if is_whole else []
    codes = {listing.code for listing in found}
    gone = [listing for listing in gone if listing.code not in codes]
    changes += [Change(listing.code, ListingEvent.DELISTED, old=listing.name) for listing in gone]
    stamps = {"known_at": morning.known_at, "recorded_at": recorded_at}
    rows = [_row(listing) | {"delisted_on": None} | stamps for listing in found]
    rows += [_row(listing) | {"delisted_on": morning.trade_date} | stamps for listing in gone]
    told = [*_COLUMNS, "delisted_on"]
    written = len(await upsert(session, ListingRow, rows, key=["code"], update=told, also=[*stamps]))
    written += await store_days(session, found, morning, recorded_at)
    written += await _record(session, changes, morning, recorded_at)
    return written + await _update_watched(session, found, gone, morning, recorded_at)


async def _list_before(session: AsyncSession, morning: Morning) -> dict[str, Known]:
    rows = await session.execute(_BEFORE, {"day": morning.trade_date})
    return {row.code: _known(row._asdict()) for row in rows}


def _known(row: dict[str, Any]) -> Known:
    delisted_on, is_halted = row.pop("delisted_on"), row.pop("is_halted")
    listing = Listing(
        **row | {"market": Market(row["market"]), "kind": StockKind(row["kind"])}
        | {"lock_class": LockClass(row["lock_class"] or "none"), "par_change": ParChange(row["par_change"] or "none")}
        | {name: bool(row[name]) for name in ("is_liquidation", "is_managed")},
        is_halted=bool(is_halted),
    )  # fmt: skip
    return Known(listing, delisted_on is not None, is_halted is not None)


def _row(listing: Listing) -> dict[str, Any]:
    return {"code": listing.code, **{name: getattr(listing, name) for name in _COLUMNS}}


async def _record(session: AsyncSession, changes: Sequence[Change], morning: Morning, recorded_at: datetime) -> int:
    """Keep the events, and of each rename the earlier name. An event is recorded once."""
    stamps = {"known_at": morning.known_at, "recorded_at": recorded_at}
    rows = [
        {"stock_code": change.stock_code, "trade_date": morning.trade_date, "kind": change.kind, "old": change.old,
         "new": change.new, "source": SOURCE, **stamps}
        for change in changes
    ]  # fmt: skip
    written = await upsert(session, ListingEventRow, rows, key=["stock_code", "trade_date", "kind"])
    earlier = [
        (change.stock_code, NameKind.EARLIER, change.old)
        for change in changes
        if change.kind is ListingEvent.RENAMED and change.old is not None
    ]
    return len(written) + await stock_names.add_names(session, earlier, source=SOURCE, **stamps)


async def _update_watched(
    session: AsyncSession,
    found: Sequence[Listing],
    gone: Sequence[Listing],
    morning: Morning,
    recorded_at: datetime,
) -> int:
    """Set what the exchange says of the watched stocks. Returns the number of changed ones."""
    by_code = {listing.code: listing for listing in found}
    delisted = {listing.code for listing in gone}
    changed = 0
    for code in (await session.scalars(select(Stock.code))).all():
        listing = by_code.get(code)
        if listing is not None:
            old = await stock_names.rename_stock(session, code, listing.name, listed_on=listing.listed_on)
            if old is not None:
                renamed = Change(code, ListingEvent.RENAMED, old, listing.name)
                changed += await _record(session, [renamed], morning, recorded_at)
            values: dict[str, object] = {
                "status": listing.status, "market": listing.market, "kind": listing.kind,
            }  # fmt: skip
            values |= {"listed_on": listing.listed_on} if listing.listed_on else {}
            changed += await _set(session, code, values)
        elif code in delisted:
            changed += await _set(session, code, {"status": StockStatus.DELISTED})
    return changed


async def _set(session: AsyncSession, code: str, values: dict[str, object]) -> int:
    differs = or_(*(getattr(Stock, name).is_distinct_from(value) for name, value in values.items()))
    written = update(Stock).where(Stock.code == code, differs).values(values).returning(Stock.code)
    return len((await session.execute(written)).all())
