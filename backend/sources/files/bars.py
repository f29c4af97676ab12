"""Rows of a file of daily prices, each a bar or the reason why not, and what all of them say about the file's units."""

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date
from typing import Final, NamedTuple

from backend.domain.market import Market
from backend.sources.files.evidence import Evidence
from backend.sources.files.layouts import Layout
from backend.sources.files.reading.columns import Columns
from backend.sources.files.reading.delimited import Row
from backend.sources.files.refusals import Refused
from backend.sources.files.values import (
    UnreadableError,
    code_of_isin,
    is_isin,
    is_short_day,
    read_code,
    read_day,
    read_number,
)
from backend.text.numbers import MAX_PRICE_KRW

INDEX_MARKETS: Final = {"INDEX_KOSPI": "KOSPI", "INDEX_KOSDAQ": "KOSDAQ"}
MAX_VOLUME: Final = 10**15  # shares: a million times the busiest day of a stock
_CUT: Final = 40


class FileBar(NamedTuple):
    """A day of a stock as the file has it; without a trade there is a close alone. `day` is an ordinal."""

    code: str
    day: int
    open: float | None
    high: float | None
    low: float | None
    close: float
    volume: int
    line: int

    @property
    def trade_date(self) -> date:
        return date.fromordinal(self.day)

    def says_the_same(self, other: "FileBar") -> bool:
        return self[:-1] == other[:-1]


@dataclass(slots=True)
class Stocks:
    """What is known or learned about the codes of a file: the list's codes, and each code's market and name.

    `seen`: codes whose market and name were looked for, in the first row of each.
    """

    known: AbstractSet[str]
    seen: set[str] = field(default_factory=set)
    markets: dict[str, Market] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class GivenKeys:
    """Code and day of a file whose rows have none: said by the person, or in the file's name."""

    code: str | None = None
    day: date | None = None


@dataclass(slots=True)
class BarReader:
    """Reads rows one by one. `evidence`: what they say about units and basis; `short_days`: days like 24.01.02 seen."""

    columns: Columns
    layout: Layout
    given: GivenKeys
    stocks: Stocks
    today: date
    evidence: Evidence = field(default_factory=Evidence)
    has_short_days: bool = False
    days_first: int = 0
    read: int = 0

    def bars(self, rows: Iterator[Row]) -> Iterator[FileBar | Refused]:
        for row in rows:
            self.read += 1
            yield self._read(row) if row.fault is None else Refused(row.line, row.fault)

    def _read(self, row: Row) -> FileBar | Refused:
        code = day = ""
        try:
            code = self._code(row)
            found = self._day(row)
            day = found.isoformat()
            return self._bar(row, code, found)
        except UnreadableError as error:
            kind = str(error)
            return Refused(row.line, kind, code, day, self._meant(row, kind))

    def _meant(self, row: Row, kind: str) -> str:
        """The cell that a refusal is about."""
        names = {"bad_code": "code", "bad_isin": "isin", "unknown_isin": "isin", "no_share": "isin", "bad_date": "date"}
        if kind in names:
            return self.columns.get(row.cells, names[kind])[:_CUT]
        prices = (self.columns.get(row.cells, name) for name in ("open", "high", "low", "close", "volume"))
        return " ".join(price[:_CUT] or "?" for price in prices)

    def _code(self, row: Row) -> str:
        cells = row.cells
        text = self.columns.get(cells, "code").strip()
        isin = self.columns.get(cells, "isin").strip()
        if not text and isin and not is_isin(isin):
            text = isin  # KRX's Open API calls the short code ISU_CD
        if not text and not isin and self.given.code is None:
            raise UnreadableError("no_code")
        market = None
        if text and not is_isin(text):
            code, market = read_code(text)
        elif text or isin:
            code = code_of_isin(text or isin)
            if code not in self.stocks.known:
                raise UnreadableError("unknown_isin")
        else:
            code = self.given.code or ""
        if code not in self.stocks.seen:
            self._learn(code, cells, market)
        return INDEX_MARKETS.get(self.columns.get(cells, "market").strip(), code)

    def _learn(self, code: str, cells: list[str], market: Market | None) -> None:
        found = market or read_market(self.columns.get(cells, "market"))
        if found is not None:
            self.stocks.markets.setdefault(code, found)
        name = self.columns.get(cells, "name").strip()
        if name:
            self.stocks.names.setdefault(code, name[:_CUT])
        self.stocks.seen.add(code)

    def _day(self, row: Row) -> date:
        text = self.columns.get(row.cells, "date")
        if "date" not in self.columns.places:
            if self.given.day is None:
                raise UnreadableError("no_day")
            return self.given.day
        day = read_day(text)
        if is_short_day(text):
            self.has_short_days = True
            self.days_first += day > self.today
        return day

    def _bar(self, row: Row, code: str, day: date) -> FileBar:
        prices = [self._number(row, name) for name in ("open", "high", "low", "close")]
        if self.layout.signed_prices:
            prices = [None if price is None else abs(price) for price in prices]
        volume = self._number(row, "volume")
        first, high, low, close = prices
        if not close:
            raise UnreadableError("no_price")
        if volume is None:
            raise UnreadableError("missing_value" if first or high or low else "unfinished")
        if volume < 0:
            raise UnreadableError("negative_volume")
        if volume > MAX_VOLUME:
            raise UnreadableError("bad_number")
        if _is_without_trade(prices, volume):
            return FileBar(code, day.toordinal(), None, None, None, _possible(close), 0, row.line)
        if not first or not high or not low:
            raise UnreadableError("missing_value")
        if low > high:
            raise UnreadableError("bad_price")
        bar = FileBar(
            code, day.toordinal(), _possible(first), _possible(high), _possible(low), _possible(close), round(volume),
            row.line,
        )  # fmt: skip
        if code not in INDEX_MARKETS.values():
            self._weigh(row, low, high, close, volume)
        return bar

    def _number(self, row: Row, name: str) -> float | None:
        return read_number(self.columns.get(row.cells, name))

    def _weigh(self, row: Row, low: float, high: float, close: float, volume: float) -> None:
        """What this row says about the whole file."""
        self.evidence.weigh_price(low, high, close)
        if volume > 0 and "amount" in self.columns.places and (amount := self._number(row, "amount")):
            self.evidence.weigh_amount(amount / volume, low, high)
        if "cap" in self.columns.places and "shares" in self.columns.places:
            cap, shares = self._number(row, "cap"), self._number(row, "shares")
            if cap and shares:
                self.evidence.weigh_cap(cap / shares / close)


def _possible(price: float) -> float:
    if not 0 < price <= MAX_PRICE_KRW:
        raise UnreadableError("bad_price")
    return price


def _is_without_trade(prices: list[float | None], volume: float) -> bool:
    """Halted, or without a buyer: KRX and Naver write 0 for open, high and low, Yahoo and others copy the close."""
    first, high, low, close = prices
    return volume == 0 and (not (first or high or low) or first == high == low == close)


_MARKETS: Final[Mapping[str, Market]] = {
    "kospi": Market.KOSPI, "코스피": Market.KOSPI, "유가증권": Market.KOSPI, "유가증권시장": Market.KOSPI,
    "stk": Market.KOSPI, "유가": Market.KOSPI, "kosdaq": Market.KOSDAQ, "코스닥": Market.KOSDAQ,
    "코스닥시장": Market.KOSDAQ, "ksq": Market.KOSDAQ, "kosdaqglobal": Market.KOSDAQ,
    "konex": Market.KONEX, "코넥스": Market.KONEX, "knx": Market.KONEX, "코넥스시장": Market.KONEX,
}  # fmt: skip
FUND_MARKETS: Final = frozenset({"etf", "etn"})  # traded beside the shares of KOSPI


def read_market(text: str) -> Market | None:
    """A market as files name it; None for a name of none."""
    folded = "".join(text[:_CUT].split()).lower()
    return Market.KOSPI if folded in FUND_MARKETS else _MARKETS.get(folded)
