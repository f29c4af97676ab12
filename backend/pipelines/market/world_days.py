"""What the world's markets did while the exchange was closed, read every session morning."""

from datetime import datetime, timedelta
from typing import Final

from backend import clock
from backend.clock import KST
from backend.db.recording import take_recording_moment
from backend.domain.outside.world import WorldDay, WorldSymbol, closes_at
from backend.krx import Calendar
from backend.pipelines.context import RunContext
from backend.pipelines.market import mornings
from backend.pipelines.sources import catalogue, visits
from backend.pipelines.sources.visits import Admission, Visit
from backend.services.market.drivers import world_days

# Days asked for: at first, and every morning after that.
FIRST: Final = timedelta(days=140)
AGAIN: Final = timedelta(days=14)


async def refresh(context: RunContext, admission: Admission) -> tuple[int, Visit]:
    """Store the closes that are known by now. Returns the rows written, and the visit."""
    read = catalogue.SOURCES[admission.info.id].world
    assert read is not None  # only sources of the world are asked
    async with context.read() as session:
        back = AGAIN if await world_days.has_any(session, admission.info.id) else FIRST
    now, calendar = clock.now(), context.calendar
    last = max(calendar.last_closed(now).trade_date, now.astimezone(KST).date())
    found: list[WorldDay] = []
    async with visits.visit(context, admission) as visit:
        for symbol in WorldSymbol:
            days = await read(visit, symbol, last - back, last)
            found += [day for day in days if last - back <= day.trade_date <= last]
    async with context.write() as session:
        recorded_at = await take_recording_moment(session)
        written = await world_days.upsert_world_days(
            session, found, known_at=lambda day: known_at(calendar, day), recorded_at=recorded_at
        )
        await visit.record(session)
    return written, visit


def known_at(calendar: Calendar, day: WorldDay) -> datetime:
    """The close where it is traded, or the next Korean session's morning: in the demo that comes long before."""
    return min(closes_at(day.symbol, day.trade_date), mornings.begins_after(calendar, day.trade_date))
