"""One value in the forms that files write it: codes, days, numbers. What cannot be read is refused, never guessed."""

import re
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final, NamedTuple

from backend.clock import KST
from backend.domain.market import STOCK_CODE, Market
from backend.domain.news import Precision
from backend.text.dates import parse_published

_LONGEST: Final = 60


class UnreadableError(ValueError):
    """A value in no form that is known; its text is the kind of refusal."""


class Code(NamedTuple):
    """`market`: what the suffix says."""

    code: str
    market: Market | None = None


_DIGITS: Final = re.compile(r"(\d{1,6})(?:\.0+)?", re.ASCII)
_ISIN: Final = re.compile(r"[A-Z]{2}[0-9A-Z]{9}[0-9]")
_SUFFIXES: Final = {".KS": Market.KOSPI, ".KQ": Market.KOSDAQ}
_PREFIXES: Final = ("KRX:", "KOSPI:", "KOSDAQ:")


@lru_cache(maxsize=20_000)
def read_code(text: str) -> Code:
    """'5930', 'A005930', '005930.KS', "'005930" -> 005930. Digits only are padded: 150 is 000150, never 0015G0.

    Raises UnreadableError('bad_code'). An ISIN is not read here, because only a list can tell its code.
    """
    code = text[:_LONGEST].strip().removeprefix("=").strip("'\"").strip().upper()
    prefix = next((one for one in _PREFIXES if code.startswith(one)), "")
    suffix = next((one for one in _SUFFIXES if code.endswith(one)), "")
    code = code[len(prefix) : len(code) - len(suffix)].strip()
    if digits := _DIGITS.fullmatch(code):
        code = digits[1].zfill(6)
    elif len(code) == 7 and code[0] == "A":
        code = code[1:]
    if not STOCK_CODE.fullmatch(code):
        raise UnreadableError("bad_code")
    return Code(code, _SUFFIXES.get(suffix))


@lru_cache(maxsize=20_000)
def code_of_isin(text: str) -> str:
    """The short code that an ISIN of a Korean share holds in places 4 to 9, if its check digit is right.

    Of old preferred shares it is not theirs, so the caller takes it only if it is a code that is known.
    Raises UnreadableError.
    """
    isin = text[:_LONGEST].strip().upper()
    if not _ISIN.fullmatch(isin) or not _has_check_digit(isin):
        raise UnreadableError("bad_isin")
    if not isin.startswith("KR7") or not STOCK_CODE.fullmatch(isin[3:9]):
        raise UnreadableError("no_share")
    return isin[3:9]


def is_isin(text: str) -> bool:
    return bool(_ISIN.fullmatch(text[:_LONGEST].strip().upper()))


def _has_check_digit(isin: str) -> bool:
    """Luhn over the digits, letters as 10 to 35."""
    digits = [int(d) for letter in isin for d in str(int(letter, 36))]
    doubled = [2 * d if place % 2 else d for place, d in enumerate(reversed(digits))]
    return sum(d // 10 + d % 10 for d in doubled) % 10 == 0


_DAY: Final = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})\.?", re.ASCII)
_SHORT_DAY: Final = re.compile(r"(\d{2})\.(\d{2})\.(\d{2})\.?", re.ASCII)
_PLAIN_DAY: Final = re.compile(r"((?:19|20)\d{2})(\d{2})(\d{2})(?:\.0+)?", re.ASCII)
_SERIAL: Final = re.compile(r"([345]\d{4})(?:\.\d+)?", re.ASCII)
_EPOCH_MS: Final = re.compile(r"\d{13}", re.ASCII)
_MOMENT: Final = re.compile(
    r"(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2})?)(?:\.\d+)?\s?(Z|[+-]\d{2}:?\d{2})?", re.ASCII
)
_EXCEL_EPOCH: Final = date(1899, 12, 30)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@lru_cache(maxsize=50_000)
def read_day(text: str) -> date:
    """The day in Seoul. A moment with a zone goes there first; one without is of Seoul already.

    Raises UnreadableError('bad_date'), also for forms with the day in front.
    """
    text = text[:_LONGEST].strip()
    try:
        if found := _DAY.fullmatch(text):
            return date(int(found[1]), int(found[3]), int(found[4]))
        if found := _PLAIN_DAY.fullmatch(text):
            return date(int(found[1]), int(found[2]), int(found[3]))
        if found := _SHORT_DAY.fullmatch(text):
            return date(2000 + int(found[1]) - (100 if int(found[1]) >= 90 else 0), int(found[2]), int(found[3]))
        if found := _SERIAL.fullmatch(text):
            return _EXCEL_EPOCH + timedelta(days=int(found[1]))
        if found := _MOMENT.fullmatch(text):
            zone = (found[3] or "").replace("Z", "+00:00")
            moment = datetime.fromisoformat(f"{found[1]}T{found[2]}{zone}")
            return moment.date() if moment.tzinfo is None else moment.astimezone(KST).date()
        if _EPOCH_MS.fullmatch(text):
            return (_EPOCH + timedelta(milliseconds=int(text))).astimezone(KST).date()
    except (ValueError, OverflowError):
        pass
    raise UnreadableError("bad_date")


def is_short_day(text: str) -> bool:
    """'24.01.02': the one form that a file with the day in front looks like, until a day of it lies in the future."""
    return bool(_SHORT_DAY.fullmatch(text[:_LONGEST].strip()))


_MISSING: Final = frozenset({"", "-", "null", "nan", "n/a", "none", "na", "#n/a"})
_PLAIN: Final = re.compile(r"[+-]?\d{1,18}(?:\.\d{0,12})?(?:[eE][+-]?\d{1,2})?", re.ASCII)
_THOUSANDS: Final = re.compile(r"[+-]?\d{1,3}(?:,\d{3}){1,6}(?:\.\d{1,12})?", re.ASCII)
_ROUNDED: Final = re.compile(r"(\d{1,9}(?:\.\d{1,4})?)([KMB])", re.ASCII)
_SCALES: Final = {"K": 1e3, "M": 1e6, "B": 1e9}
_ARROWS: Final = {"▲": "+", "▼": "-", "↑": "+", "↓": "-"}


def read_number(text: str) -> float | None:
    """'1,234', '▼ 500', '5930원', '12.44M' -> number; '-', '', 'null' -> None, which is missing and not 0.

    Raises UnreadableError('bad_number'): a comma that does not part thousands is one of them.
    """
    if _PLAIN.fullmatch(text):  # what nearly every cell is
        return float(text)
    text = text[:_LONGEST].strip().strip("'\"").strip()
    if text.lower() in _MISSING:
        return None
    text = text.removesuffix("원").strip()
    if text[:1] in _ARROWS:
        text = _ARROWS[text[0]] + text[1:].strip()
    if found := _ROUNDED.fullmatch(text):
        return float(found[1]) * _SCALES[found[2]]
    if _THOUSANDS.fullmatch(text):
        text = text.replace(",", "")
    if not _PLAIN.fullmatch(text):
        raise UnreadableError("bad_number")
    return float(text)


_RELATIVE: Final = re.compile(r"[전제금]\s*$")


def read_published(text: str, now: datetime) -> "datetime | date":
    """A moment, or the day alone where there is no time. Raises UnreadableError('bad_date').

    '2시간 전' is of a page when it was saved, so it says nothing in a file.
    """
    text = text[:_LONGEST].strip()
    if _RELATIVE.search(text):
        raise UnreadableError("bad_date")
    if _SERIAL.fullmatch(text) or _EPOCH_MS.fullmatch(text) or text.endswith(".0"):
        return read_day(text)
    found = parse_published(text, now)
    if found.at is None:
        raise UnreadableError("bad_date")
    if found.future or found.at >= now:
        raise UnreadableError("future_date")
    return found.at.astimezone(KST).date() if found.precision is Precision.DAY else found.at
