"""What moved while the Korean exchange was closed: two US indices, the semiconductor index, and the dollar in KRW."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

_NEW_YORK: Final = ZoneInfo("America/New_York")
_SEOUL: Final = ZoneInfo("Asia/Seoul")
_CLOSE: Final = time(16, 15)  # with a quarter of an hour in which the last prices settle
_SEOUL_CLOSE: Final = time(2, 0)  # of the currency market, on the day after


class WorldSymbol(StrEnum):
    SP500 = "sp500"
    NASDAQ = "nasdaq"
    SOX = "sox"
    USDKRW = "usdkrw"


@dataclass(frozen=True, slots=True)
class WorldDay:
    """A close: of an index in points, of the dollar in KRW. `trade_date` is the day where it is traded."""

    symbol: WorldSymbol
    trade_date: date
    close: float
    source: str


@dataclass(frozen=True, slots=True)
class WorldMove:
    """The log move to the close of `trade_date` from that of `previous_date`, with both clocks of the later one."""

    symbol: WorldSymbol
    trade_date: date
    previous_date: date
    log_move: float
    source: str
    known_at: datetime
    recorded_at: datetime


def closes_at(symbol: WorldSymbol, trade_date: date) -> datetime:
    """When the close of this day is known. Half days in New York close earlier: it is never too early."""
    if symbol is WorldSymbol.USDKRW:
        return datetime.combine(trade_date + timedelta(days=1), _SEOUL_CLOSE, _SEOUL)
    return datetime.combine(trade_date, _CLOSE, _NEW_YORK)
