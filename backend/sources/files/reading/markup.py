"""Tables in markup: the HTML that KIND calls .xls, and XML of records such as DART's list of companies."""

import io
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Final
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

from backend.errors import InvalidInputError
from backend.sources.files.reading.delimited import Row

_CELL_LIMIT: Final = 10_000
_OPEN_LIMIT: Final = 100_000  # letters of a tag or comment that has not ended
_COLUMNS_LIMIT: Final = 200


class _TableParser(HTMLParser):
    """Collects the rows of all tables; the caller takes them away after each piece."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.rows: list[Row] = []
        self._cells: list[list[str]] = []
        self._letters = 0  # of the cell
        self._in_cell = False

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002  (the form of HTMLParser)
        if tag == "tr":
            self._end_row()
        elif tag in ("td", "th") and len(self._cells) < _COLUMNS_LIMIT:
            self._cells.append([])
            self._letters, self._in_cell = 0, True

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th"):
            self._in_cell = False
        elif tag in ("tr", "table"):
            self._end_row()

    def handle_data(self, data: str) -> None:
        if self._in_cell and self._letters < _CELL_LIMIT:
            self._cells[-1].append(data[:_CELL_LIMIT])
            self._letters += len(data)

    def _end_row(self) -> None:
        if self._cells:
            self.rows.append(Row(self.getpos()[0], [" ".join("".join(cell).split()) for cell in self._cells]))
        self._cells, self._in_cell = [], False


def read_html(lines: Iterator[str]) -> Iterator[Row]:
    """Every row of every table in the order of the file."""
    parser = _TableParser()
    for line in lines:
        parser.feed(line)
        if len(parser.rawdata) > _OPEN_LIMIT:  # it is looked through again with each line
            raise InvalidInputError("A tag or comment of the HTML is never closed; save the table as CSV.")
        yield from parser.rows
        parser.rows.clear()
    parser.close()
    yield from parser.rows


def read_xml(stream: io.BufferedIOBase, names: tuple[str, ...]) -> Iterator[Row]:
    """The elements that have children, each a row of the texts of its `names`; numbered from 1."""
    number = 0
    try:
        for _, element in iterparse(stream):
            texts = {child.tag: (child.text or "").strip() for child in element}
            if names[0] in texts:
                number += 1
                yield Row(number, [texts.get(name, "") for name in names])
                element.clear()  # 100,000 companies would take 150 MB
    except ParseError:
        yield Row(number + 1, [], "cut_row")
    except (DefusedXmlException, ValueError):
        raise InvalidInputError("The XML declares entities, which azak does not read; write it as CSV.") from None
