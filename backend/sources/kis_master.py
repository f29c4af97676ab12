"""KIS's master files: every listed stock with its state of the day, in zipped lines of fixed width (cp949); no key.

A line is the short code (9 bytes), the standard code (12), the name (40), and a tail of fixed length with fields at
fixed byte offsets, so a line is cut from its end and a field is decoded only after it is cut out. The offsets follow
the field widths of KIS's published layouts (its repository open-trading-api, folder stocks_info) and were checked on
whole files of all three markets. Funds and notes (ETF, ETN) stand among the shares of KOSPI. The file does not say of
which day it is. Setting: AZAK_SOURCES_KIS_MASTER_URL.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from email.utils import parsedate_to_datetime
from typing import Final, TypeVar

from backend.clock import KST
from backend.domain.market import STOCK_CODE, CapitalIncrease, Listing, LockClass, Market, ParChange, StockKind
from backend.errors import SourceChangedError, SourceTemporaryError
from backend.sources.http.archives import unzip
from backend.sources.http.client import Answer, SourceClient
from backend.text.numbers import MAX_PRICE_KRW

SOURCE: Final = "kis_master"
BROKEN_SHARE: Final = 0.01
_HEAD: Final = 21
_LONGEST_NAME: Final = 200  # bytes; the field has 40


@dataclass(frozen=True, slots=True)
class MasterFile:
    """One market's file: the length of a line's tail, and where fields begin in it, in bytes.

    From the base price on the three layouts are the same up to the class of preferred shares; what stands before it
    differs. `industry` and `conglomerate` are missing in KONEX's.
    """

    market: Market
    path: str
    tail: int
    base_price: int
    industry: int | None
    conglomerate: int | None

    def field(self, tail: bytes, after_base: int, width: int) -> bytes:
        """The field that begins `after_base` bytes after the beginning of the base price."""
        start = self.base_price + after_base
        return tail[start : start + width]


KOSPI: Final = MasterFile(Market.KOSPI, "common/master/kospi_code.mst.zip", 227, 41, 3, 221)
KOSDAQ: Final = MasterFile(Market.KOSDAQ, "common/master/kosdaq_code.mst.zip", 221, 36, 3, 215)
KONEX: Final = MasterFile(Market.KONEX, "common/master/konex_code.mst.zip", 184, 2, None, None)
FILES: Final = (KOSPI, KOSDAQ, KONEX)
# Bytes from the beginning of the base price (9 digits) to each field: halted, liquidation, managed are neighbours.
_FLAGS, _LOCK, _PAR_CHANGE, _INCREASE, _PAR_VALUE, _LISTED_ON, _SHARES, _PREFERRED = 19, 27, 29, 31, 52, 64, 72, 117
_SHARE_GROUPS: Final = frozenset({"ST", "RT", "IF", "SC", "DR", "FS", "KN"})
_FUND_GROUPS: Final = frozenset({"EF", "FE", "EN", "MF", "BC"})
_NOTE: Final = re.compile(r"Q[0-9]{6}")
_ISIN: Final = re.compile(r"[A-Z]{2}[0-9A-Z]{10}")
_LOCKS: Final = dict(zip(("00", "01", "02", "03", "04", "05", "06"), LockClass, strict=False))
_PAR_CHANGES: Final = {"00": ParChange.NONE, "01": ParChange.SPLIT, "02": ParChange.REVERSE_SPLIT}
_INCREASES: Final = dict(zip(("00", "01", "02", "03"), CapitalIncrease, strict=False))

_Code = TypeVar("_Code", LockClass, ParChange, CapitalIncrease)


class BrokenLineError(ValueError):
    """A line that is not of the layout."""


@dataclass(frozen=True, slots=True)
class Master:
    """One market's stocks in the order of its file. `digest`: of the content, equal for equal files.

    `skipped`: lines that are no stock (subscription rights, fund shares without a code of six). `told_at`: when the
    sender last changed the file, if it says so.
    """

    market: Market
    listings: tuple[Listing, ...]
    digest: str
    skipped: int
    told_at: datetime | None


async def fetch_master(client: SourceClient, file: MasterFile) -> Answer:
    """The zipped file of one market."""
    return await client.get(file.path)


def parse_master(answer: Answer, file: MasterFile) -> Master:
    """The stocks of one market's file.

    Raises SourceTemporaryError for a file that was cut, SourceChangedError when more than BROKEN_SHARE of the lines are
    not of the layout or none is a stock.
    """
    content = unzip(SOURCE, answer.body, ".mst")
    lines = [line for line in content.splitlines() if line.strip()]
    if lines and (not content.endswith(b"\n") or len(lines[-1]) < _HEAD + file.tail <= len(lines[0])):
        raise SourceTemporaryError(f"{SOURCE} sent a {file.market} file that ends within a line; it is asked again.")
    if not content.isascii() and _is_utf8(content):
        raise SourceChangedError(f"{SOURCE} sent a {file.market} file in UTF-8, not cp949; its layout has changed.")
    found: dict[str, Listing] = {}
    skipped = broken = 0
    for line in lines:
        try:
            listing = _listing(line, file)
        except BrokenLineError:
            broken += 1
            continue
        if listing is None or listing.code in found:
            skipped += 1
        else:
            found[listing.code] = listing
    if broken > BROKEN_SHARE * len(lines):
        raise SourceChangedError(
            f"{SOURCE} sent a {file.market} file of which {broken} of {len(lines)} lines cannot be read; its layout has"
            " changed."
        )
    if not any(listing.kind is StockKind.SHARE for listing in found.values()):
        raise SourceChangedError(f"{SOURCE} sent a {file.market} file without a single share; its layout has changed.")
    digest = hashlib.blake2b(content, digest_size=16).hexdigest()
    return Master(file.market, tuple(found.values()), digest, skipped + broken, _told_at(answer))


def _is_utf8(content: bytes) -> bool:
    """Names in UTF-8 would be read as other Korean letters, without an error."""
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


def _told_at(answer: Answer) -> datetime | None:
    """When the sender says that it last changed the file."""
    try:
        told = parsedate_to_datetime(answer.last_modified or "")
    except ValueError:
        return None
    return told if told.tzinfo else None


def _listing(line: bytes, file: MasterFile) -> Listing | None:
    """The stock of a line; None for what is none. Raises BrokenLineError."""
    if not _HEAD + file.tail < len(line) <= _HEAD + file.tail + _LONGEST_NAME:
        raise BrokenLineError
    head, tail = line[: -file.tail], line[-file.tail :]
    code, group = _ascii(head[:9]), _ascii(tail[:2])
    flags = _ascii(file.field(tail, _FLAGS, 3))
    if len(group) != 2 or not set(flags) <= {"Y", "N"} or len(flags) != 3:
        raise BrokenLineError
    if _NOTE.fullmatch(code):
        code = code[1:]  # the exchange lists a note without the letter that KIS puts in front
    base, shares = _number(file.field(tail, 0, 9)), _number(file.field(tail, _SHARES, 15))
    name = _name(head[_HEAD:])
    if not STOCK_CODE.match(code):
        return None
    isin = _ascii(head[9:_HEAD])
    return Listing(
        code=code,
        name=name,
        market=file.market,
        kind=_kind(group, code, _ascii(file.field(tail, _PREFERRED, 1))),
        listed_on=_date(_ascii(file.field(tail, _LISTED_ON, 8))),
        isin=isin if _ISIN.fullmatch(isin) else None,
        group_code=group,
        industry=None if file.industry is None else _industry(_ascii(tail[file.industry : file.industry + 12])),
        conglomerate=None if file.conglomerate is None else _conglomerate(tail[file.conglomerate :][:3]),
        shares=shares * 1_000 if shares else None,
        par_value_krw=_number(file.field(tail, _PAR_VALUE, 12)) or None,
        base_price_krw=base if base and base < MAX_PRICE_KRW else None,
        lock_class=_choose(_LOCKS, file.field(tail, _LOCK, 2), LockClass.OTHER),
        par_change=_choose(_PAR_CHANGES, file.field(tail, _PAR_CHANGE, 2), ParChange.OTHER),
        capital_increase=_choose(_INCREASES, file.field(tail, _INCREASE, 2), CapitalIncrease.OTHER),
        is_halted=flags[0] == "Y",
        is_liquidation=flags[1] == "Y",
        is_managed=flags[2] == "Y",
    )


def _kind(group: str, code: str, preferred: str) -> StockKind:
    """By the group; a preferred share also by its class or by the last letter of its code, which is 0 for common ones.

    In whole files of 2025 both signs agreed for each of 2,836 shares.
    """
    if group in _FUND_GROUPS:
        return StockKind.FUND
    if group not in _SHARE_GROUPS:
        return StockKind.OTHER
    is_preferred = group == "ST" and (preferred in set("129") or code[-1] != "0")
    return StockKind.PREFERRED if is_preferred else StockKind.SHARE


def _ascii(field: bytes) -> str:
    return field.strip().decode("ascii", "replace")


def _name(field: bytes) -> str:
    """The name; a letter that was cut in half at the end of the field is left out."""
    try:
        name = field.strip().decode("cp949")
    except UnicodeDecodeError as error:
        if error.start < len(field.strip()) - 1:
            raise BrokenLineError from None
        name = field.strip()[:-1].decode("cp949").strip()
    if not name or not name.isprintable():
        raise BrokenLineError
    return name


def _number(field: bytes) -> int | None:
    """Digits, or None for blanks. Raises BrokenLineError for anything else."""
    text = _ascii(field)
    if text and not (text.isascii() and text.isdigit()):
        raise BrokenLineError
    return int(text) if text else None


def _industry(codes: str) -> str | None:
    return "/".join((codes[:4], codes[4:8], codes[8:])) if codes.isdigit() and codes.strip("0") else None


def _conglomerate(field: bytes) -> str | None:
    code = _ascii(field)
    return code if code.isalnum() and code.strip("0") else None


def _choose(values: Mapping[str, _Code], field: bytes, other: _Code) -> _Code:
    """Blank means none, a code that is not in the published layout the other one."""
    return values.get(_ascii(field) or "00", other)


def _date(digits: str) -> date | None:
    try:
        return datetime.strptime(digits, "%Y%m%d").replace(tzinfo=KST).date()
    except ValueError:
        return None
