"""Output of commands: tables for people, JSON for programs; times in KST. rich handles NO_COLOR and pipes."""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from backend.clock import KST

console = Console(highlight=False)
_MOMENT = re.compile(r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}")


def print_json(value: Any) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=2, default=str))


def print_rows(rows: Sequence[Mapping[str, Any]], columns: Mapping[str, str], *, empty: str) -> None:
    """A table whose `columns` map a row's keys to headings; the sentence `empty` when there is no row."""
    if not rows:
        console.print(empty)
        return
    table = Table(box=None, pad_edge=False)
    for heading in columns.values():
        table.add_column(heading)
    for row in rows:
        table.add_row(*(cell(row.get(key)) for key in columns))
    console.print(table)


def cell(value: Any) -> str:
    """Format a value for people: times as Seoul wall-clock time, None as "-"."""
    if isinstance(value, str) and _MOMENT.match(value):
        return f"{datetime.fromisoformat(value).astimezone(KST):%m-%d %H:%M:%S}"
    return "-" if value is None else escape(str(value))


def print_fields(values: Mapping[str, Any]) -> None:
    """Print one `name  value` line per item."""
    width = max(map(len, values), default=0)
    for name, value in values.items():
        console.print(f"{name:<{width}}  {'-' if value is None else value}", markup=False)
