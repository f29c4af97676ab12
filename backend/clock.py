"""The one clock. Everything that asks the time asks here; tests replace `now` in one place.

Trading hours live in `backend.krx`, apart, because the holiday tables cost 11 MB of memory that the
API process must not pay (measured: 76.7 -> 87.4 MB).
"""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

KST = ZoneInfo("Asia/Seoul")


def now() -> datetime:
    """The present as timezone-aware UTC."""
    return datetime.now(UTC)  # noqa: TID251  (the one place)
