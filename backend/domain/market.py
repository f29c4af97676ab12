"""Stocks, their prices and the days of the exchange. Money is integer KRW, moments are timezone-aware."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from typing import Final

STOCK_CODE: Final = re.compile(r"^[0-9]{4}[0-9A-Z]{2}$")
FILE_SOURCE: Final = "file"  # of every row that a person's own file told


# Groups of companies without a listed one of that very name, as fold_name writes them: no name of a stock.
GROUPS: Final = frozenset({"삼성", "현대", "롯데", "신세계그룹", "포스코그룹"})


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


@dataclass(frozen=True, slots=True)
class ListedStock:
    """A stock on the exchange's list, watched or not, with the other names of its company."""

    code: str
    name: str
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


# In a bar with one of these the prices are missing for features and labels; a broken volume leaves them good.
MISSING_PRICES: Final = frozenset(BarFlag) - {BarFlag.VOLUME_BREAK}
# The prices before a bar with one of these are no measure of those from it on.
BREAKS: Final = frozenset({BarFlag.BEYOND_LIMIT, BarFlag.OTHER_BASIS, BarFlag.UNKNOWN_ACTION})


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


class StockKind(StrEnum):
    """What a listed thing is. Forecasts and reports are made of shares and preferred shares alone."""

    SHARE = "share"
    PREFERRED = "preferred"
    FUND = "fund"  # ETF, ETN, fund company: its price follows what it holds
    OTHER = "other"


class LockClass(StrEnum):
    """What a buyer of this session no longer gets, which is why its base price is not the close before."""

    NONE = "none"
    EX_RIGHTS = "ex_rights"
    EX_DIVIDEND = "ex_dividend"
    EX_DISTRIBUTION = "ex_distribution"
    EX_RIGHTS_DIVIDEND = "ex_rights_dividend"
    EX_INTERIM = "ex_interim"
    EX_RIGHTS_INTERIM = "ex_rights_interim"
    OTHER = "other"


class ParChange(StrEnum):
    """How the par value has changed."""

    NONE = "none"
    SPLIT = "split"
    REVERSE_SPLIT = "reverse_split"
    OTHER = "other"


class CapitalIncrease(StrEnum):
    """New shares that this session is the first without a right to."""

    NONE = "none"
    PAID = "paid"
    BONUS = "bonus"
    PAID_AND_BONUS = "paid_and_bonus"
    OTHER = "other"


class ListingEvent(StrEnum):
    """What changed at the exchange from one session to the next."""

    LISTED = "listed"
    DELISTED = "delisted"
    RENAMED = "renamed"
    MOVED = "moved"  # to another market
    HALTED = "halted"
    RESUMED = "resumed"
    MANAGED = "managed"
    RELEASED = "released"  # no longer managed
    LIQUIDATION = "liquidation"
    PAR_CHANGED = "par_changed"
    EX = "ex"  # the first session without a right; `new` is its LockClass
    REBASED = "rebased"  # the base price is not the close before


class NameKind(StrEnum):
    """Where another name of a stock is from."""

    EARLIER = "earlier"  # what the exchange called it before
    LEGAL = "legal"  # the company's name with DART
    ENGLISH = "english"


@dataclass(frozen=True, slots=True)
class Listing:
    """What the exchange says of one stock in one session. Money in KRW; None where it says nothing.

    `base_price_krw`: what the day's limits are measured from, the close before unless something was split, issued or
    paid out. `industry`: index codes of KIS, large/medium/small. `conglomerate`: KIS's code of the group of companies.
    """

    code: str
    name: str
    market: Market
    kind: StockKind = StockKind.SHARE
    listed_on: date | None = None
    isin: str | None = None
    group_code: str = "ST"
    industry: str | None = None
    conglomerate: str | None = None
    shares: int | None = None
    par_value_krw: int | None = None
    base_price_krw: int | None = None
    lock_class: LockClass = LockClass.NONE
    par_change: ParChange = ParChange.NONE
    capital_increase: CapitalIncrease = CapitalIncrease.NONE
    is_halted: bool = False
    is_liquidation: bool = False
    is_managed: bool = False

    @property
    def status(self) -> StockStatus:
        """Halted (trading stopped, or liquidation trading without price limits) takes precedence over managed."""
        if self.is_halted or self.is_liquidation:
            return StockStatus.HALTED
        return StockStatus.MANAGED if self.is_managed else StockStatus.NORMAL


@dataclass(frozen=True, slots=True)
class BasePrice:
    """What a session's limits were measured from (None: not told), and what of the day explains it."""

    stock_code: str
    trade_date: date
    base_price_krw: int | None
    lock_class: LockClass
    par_change: ParChange
    capital_increase: CapitalIncrease
    is_halted: bool
    is_liquidation: bool
    is_managed: bool


@dataclass(frozen=True, slots=True)
class AnnouncedAction:
    """A corporate action as a schedule tells it. `factor`: new price / old price, None where it cannot be told."""

    stock_code: str
    kind: str
    ex_date: date
    factor: float | None


@dataclass(frozen=True, slots=True)
class Company:
    """A listed company and the number DART knows it by (never its stock code), with its legal names."""

    stock_code: str
    dart_corp_code: str
    name: str
    english_name: str = ""


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
