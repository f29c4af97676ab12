"""Special days of the exchange, set by people: ad-hoc closures and unusual hours.

Regular hours and statutory holidays are in backend.krx; days announced at short notice are rows here.
"""

from collections.abc import Sequence
from datetime import date, time

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.tables.calendar import CalendarDay
from backend.domain.market import SpecialDay
from backend.errors import NotFoundError


async def list_special_days(
    session: AsyncSession, *, since: date | None = None, until: date | None = None
) -> list[SpecialDay]:
    """All special days from `since` to `until`, oldest first."""
    columns = (CalendarDay.trade_date, CalendarDay.opens_at, CalendarDay.closes_at, CalendarDay.reason)
    query = select(*columns).order_by(CalendarDay.trade_date)
    if since is not None:
        query = query.where(CalendarDay.trade_date >= since)
    if until is not None:
        query = query.where(CalendarDay.trade_date <= until)
    return [SpecialDay(*row) for row in await session.execute(query)]


async def put_special_day(
    session: AsyncSession, trade_date: date, hours: tuple[time, time] | None, reason: str
) -> SpecialDay:
    """Set a day as closed (`hours` None) or as trading within `hours` (Asia/Seoul)."""
    opens_at, closes_at = hours or (None, None)
    values = {"opens_at": opens_at, "closes_at": closes_at, "reason": reason}
    statement = insert(CalendarDay).values(trade_date=trade_date, **values)
    await session.execute(statement.on_conflict_do_update(index_elements=["trade_date"], set_=values))
    return SpecialDay(trade_date, opens_at, closes_at, reason)


async def delete_special_day(session: AsyncSession, trade_date: date) -> None:
    """Delete a special day, so that the regular rules apply. Raises NotFoundError."""
    removed: Sequence[date] = (
        await session.scalars(
            delete(CalendarDay).where(CalendarDay.trade_date == trade_date).returning(CalendarDay.trade_date)
        )
    ).all()
    if not removed:
        raise NotFoundError(f"{trade_date} is no special day; see GET /api/calendar for those that are.")
