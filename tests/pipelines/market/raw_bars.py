"""Raw bars of one stock in a database."""

from collections.abc import Sequence
from datetime import date

from backend import clock
from backend.db.session import Database
from backend.domain.market import DailyBar
from backend.krx import Calendar
from backend.services.market import bars


async def store_raw(
    database: Database, calendar: Calendar, days: list[date], closes: list[int], bases: Sequence[int | None]
) -> None:
    """Raw bars of Samsung as KIS told them, with the base price of each session where it did."""
    rows = [
        DailyBar("005930", day, close, close + 10, close - 10, close, 500 + n, "kis", base_price_krw=base)
        for n, (day, close, base) in enumerate(zip(days, closes, bases, strict=True))
    ]
    async with database.write() as session:
        await bars.upsert_daily_bars(
            session,
            rows,
            closes={day: calendar.day(day).closes_at for day in days},
            final_through=days[-1],
            recorded_at=clock.now(),
        )
