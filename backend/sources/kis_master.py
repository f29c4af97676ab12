"""KIS's master files: every listed stock with its state, in zipped lines of fixed width (cp949); no key.

A line is the short code (9 bytes), the standard code (12), the name, and a tail of fixed length with fields at fixed
byte offsets, so lines are decoded only after a field is cut out. Setting: AZAK_SOURCES_KIS_MASTER_URL.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from backend.clock import KST
from backend.domain.market import STOCK_CODE, Listing, Market, StockStatus
from backend.errors import SourceChangedError
from backend.sources.http.archives import unzip
from backend.sources.http.client import Answer, SourceClient

SOURCE: Final = "kis_master"


@dataclass(frozen=True, slots=True)
class MasterFile:
    """One market's file: length of its tail, and offsets in it of the flags and of the listing date, in bytes."""

    market: Market
    path: str
    tail: int
    halted: int
    listed_on: int


# Offsets follow the field widths of KIS's published layouts; halted, liquidation and managed are neighbours.
KOSPI: Final = MasterFile(Market.KOSPI, "common/master/kospi_code.mst.zip", 227, 60, 105)
KOSDAQ: Final = MasterFile(Market.KOSDAQ, "common/master/kosdaq_code.mst.zip", 221, 55, 100)
FILES: Final = (KOSPI, KOSDAQ)
# Group codes of shares; funds, warrants and notes are left out.
_SHARES: Final = frozenset({b"ST", b"RT", b"IF", b"SC", b"DR", b"FS"})


async def fetch_master(client: SourceClient, file: MasterFile) -> Answer:
    """The zipped file of one market."""
    return await client.get(file.path)


def parse_master(answer: Answer, file: MasterFile) -> list[Listing]:
    """Listed shares in the order of the file. Raises SourceChangedError when no line can be read."""
    content = unzip(SOURCE, answer.body, ".mst")
    found = [listing for line in content.splitlines() if (listing := _listing(line, file)) is not None]
    if not found:
        raise SourceChangedError(f"{SOURCE} sent a file without a single share; its layout has changed.")
    return found


def _listing(line: bytes, file: MasterFile) -> Listing | None:
    if len(line) <= 21 + file.tail:
        return None
    head, tail = line[: -file.tail], line[-file.tail :]
    code = head[:9].strip().decode("ascii", "replace")
    name = head[21:].strip().decode("cp949", "replace")
    flags = tail[file.halted : file.halted + 3]
    if tail[:2] not in _SHARES or not STOCK_CODE.match(code) or not name or flags.strip(b"YN"):
        return None
    return Listing(code, name, file.market, _status(flags), _date(tail[file.listed_on : file.listed_on + 8]))


def _status(flags: bytes) -> StockStatus:
    """Halted (trading stopped, or liquidation trading without price limits) takes precedence over managed."""
    if b"Y" in flags[:2]:
        return StockStatus.HALTED
    return StockStatus.MANAGED if flags[2:] == b"Y" else StockStatus.NORMAL


def _date(digits: bytes) -> date | None:
    try:
        return datetime.strptime(digits.decode("ascii"), "%Y%m%d").replace(tzinfo=KST).date()
    except (ValueError, UnicodeDecodeError):
        return None
