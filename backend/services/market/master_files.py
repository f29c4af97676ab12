"""Which master files are believed: the last good one of each market, and why a later one is refused.

A refused file changes nothing, so a download that was cut, or an old one, delists no stock.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.tables.stocks import ListingRow, MasterFileRow
from backend.db.upsert import upsert
from backend.domain.market import Market
from backend.domain.operations import Reason
from backend.trouble import LISTING_ODD

SHRINK_LIMIT: Final = 0.05
KEPT_DIGESTS: Final = 20


@dataclass(frozen=True, slots=True)
class Morning:
    """The session that a file is of. `known_at`: when the world could have the file. `previous`: the session before.

    `has_prices` False: fetched after the close, when the base prices may be those of the next session already.
    """

    trade_date: date
    known_at: datetime
    previous: date
    previous_closed_at: datetime
    has_prices: bool


@dataclass(frozen=True, slots=True)
class LastFile:
    """What is known of a market: of which session its last good file is (None: none yet), and how many stocks it lists.

    `digests`: of its good files of earlier sessions, and of this one once it is known to be of it.
    """

    trade_date: date | None = None
    digests: tuple[str, ...] = ()
    stocks: int = 0


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file as it came. `told_at`: when its sender last changed it, if it says so."""

    market: Market
    digest: str
    stocks: int
    told_at: datetime | None = None


async def list_last_files(session: AsyncSession) -> Mapping[Market, LastFile]:
    counted = select(ListingRow.market, func.count()).where(ListingRow.delisted_on.is_(None))
    rows = await session.execute(counted.group_by(ListingRow.market))
    stocks: dict[str, int] = {row[0]: row[1] for row in rows}
    found = {row.market: row for row in (await session.scalars(select(MasterFileRow))).all()}
    return {
        market: LastFile(
            found[market].trade_date if market in found else None,
            tuple(found[market].digests) if market in found else (),
            stocks.get(market, 0),
        )
        for market in Market
    }


def refuse(file: NewFile, last: LastFile, morning: Morning, *, accept_smaller: bool = False) -> str | None:
    """Why a file is not believed, one sentence; None if it is."""
    name = f"kis_master's {file.market} file"
    is_read_again = last.trade_date == morning.trade_date
    if file.digest in (last.digests[1:] if is_read_again else last.digests):
        return f"{name} is that of an earlier session again; it is asked again at the next run."
    if file.told_at is not None and file.told_at < morning.previous_closed_at:
        return (
            f"{name} was made on {file.told_at.date()}, before the close of {morning.previous}; it is asked again at"
            " the next run."
        )
    if file.stocks < (1 - SHRINK_LIMIT) * last.stocks and not accept_smaller:
        return (
            f"{name} has {file.stocks} stocks where the last good one had {last.stocks}, so nothing is taken from it;"
            " if that many are gone, run refresh_stocks with accept_smaller."
        )
    return None


async def record_file(
    session: AsyncSession, file: NewFile, last: LastFile, morning: Morning, recorded_at: datetime
) -> None:
    """Keep the file as the last good one of its market; one from after the close may be the next session's."""
    known = (file.digest, *last.digests) if morning.has_prices else last.digests
    await _store(
        session, market=file.market, trade_date=morning.trade_date, recorded_at=recorded_at,
        digests=list(dict.fromkeys(known))[:KEPT_DIGESTS], refused_at=None, refusal=None,
    )  # fmt: skip


async def record_refusal(session: AsyncSession, market: Market, refusal: str, moment: datetime) -> None:
    """Keep why the market's newest file was not taken; the last good one stays."""
    await _store(session, market=market, refused_at=moment, refusal=refusal)


async def _store(session: AsyncSession, **row: Any) -> None:
    moments = ("recorded_at", "refused_at")
    update = [name for name in row if name not in ("market", *moments)]
    await upsert(session, MasterFileRow, [row], key=["market"], update=update, also=[n for n in moments if n in row])


async def list_refusals(session: AsyncSession) -> list[Reason]:
    """Of each market whose newest file was refused: why, and of which session the last good file is.

    Its value `why`: `refused`, or `refused_first` where no good file came before.
    """
    query = select(MasterFileRow).where(MasterFileRow.refusal.is_not(None)).order_by(MasterFileRow.market)
    return [_refusal(row) for row in (await session.scalars(query)).all()]


def _refusal(row: MasterFileRow) -> Reason:
    sentence, values = str(row.refusal), {"market": row.market, "why": "refused_first"}
    if row.trade_date is not None:
        sentence += f" The last good one is of {row.trade_date}."
        values |= {"why": "refused", "day": row.trade_date.isoformat()}
    return Reason(LISTING_ODD.code, sentence, sentence, values)
