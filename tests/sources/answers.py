"""Answers of sources as the client hands them to parsers, made by hand."""

import io
import json
import zipfile
from datetime import UTC, datetime
from typing import Any

from backend.sources.http.client import Answer

SEEN = datetime(2026, 10, 3, 3, 0, tzinfo=UTC)  # 12:00 in Seoul


def answer(body: bytes, *, status: int = 200, content_type: str = "text/plain;charset=UTF-8") -> Answer:
    return Answer(status, body, content_type, None, None, SEEN)


def json_answer(body: Any, *, status: int = 200) -> Answer:
    return answer(json.dumps(body).encode(), status=status, content_type="application/json")


def zipped(name: str, content: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return packed.getvalue()
