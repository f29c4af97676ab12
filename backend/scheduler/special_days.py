"""Keeps this process's calendar as people say it is: ad-hoc closures and hours from the database."""

from backend.db.session import Database
from backend.krx import Calendar, KrxCalendar
from backend.log import get_logger
from backend.services.market.calendar import list_special_days

_log = get_logger(__name__)


async def follow_special_days(database: Database, calendar: Calendar) -> None:
    """Read the special days again. The demo's calendar has none: its sessions are made up."""
    if isinstance(calendar, KrxCalendar):
        async with database.read() as session:
            days = await list_special_days(session)
        if calendar.follow(days):
            _log.info("calendar_changed", special_days=len(days))
