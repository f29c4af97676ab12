"""Makes plain text of a report, which is Markdown with escaped text from outside: for terminals and pipes."""

import html
import re
from collections.abc import Iterator, Sequence
from typing import Final

from rich.cells import cell_len, set_cell_size

from backend.cli.output import printable

# One of: an escaped character, a link to a news item, a mark of bold or italic text.
_MARKUP: Final = re.compile(r"\\([!-/:-@\[-`{-~])|\[[^\[\]\\]*\]\(/api/news/(\d+)\)|\*\*|(?<!\w)_|_(?!\w)")
_CELLS: Final = re.compile(r"(?<!\\)\|")
_RULE: Final = re.compile(r"^\|[ :|-]+\|$")


def report_lines(markdown: str, news: str) -> Iterator[tuple[str, bool]]:
    """Lines of a report as plain text, and whether each is a heading. `news`: the word before the id of a news item."""
    table: list[list[str]] = []
    for line in markdown.splitlines():
        if _RULE.match(line):
            continue
        if line.startswith("|"):
            table.append([_plain(cell.strip(), news) for cell in _CELLS.split(line)[1:-1]])
            continue
        yield from _aligned(table)
        table = []
        heading = line.lstrip("#")
        yield _plain(heading.strip() if heading != line else line, news), heading != line
    yield from _aligned(table)


def _plain(text: str, news: str) -> str:
    def replaced(mark: re.Match[str]) -> str:
        if mark[1]:
            return mark[1]
        return f"{news} {mark[2]}" if mark[2] else ""

    return printable(html.unescape(_MARKUP.sub(replaced, text)))


def _aligned(rows: Sequence[Sequence[str]]) -> Iterator[tuple[str, bool]]:
    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    for number, row in enumerate(rows):
        line = "  ".join(set_cell_size(cell, width) for cell, width in zip(row, widths, strict=True))
        yield line.rstrip(), number == 0
