"""Rows of a list as CSV or NDJSON.

A cell that a spreadsheet would take for a formula (it begins with = + - @, a tab or a line break) is written with an
apostrophe in front, which spreadsheets show as text. NDJSON has the values as they are.
"""

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

MEDIA_TYPES: Final = {
    "csv": "text/csv; charset=utf-8; header=present",
    "ndjson": "application/x-ndjson; charset=utf-8",
}
# Also in full width, as Korean and Japanese keyboards write them.
_FORMULA: Final = tuple("=+-@\t\r\n＝＋－＠")


def write_rows(form: str, columns: Sequence[str], rows: Iterable[Mapping[str, Any]], *, is_first: bool) -> bytes:
    """The bytes of some rows; those of CSV begin with the header when they are the first ones."""
    if form == "ndjson":
        return "".join(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n" for row in rows).encode()
    text = io.StringIO()
    writer = csv.writer(text)
    if is_first:
        writer.writerow(columns)
    writer.writerows([_cell(row.get(name)) for name in columns] for row in rows)
    return text.getvalue().encode()


def _cell(value: Any) -> str | int | float:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return value  # type: ignore[no-any-return]  # JSON has nothing else: text and numbers
