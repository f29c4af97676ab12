"""Days on which the exchange does not keep its usual hours: elections, temporary holidays, unusual hours.

Rules and the holidays of the law live in backend.krx; what is announced in between is a row here, made by a person.
"""

from collections.abc import Sequence
from datetime import date, time

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.tables.calendar import CalendarDay
from backend.domain.market import SpecialDay
from backend.errors import NotFoundError


async def list_special_days(session: AsyncSession, *, since: date | None = None) -> list[SpecialDay]:
    """All special days from `since` on, oldest first."""
    columns = (CalendarDay.trade_date, CalendarDay.opens_at, CalendarDay.closes_at, CalendarDay.reason)
    query = select(*columns).order_by(CalendarDay.trade_date)
    if since is not None:
        query = query.where(CalendarDay.trade_date >= since)
    return [SpecialDay(*row) for row in await session.execute(query)]


async def put_special_day(
    session: AsyncSession, trade_date: date, hours: tuple[time, time] | None, reason: str
) -> SpecialDay:
    """Say that the exchange is closed on a day (no hours) or trades within `hours` (Asia/Seoul)."""
    opens_at, closes_at = hours or (None, None)
    values = {"opens_at": opens_at, "closes_at": closes_at, "reason": reason}
    statement = insert(CalendarDay).values(trade_date=trade_date, **values)
    await session.execute(statement.on_conflict_do_update(index_elements=["trade_date"], set_=values))
    return SpecialDay(trade_date, opens_at, closes_at, reason)


async def delete_special_day(session: AsyncSession, trade_date: date) -> None:
    """The usual rules hold again. Raises NotFoundError."""
    removed: Sequence[date] = (
        await session.scalars(
            delete(CalendarDay).where(CalendarDay.trade_date == trade_date).returning(CalendarDay.trade_date)
        )
    ).all()
    if not removed:
        raise NotFoundError(f"{trade_date} is no special day; see GET /api/calendar for those that are.")
