"""Stocks, their prices and the days of the exchange. Money is integer KRW, moments are timezone-aware."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from typing import Final

STOCK_CODE: Final = re.compile(r"^[0-9]{4}[0-9A-Z]{2}$")
FILE_SOURCE: Final = "file"  # of every row that a person's own file told


def fold_name(name: str) -> str:
    """A name as it is compared: without spaces, upper and lower case alike."""
    return "".join(name.split()).casefold()


class Market(StrEnum):
    KOSPI = "KOSPI"
    KOSDAQ = "KOSDAQ"
    KONEX = "KONEX"


class StockStatus(StrEnum):
    """What the exchange lets a stock do. Liquidation trading counts as halted: its prices know no limits."""

    NORMAL = "normal"
    HALTED = "halted"
    MANAGED = "managed"
    DELISTED = "delisted"


class StockState(StrEnum):
    """What azak does with a stock. paused: no new work; archived: hidden too. What is stored of it stays."""

    ACTIVE = "active"
    PAUSED = "paused"
    ARCHIVED = "archived"


@dataclass(frozen=True, slots=True)
class WatchedStock:
    """A stock that azak follows, with the other names it goes by in headlines."""

    code: str
    name: str
    market: str
    aliases: tuple[str, ...] = ()


class Basis(StrEnum):
    """What the prices of a bar are. adjusted: a series whose provider took corporate actions out; decimals are kept."""

    RAW = "raw"
    ADJUSTED = "adjusted"


class BarFlag(StrEnum):
    """Why a bar is not what it seems; in features and labels such a bar is missing, never small or zero."""

    NO_TRADE = "no_trade"  # halted or without a buyer: the close is carried, open, high and low are missing
    FLAT_COPY = "flat_copy"  # the bar before, copied, with or without a volume
    BEYOND_LIMIT = "beyond_limit"  # a move that the day's limits forbid and no base price explains
    VOLUME_BREAK = "volume_break"  # the volumes of the whole market broke from their last 20 sessions
    OUTSIDE_RANGE = "outside_range"  # open or close above high or below low
    UNFINISHED = "unfinished"  # the last row of a file or feed, from before the close
    OTHER_BASIS = "other_basis"  # the series changes between raw and adjusted prices here
    UNKNOWN_ACTION = "unknown_action"  # a corporate action whose factor nobody told


@dataclass(frozen=True, slots=True)
class DailyBar:
    """Prices of one session in KRW; `adjust_factor` turns raw ones into split-adjusted ones by multiplication.

    A session without a trade has a carried close and no other price. `base_price_krw`: what the exchange measured the
    session's limits from.
    """

    stock_code: str
    trade_date: date
    open_krw: float | None
    high_krw: float | None
    low_krw: float | None
    regular_close_krw: float
    volume: int
    source: str
    adjust_factor: float = 1.0
    basis: Basis = Basis.RAW
    base_price_krw: float | None = None
    flags: frozenset[BarFlag] = frozenset()


@dataclass(frozen=True, slots=True)
class MinuteBar:
    """Prices of the minute that began at `ts`."""

    stock_code: str
    ts: datetime
    open_krw: int
    high_krw: int
    low_krw: int
    close_krw: int
    volume: int
    source: str


@dataclass(frozen=True, slots=True)
class SpecialDay:
    """A day on which the exchange does not keep its usual hours (Asia/Seoul); without hours it is closed."""

    trade_date: date
    opens_at: time | None
    closes_at: time | None
    reason: str


@dataclass(frozen=True, slots=True)
class Listing:
    """A listed share as a master file tells it."""

    code: str
    name: str
    market: Market
    status: StockStatus
    listed_on: date | None


@dataclass(frozen=True, slots=True)
class Company:
    """A listed company and the number DART knows it by (never its stock code)."""

    stock_code: str
    dart_corp_code: str
    name: str


@dataclass(frozen=True, slots=True)
class IndexBar:
    index_code: str
    trade_date: date
    close: float
    source: str


@dataclass(frozen=True, slots=True)
class Quote:
    """The last trade of a stock."""

    stock_code: str
    last_price_krw: int
    previous_close_krw: int
    volume: int
    ts: datetime
    source: str
