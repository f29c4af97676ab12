"""Answers of sources as the client hands them to parsers, made by hand."""

import io
import json
import zipfile
from datetime import UTC, datetime
from typing import Any, Final

from backend.sources.http.client import Answer

SEEN = datetime(2026, 10, 3, 3, 0, tzinfo=UTC)  # 12:00 in Seoul


def answer(
    body: bytes, *, status: int = 200, content_type: str = "text/plain;charset=UTF-8", last_modified: str | None = None
) -> Answer:
    return Answer(status, body, content_type, None, last_modified, SEEN)


def json_answer(body: Any, *, status: int = 200) -> Answer:
    return answer(json.dumps(body).encode(), status=status, content_type="application/json")


def zipped(name: str, content: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return packed.getvalue()


# The tail of a master line field by field, as KIS's header files give them (bytes): what azak reads has a name.
_FROM_BASE: Final = (
    ("base", 9), ("units", 10), ("flags", 3), ("alarm", 5), ("lock", 2), ("par_change", 2), ("increase", 2),
    ("credit", 7), ("volume", 12), ("par_value", 12), ("listed_on", 8), ("shares", 15), ("capital", 21), ("month", 2),
    ("offer", 7), ("preferred", 1),
)  # fmt: skip
TAILS: Final = {
    "KOSPI": (("group", 2), ("size", 1), ("industry", 12), ("indices", 26), *_FROM_BASE, ("figures", 62),
              ("conglomerate", 3), ("loans", 3)),
    "KOSDAQ": (("group", 2), ("size", 1), ("industry", 12), ("indices", 21), *_FROM_BASE, ("figures", 61),
               ("conglomerate", 3), ("loans", 3)),
    "KONEX": (("group", 2), *_FROM_BASE, ("figures", 61), ("loans", 3)),
}  # fmt: skip
_USUAL: Final = {
    "group": "ST", "industry": "002700130000", "base": "000072000", "flags": "NNN", "lock": "00",
    "par_change": "00", "increase": "00", "par_value": "000000000100", "listed_on": "19750611",
    "shares": "000000005919637", "preferred": "0", "conglomerate": "511",
}  # fmt: skip


def master_line(code: str, name: str, market: str = "KOSPI", isin: str = "KR7005930003", **fields: str) -> bytes:
    """A line of a master file; `fields` replace the usual ones."""
    given = _USUAL | fields
    tail = "".join(given.get(field, "").ljust(width)[:width] for field, width in TAILS[market])
    return code.ljust(9).encode() + isin.encode() + name.encode("cp949").ljust(40) + tail.encode("ascii") + b"\n"
