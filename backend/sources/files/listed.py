"""Rows of a file of listed stocks: code, name, market and kind, or the reason why not."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from backend.domain.market import Market, StockKind
from backend.sources.files.bars import FUND_MARKETS, read_market
from backend.sources.files.reading.columns import Columns
from backend.sources.files.reading.delimited import Row
from backend.sources.files.refusals import Refused
from backend.sources.files.values import UnreadableError, code_of_isin, is_isin, read_code, read_day

_CUT: Final = 100


@dataclass(frozen=True, slots=True)
class FileListing:
    """`market` None: the file does not say it. `corp_code`: DART's number of the company."""

    code: str
    name: str
    market: Market | None
    kind: StockKind
    listed_on: date | None
    corp_code: str | None
    line: int


@dataclass(slots=True)
class ListingReader:
    """Reads rows one by one. `market`: of all rows, where the file does not say it."""

    columns: Columns
    market: Market | None
    read: int = 0

    def listings(self, rows: Iterator[Row]) -> Iterator[FileListing | Refused]:
        for row in rows:
            self.read += 1
            yield self._read(row) if row.fault is None else Refused(row.line, row.fault)

    def _read(self, row: Row) -> FileListing | Refused:
        get = self.columns.get
        name = " ".join(get(row.cells, "name").split())[:_CUT]
        written = get(row.cells, "code").strip() or get(row.cells, "isin").strip()
        corp_code = get(row.cells, "corp_code").strip() or None
        if corp_code and not written:
            return Refused(row.line, "not_listed")
        try:
            code = code_of_isin(written) if is_isin(written) else read_code(written).code
        except UnreadableError as error:
            return Refused(row.line, str(error), value=written[:_CUT])
        market = get(row.cells, "market").strip()
        found = read_market(market) or (None if market else self.market)
        if market and found is None:
            return Refused(row.line, "unknown_market", code, value=market[:_CUT])
        if not name:
            return Refused(row.line, "no_name", code)
        if get(row.cells, "delisted_on").strip():
            return Refused(row.line, "delisted", code, value=name)
        return FileListing(code, name, found, self._kind(row, market), self._day(row), corp_code, row.line)

    def _kind(self, row: Row, market: str) -> StockKind:
        group = self.columns.get(row.cells, "group").strip().upper()
        if market.lower() in FUND_MARKETS or group in _FUND_GROUPS:
            return StockKind.FUND
        kind = self.columns.get(row.cells, "kind")
        return StockKind.PREFERRED if "우선주" in kind else StockKind.SHARE

    def _day(self, row: Row) -> date | None:
        try:
            return read_day(self.columns.get(row.cells, "listed_on"))
        except UnreadableError:
            return None


_FUND_GROUPS: Final = frozenset({"ETF", "ETN", "ELW", "수익증권", "상장지수펀드", "상장지수증권"})


def merge(listings: Iterator[FileListing]) -> Mapping[str, FileListing]:
    """One listing a code: the later listing day, because a firm that moved from KONEX to KOSDAQ stands there twice."""
    found: dict[str, FileListing] = {}
    for one in listings:
        known = found.get(one.code)
        if known is None or (one.listed_on or date.min) >= (known.listed_on or date.min):
            found[one.code] = one
    return found
