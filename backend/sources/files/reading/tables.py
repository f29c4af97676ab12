"""Any file as one table: header, rows of text with line numbers, and how it was read."""

import io
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import Final

from backend.errors import InvalidInputError
from backend.sources.files.reading import documents, markup, workbook
from backend.sources.files.reading.columns import FIELDS, NEEDED, Columns, listed, match
from backend.sources.files.reading.delimited import DELIMITERS, HEADER_WITHIN, Row, read_delimited
from backend.sources.files.reading.encodings import find_encoding, read_lines
from backend.sources.files.reading.unpacking import Unpacking

_BLANK_LINES: Final = 20
_SHOWN_ROWS: Final = 3
_SHOWN_LETTERS: Final = 300
_XML_FIELDS: Final = ("corp_code", "corp_name", "stock_code", "modify_date")


@dataclass(frozen=True, slots=True)
class Said:
    """What the person says where the file does not: field -> column, and how it is written."""

    columns: Mapping[str, str] = field(default_factory=dict)
    encoding: str | None = None
    delimiter: str | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """`form`: delimited, json, html, xml or workbook. `is_cut` after all rows: the archive ended early."""

    form: str
    encoding: str
    delimiter: str | None
    header_line: int
    columns: Columns
    rows: Iterator[Row]
    is_cut: Callable[[], bool]


@contextmanager
def open_table(kind: str, reopen: Callable[[], io.BufferedIOBase], said: Said) -> Iterator[Table]:
    """The table of a file of this kind (prices, news, listed). Raises InvalidInputError, which shows the header of an
    unknown layout and asks for a mapping.
    """
    unpacking = Unpacking(reopen)
    try:
        yield _open(kind, unpacking, said)
    finally:
        unpacking.close()


def _open(kind: str, unpacking: Unpacking, said: Said) -> Table:
    if unpacking.is_workbook:
        return _with_header(kind, "workbook", workbook.read_workbook(unpacking), said, unpacking)
    encoding = find_encoding(unpacking, said.encoding)
    lines = read_lines(unpacking.open(), encoding)
    sample = list(islice(lines, _BLANK_LINES))
    begins = "".join(line[:_SHOWN_LETTERS] for line in sample).lstrip("\ufeff \t\r\n").lower()
    lines = chain(sample, lines)
    if begins.startswith("<?xml") and kind == "listed":
        return _read_xml(kind, unpacking, encoding)
    if begins.startswith("<"):
        return _with_header(kind, "html", markup.read_html(lines), said, unpacking, encoding=encoding)
    if begins.startswith(("{", "[")):
        header, rows = documents.read_json(lines)
        columns = match(kind, header, said.columns)
        return _required(kind, Table("json", encoding, None, 0, columns, rows, lambda: unpacking.is_cut))
    found = read_delimited(kind, lines, said.columns, said.delimiter)
    return _required(
        kind,
        Table(
            "delimited", encoding, found.delimiter, found.header_line, found.columns, found.rows,
            lambda: unpacking.is_cut,
        ),
    )  # fmt: skip


def _read_xml(kind: str, unpacking: Unpacking, encoding: str) -> Table:
    rows = markup.read_xml(unpacking.open(), _XML_FIELDS)
    return Table("xml", encoding, None, 0, match(kind, _XML_FIELDS), rows, lambda: unpacking.is_cut)


def _with_header(
    kind: str, form: str, rows: Iterator[Row], said: Said, unpacking: Unpacking, *, encoding: str = "utf-8"
) -> Table:
    """The header is the first of the rows that names most fields."""
    sample = list(islice(rows, HEADER_WITHIN))
    known = [len(match(kind, row.cells).places) for row in sample]
    number = known.index(max(known)) if known else 0
    header = sample[number] if sample else Row(0, [])
    columns = match(kind, header.cells, said.columns)
    following = (row for row in chain(sample[number + 1 :], rows) if any(row.cells) or row.fault)
    return _required(kind, Table(form, encoding, None, header.line, columns, following, lambda: unpacking.is_cut))


def _required(kind: str, table: Table) -> Table:
    """The table as it is. Raises InvalidInputError for one whose columns are not those of this kind."""
    missing = [name for name in NEEDED[kind] if name not in table.columns.places]
    if "변동폭" in table.columns.folded:
        raise InvalidInputError(
            "This is a pykrx file of price changes over a range (변동폭), whose 시가 is of another day; export daily "
            "bars with get_market_ohlcv instead."
        )
    if not missing:
        return table
    rows = [" | ".join(row.cells)[:_SHOWN_LETTERS] for row in islice(table.rows, _SHOWN_ROWS)]
    wanted = " ".join(f"--map {name}=COLUMN" for name in missing)
    if not table.columns.header:
        raise InvalidInputError("The file is empty; load it down again.")
    raise InvalidInputError(
        f"azak does not know this layout: no column for {', '.join(missing)} of {kind}. Its header is "
        f"[{listed(table.columns.header)}]; first rows: {' // '.join(rows) or 'none'}. If it holds {kind}, say which "
        f"columns they are: {wanted}."
    )


def repeat_options(kind: str, table: Table) -> list[str]:
    """Options that say what was found, so that the same file is read the same way again."""
    options = [f"--encoding {table.encoding}"] if table.form == "delimited" else []
    if table.delimiter is not None:
        options.append(f"--delimiter {DELIMITERS[table.delimiter]}")
    assert set(table.columns.places) <= set(FIELDS[kind])
    return options + [f"--map {name}='{column}'" for name, column in table.columns.named().items() if column]
