"""Updates the calendar of this process with the special days in the database (closures, unusual hours)."""

from backend.db.session import Database
from backend.krx import Calendar, KrxCalendar
from backend.log import get_logger
from backend.services.market.calendar import list_special_days

_log = get_logger(__name__)


async def follow_special_days(database: Database, calendar: Calendar) -> None:
    """Apply the stored special days to `calendar`; the demo calendar has none."""
    if isinstance(calendar, KrxCalendar):
        async with database.read() as session:
            days = await list_special_days(session)
        if calendar.follow(days):
            _log.info("calendar_changed", special_days=len(days))
