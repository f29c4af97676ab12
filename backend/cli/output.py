"""Output of commands: tables that fit a terminal, one record a line for a pipe, JSON for programs.

On a terminal times are those of Seoul, and what does not fit is cut; ids never are. In a pipe a record is a line of
values between tabs, uncut and without headings, its times as the API gives them (ISO 8601).
"""

import json
import re
import sys
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.text import Text

from backend.clock import KST

console = Console(highlight=False)
_MOMENT = re.compile(r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}")
_GAP: Final = "  "
# A column is not cut to fewer characters: then those at the right are left out.
_LEAST_WIDTH: Final = 6


def is_terminal() -> bool:
    """Whether a person reads along; a pipe or a file is read by a program."""
    return sys.stdout.isatty()


def print_json(value: Any) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=2, default=str))


def say(line: str, style: str = "") -> None:
    """Print a line as it is: no markup, no line break, nothing that controls the terminal."""
    console.print(Text(printable(line), style), soft_wrap=True)


def printable(text: str) -> str:
    """Text from outside without the characters that move the cursor, change colours or turn the direction."""
    spaced = text.translate({9: " ", 10: " ", 13: " "})
    return "".join(character for character in spaced if unicodedata.category(character) not in {"Cc", "Cf", "Cs"})


def print_rows(rows: Sequence[Mapping[str, Any]], columns: Mapping[str, str], *, empty: str) -> None:
    """A table whose `columns` map a row's keys to headings, the id first; without a row the sentence `empty`.

    That sentence goes to stderr in a pipe, so that a program reads no record.
    """
    if not rows:
        print(empty, file=sys.stdout if is_terminal() else sys.stderr)
    elif is_terminal():
        _print_table([[cell(row.get(key)) for key in columns] for row in rows], list(columns.values()))
    else:
        for row in rows:
            print("\t".join(_value(row.get(key)) for key in columns))


def _print_table(rows: Sequence[Sequence[str]], headings: Sequence[str]) -> None:
    widths = [max(map(cell_len, column)) for column in zip(headings, *rows, strict=True)]
    fitting = fit_widths(widths, console.width)
    for number, row in enumerate([headings, *rows]):
        cells = (set_cell_size(_cut(text, width), width) for text, width in zip(row, fitting, strict=False))
        say(_GAP.join(cells).rstrip(), "" if number else "bold")


def fit_widths(widths: Sequence[int], room: int) -> list[int]:
    """Widths of the columns that fit into `room`: the widest shrink first, then those at the right are left out.

    The first column, the id, keeps its width.
    """
    for count in range(len(widths), 1, -1):
        fitting = list(widths[:count])
        excess = sum(fitting) + len(_GAP) * (count - 1) - room
        while excess > 0 and max(fitting[1:]) > _LEAST_WIDTH:
            fitting[1 + fitting[1:].index(max(fitting[1:]))] -= 1
            excess -= 1
        if excess <= 0:
            return fitting
    return list(widths[:1])


def _cut(text: str, width: int) -> str:
    return text if cell_len(text) <= width else f"{set_cell_size(text, width - 1).rstrip()}…"


def cell(value: Any) -> str:
    """Format a value for people: times as Seoul wall-clock time, None as "-"."""
    if isinstance(value, str) and _MOMENT.match(value):
        return f"{datetime.fromisoformat(value).astimezone(KST):%m-%d %H:%M:%S}"
    return "-" if value is None else printable(str(value))


def _value(value: Any) -> str:
    """Format a value for programs: None as nothing."""
    return "" if value is None else printable(str(value))


def print_fields(values: Mapping[str, Any]) -> None:
    """Print one `name  value` line per item."""
    width = max(map(len, values), default=0)
    for name, value in values.items():
        say(f"{name:<{width}}  {'-' if value is None else value}")
