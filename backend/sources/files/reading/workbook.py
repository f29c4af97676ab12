"""The first sheet of an Excel workbook (.xlsx) as rows of text, read as a stream with the XML parser that azak has.

A workbook is a zip of XML: texts once in `sharedStrings.xml`, cells by reference in `sheet1.xml`. Codes that Excel made
numbers come as numbers ("5930"), days as serials; `values` reads both. Formulas count by their stored result.
"""

import re
import zipfile
from collections.abc import Iterator
from typing import Any, Final, cast
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

from backend.errors import InvalidInputError
from backend.sources.files.reading.delimited import Row
from backend.sources.files.reading.unpacking import Unpacking

_SHEET: Final = re.compile(r"xl/worksheets/sheet\d+\.xml")
_STRINGS: Final = "xl/sharedStrings.xml"
_STRINGS_LIMIT: Final = 50_000_000  # letters: BigKinds gives at most 20,000 articles a file
_COLUMNS_LIMIT: Final = 200
_NS: Final = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def read_workbook(unpacking: Unpacking) -> Iterator[Row]:
    """Rows of the first sheet, blanks filled in. Raises InvalidInputError for a workbook that is broken or too big."""
    try:
        with unpacking.open_archive() as archive:
            sheets = sorted((n for n in archive.namelist() if _SHEET.fullmatch(n)), key=lambda n: (len(n), n))
            if not sheets:
                raise InvalidInputError("The workbook has no sheet; save it as CSV (UTF-8).")
            strings = _read_strings(unpacking, archive) if _STRINGS in archive.namelist() else []
            with archive.open(sheets[0]) as member:
                for element in _elements(unpacking.bounded(member), "row"):
                    yield Row(int(element.get("r") or 0), _cells(element, strings))
    except (zipfile.BadZipFile, ParseError, DefusedXmlException, OSError, ValueError, NotImplementedError):
        raise InvalidInputError("The workbook is broken or protected; save it as CSV (UTF-8).") from None


def _elements(stream: Any, name: str) -> Iterator[Element]:
    """Elements as they end, each forgotten after its use."""
    root = None
    for event, element in iterparse(stream, events=("start", "end")):
        root = element if root is None else root
        if event == "end" and element.tag == _NS + name:
            yield cast(Element, element)
            element.clear()
            root.clear()


def _read_strings(unpacking: Unpacking, archive: zipfile.ZipFile) -> list[str]:
    strings, letters = [], 0
    with archive.open(_STRINGS) as member:
        for element in _elements(unpacking.bounded(member), "si"):
            text = "".join(part.text or "" for part in element.iter(_NS + "t"))
            letters += len(text)
            if letters > _STRINGS_LIMIT:
                raise InvalidInputError("The workbook holds more than 50 MB of text; save it as CSV (UTF-8).")
            strings.append(text)
    return strings


def _cells(row: Element, strings: list[str]) -> list[str]:
    cells: list[str] = []
    for cell in row.iter(_NS + "c"):
        place = _column(cell.get("r") or "")
        place = len(cells) if place is None else place
        if place < _COLUMNS_LIMIT:
            cells += [""] * (place + 1 - len(cells))
            cells[place] = _text(cell, strings)
    return cells


def _column(reference: str) -> int | None:
    """'C7' -> 2; None where a cell does not say its place."""
    letters = reference.rstrip("0123456789")
    if not letters.isascii() or not letters.isalpha() or len(letters) > 3:
        return None
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number - 1


def _text(cell: Element, strings: list[str]) -> str:
    if cell.get("t") == "inlineStr":
        return "".join(part.text or "" for part in cell.iter(_NS + "t"))
    value = cell.findtext(_NS + "v") or ""
    if cell.get("t") == "s":
        place = int(value)
        return strings[place] if 0 <= place < len(strings) else ""
    return value
