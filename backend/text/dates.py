"""Parser of the times that Korean sources write. An unknown form is None, never "now".

A time without a zone is Korean time. Each result has the precision in which the source wrote it.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

from backend.clock import KST
from backend.domain.news import Precision

LONGEST: Final = 60  # letters; the longest form below has 40
FUTURE_TOLERANCE: Final = timedelta(minutes=2)  # clocks of publishers differ by seconds; more is an embargo or an error
_MONTHS = {
    name: i
    for i, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), start=1
    )
}
_ZONE = r"(?P<zone>Z|GMT|UTC|KST|[+-]\d{2}:?\d{2})"
_MAIL = re.compile(
    rf"(?:\w{{1,3}},\s*)?(?P<d>\d{{1,2}}) (?P<month>[A-Za-z]{{3}}) (?P<y>\d{{4}})"
    rf" (?P<H>\d{{2}}):(?P<M>\d{{2}})(?::(?P<S>\d{{2}}))?\s*{_ZONE}"
)
_ISO = re.compile(
    r"(?P<y>\d{4})[-./](?P<m>\d{1,2})[-./](?P<d>\d{1,2})\.?"
    r"(?:(?:T|\s+)(?:(?P<half>오전|오후)\s*)?(?P<H>\d{1,2}):(?P<M>\d{2})(?::(?P<S>\d{2})(?:\.\d+)?)?\s*" + _ZONE + "?)?"
)
_DIGITS = re.compile(r"(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})(?:(?P<H>\d{2})(?P<M>\d{2})(?P<S>\d{2})?)?")
_AGO = re.compile(r"(?P<n>\d{1,3})\s*(?P<unit>초|분|시간|일|주|개월)\s*전")


@dataclass(frozen=True, slots=True)
class Published:
    """A publication time, at most the time of the fetch. `future`: the source claimed a later one."""

    at: datetime | None
    precision: Precision
    future: bool = False


UNKNOWN: Final = Published(None, Precision.NONE)


def parse_published(text: str, fetched_at: datetime) -> Published:
    """The time written in `text`, which was fetched at `fetched_at` (aware). `UNKNOWN` for any other text."""
    text = text.strip()
    if len(text) > LONGEST:
        return UNKNOWN
    for pattern, read in _READERS:
        found = pattern.fullmatch(text)
        if found:
            try:
                return _clamped(*read(found.groupdict(), fetched_at), fetched_at)
            except (ValueError, OverflowError):
                return UNKNOWN
    return UNKNOWN


def _clamped(at: datetime, precision: Precision, fetched_at: datetime) -> Published:
    if at <= fetched_at:
        return Published(at.astimezone(UTC), precision)
    return Published(fetched_at, precision, future=at > fetched_at + FUTURE_TOLERANCE)


def _zone(text: str | None) -> timezone | None:
    if text is None or text == "KST":
        return None
    if text in ("Z", "GMT", "UTC"):
        return UTC
    sign = -1 if text[0] == "-" else 1
    return timezone(sign * timedelta(hours=int(text[1:3]), minutes=int(text[-2:])))


def _hour(parts: dict[str, str | None]) -> int:
    hour = int(parts["H"] or 0)
    half = parts.get("half")
    if half is None:
        return hour
    if not 1 <= hour <= 12:
        raise ValueError(hour)
    return hour % 12 + (12 if half == "오후" else 0)


def _moment(parts: dict[str, str | None], _fetched_at: datetime) -> tuple[datetime, Precision]:
    month = _MONTHS[name.lower()] if (name := parts.get("month")) else int(parts["m"] or 0)
    zone = _zone(parts.get("zone")) or KST
    day = datetime(int(parts["y"] or 0), month, int(parts["d"] or 0), tzinfo=zone)
    if parts["H"] is None:
        return day, Precision.DAY
    at = day.replace(hour=_hour(parts), minute=int(parts["M"] or 0), second=int(parts["S"] or 0))
    return at, Precision.SECOND if parts["S"] else Precision.MINUTE


def _mail(parts: dict[str, str | None], fetched_at: datetime) -> tuple[datetime, Precision]:
    if str(parts["month"]).lower() not in _MONTHS:
        raise ValueError(parts["month"])
    return _moment(parts, fetched_at)


def _ago(parts: dict[str, str | None], fetched_at: datetime) -> tuple[datetime, Precision]:
    """'2시간 전' (2 hours ago) is up to an hour off, so anything coarser than minutes has day precision."""
    count, unit = int(parts["n"] or 0), parts["unit"]
    seconds = {"초": 1, "분": 60, "시간": 3_600, "일": 86_400, "주": 604_800, "개월": 2_592_000}[str(unit)]
    at = fetched_at - timedelta(seconds=count * seconds)
    return at, Precision.MINUTE if unit in ("초", "분") else Precision.DAY


def _word(parts: dict[str, str | None], fetched_at: datetime) -> tuple[datetime, Precision]:
    if parts["word"] == "방금":
        return fetched_at, Precision.MINUTE
    return fetched_at - timedelta(days=1), Precision.DAY


_Reader = Callable[[dict[str, str | None], datetime], tuple[datetime, Precision]]
_READERS: tuple[tuple[re.Pattern[str], _Reader], ...] = (
    (_MAIL, _mail),
    (_ISO, _moment),
    (_DIGITS, _moment),
    (_AGO, _ago),
    (re.compile(r"(?P<word>방금|어제)(?:\s*전)?"), _word),
)
