"""The current time. Everything that needs it asks here, so that tests replace `now` in one place.

Trading hours are in `backend.krx`, apart, because the holiday tables cost 11 MB of memory (measured: 76.7 -> 87.4 MB)
that the API process does not need.
"""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

KST = ZoneInfo("Asia/Seoul")


def now() -> datetime:
    """The current time as timezone-aware UTC."""
    return datetime.now(UTC)  # noqa: TID251  (the one place)
