"""How commands print: tables for people, JSON for programs. rich itself honours NO_COLOR and pipes."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

console = Console(highlight=False)


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
        table.add_row(*("-" if row.get(key) is None else str(row[key]) for key in columns))
    console.print(table)


def print_fields(values: Mapping[str, Any]) -> None:
    """One `name  value` line each."""
    width = max(map(len, values), default=0)
    for name, value in values.items():
        console.print(f"{name:<{width}}  {'-' if value is None else value}", markup=False)
