"""Text with delimiters: which delimiter, where the header is below other lines, and the rows with line numbers."""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, islice
from typing import Final

from backend.errors import InvalidInputError
from backend.sources.files.reading.columns import Columns, fold, match

DELIMITERS: Final = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
HEADER_WITHIN: Final = 60  # lines: what stands above a header is a title, a date, a note
_CUT_ROW: Final = "cut_row"
# yfinance writes three header lines since 0.2.51: fields, tickers, and the name of the index.
_FIELDS_LINE, _TICKERS_LINE, _INDEX_LINE = "price", "ticker", "date"


@dataclass(frozen=True, slots=True)
class Row:
    """A record with the number of its (last) line. `fault`: why it is no whole record."""

    line: int
    cells: list[str]
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class Delimited:
    columns: Columns
    delimiter: str
    header_line: int
    rows: Iterator[Row]


class _Lines:
    """Lines of the file, remembering whether the last one had an end."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self.last = "\n"

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        self.last = next(self._lines)
        return self.last

    @property
    def is_cut(self) -> bool:
        """Whether the last line breaks off; one that ends in a quote is whole."""
        return not self.last.endswith(("\n", "\r", '"'))


def read_delimited(kind: str, lines: Iterator[str], said: Mapping[str, str], delimiter: str | None) -> Delimited:
    """The table, its delimiter and header found by the names that azak knows."""
    whole = _Lines(lines)
    sample = list(islice(whole, HEADER_WITHIN))
    tried = [_find_header(kind, sample, given, said) for given in ([delimiter] if delimiter else DELIMITERS)]
    found = max(tried, key=lambda header: header.score)
    replayed = _Replayed(sample, whole)
    records = _records(replayed, found.delimiter)
    header = [next(records) for _ in range(min(found.number + 1, len(sample)))][-1:]
    if found.cells and fold(found.cells[0]) == _FIELDS_LINE:
        columns, records = _unfold_tickers(kind, found.cells, records, said)
    else:
        columns = match(kind, found.cells, said if found.score[0] else None)
    line = header[0].line if header else 0
    return Delimited(columns, found.delimiter, line, _whole_rows(records, replayed, len(columns.header)))


class _Replayed(_Lines):
    """The sample again, then what follows it."""

    def __init__(self, sample: list[str], following: _Lines) -> None:
        super().__init__(chain(sample, following))


@dataclass(frozen=True, slots=True)
class _Header:
    """The record that names most fields. `score`: how many, then how many cells it has."""

    score: tuple[int, int]
    delimiter: str
    number: int
    cells: tuple[str, ...]


def _find_header(kind: str, sample: list[str], delimiter: str, said: Mapping[str, str]) -> _Header:
    best = _Header((-1, 0), delimiter, 0, ())
    for number, row in enumerate(_records(iter(sample), delimiter)):
        columns = match(kind, row.cells)
        known = len(columns.places) + sum(fold(column) in columns.folded for column in said.values())
        if (known, len(row.cells)) > best.score and (known or number == 0):
            best = _Header((known, len(row.cells)), delimiter, number, tuple(row.cells))
    return best


def _records(lines: Iterator[str], delimiter: str) -> Iterator[Row]:
    """Records; a quote that is never closed costs the lines that it swallowed, not the file."""
    reader = csv.reader(lines, delimiter=delimiter, skipinitialspace=True)
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield Row(reader.line_num, [], "open_quote")
        else:
            yield Row(reader.line_num, cells)


def _whole_rows(records: Iterator[Row], lines: _Lines, width: int) -> Iterator[Row]:
    """Rows without blank ones; the last is held back, because a file may break off inside it."""
    held: Row | None = None
    for row in records:
        if held is not None:
            yield held
        held = _checked(row, width) if row.fault or any(cell.strip() for cell in row.cells) else None
    if held is not None:
        yield Row(held.line, held.cells, _CUT_ROW) if lines.is_cut and held.fault is None else held


def _checked(row: Row, width: int) -> Row:
    if row.fault is None and len(row.cells) < width:
        return Row(row.line, row.cells, "few_columns")
    if row.fault is None and len(row.cells) > width and any(cell.strip() for cell in row.cells[width:]):
        return Row(row.line, row.cells, "many_columns")
    return row


def _unfold_tickers(
    kind: str, fields: tuple[str, ...], records: Iterator[Row], said: Mapping[str, str]
) -> tuple[Columns, Iterator[Row]]:
    """One row a ticker and day, from columns that repeat for each ticker."""
    tickers = next(records, Row(0, []))
    index = next(records, Row(0, []))
    if fold((tickers.cells or [""])[0]) != _TICKERS_LINE or fold((index.cells or [""])[0]) != _INDEX_LINE:
        raise InvalidInputError("The header has 'Price' in front but not the lines Ticker and Date of yfinance below.")
    names = list(dict.fromkeys(name.strip() for name in fields[1:]))
    places: dict[str, dict[str, int]] = {}
    for place, (name, ticker) in enumerate(zip(fields[1:], tickers.cells[1:], strict=False), start=1):
        places.setdefault(ticker.strip(), {})[name.strip()] = place

    def rows() -> Iterator[Row]:
        for row in records:
            for ticker, of_ticker in places.items():
                cells = [row.cells[of_ticker[n]] if of_ticker.get(n, 10**6) < len(row.cells) else "" for n in names]
                if row.fault or any(cells):
                    yield Row(row.line, [row.cells[0] if row.cells else "", ticker, *cells], row.fault)

    return match(kind, ("Date", "Ticker", *names), said), rows()
