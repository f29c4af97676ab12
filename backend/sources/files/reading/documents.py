"""JSON files: a document that holds a list of objects, as web services answer, or one object a line."""

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import Any, Final

from backend.errors import InvalidInputError
from backend.sources.files.reading.delimited import Row

DOCUMENT_LIMIT: Final = 20_000_000  # letters: it is held whole, ten times as large; a day of the KRX has 1.2 million
_DEPTH: Final = 5
_KEYS_FROM: Final = 200  # lines whose keys are the columns of a file with one object a line
Table = tuple[tuple[str, ...], Iterator[Row]]


def read_json(lines: Iterator[str]) -> Table:
    """Header and rows of the longest list of objects. Raises InvalidInputError."""
    first = next((line for line in lines if line.strip()), "")
    second = next((line for line in lines if line.strip()), "")
    if _is_object(first) and (not second or second.lstrip().startswith("{")) and not _longest(_load(first)):
        return _read_lines(chain([first], [second] if second else [], lines))
    document = "".join(_bounded(chain([first, second], lines)))
    objects = _longest(_load(document))
    if not objects:
        raise InvalidInputError("The JSON holds no list of objects; azak reads a list, or one object a line.")
    header = tuple(dict.fromkeys(str(key) for one in objects for key in one))
    return header, (Row(number, _cells(one, header)) for number, one in enumerate(objects, start=1))


def _bounded(lines: Iterator[str]) -> Iterator[str]:
    letters = 0
    for line in lines:
        letters += len(line)
        if letters > DOCUMENT_LIMIT:
            raise InvalidInputError("The JSON is longer than 20 MB; write it as CSV, or with one object a line.")
        yield line


def _load(text: str) -> Any:
    """Numbers stay as they are written, because a code loses its zeros as a number and a price its digits."""
    try:
        return json.loads(text, parse_int=str, parse_float=str, parse_constant=lambda _: None)
    except (ValueError, RecursionError):
        return None


def _is_object(line: str) -> bool:
    return line.lstrip().startswith("{") and isinstance(_load(line), dict)


def _longest(value: Any, depth: int = 0) -> Sequence[Mapping[str, Any]]:
    """The longest list of objects within `value`, or one object that stands where a list of one would."""
    if isinstance(value, list):
        objects = [one for one in value if isinstance(one, dict) and one]  # KIS sends empty ones, too
        inner = [] if depth >= _DEPTH else [_longest(one, depth + 1) for one in objects[:3]]
        return max([objects, *inner], key=len)
    if isinstance(value, dict) and depth < _DEPTH:
        return max((_longest(one, depth + 1) for one in value.values()), key=len, default=[])
    return []


def _read_lines(lines: Iterator[str]) -> Table:
    head = list(islice(lines, _KEYS_FROM))
    parsed = [one for line in head if isinstance(one := _load(line), dict)]
    header = tuple(dict.fromkeys(str(key) for one in parsed for key in one))
    return header, _rows(chain(head, lines), header)


def _rows(lines: Iterator[str], header: Sequence[str]) -> Iterator[Row]:
    for number, line in enumerate(lines, start=1):
        if line.strip():
            one = _load(line)
            yield Row(number, _cells(one, header)) if isinstance(one, dict) else Row(number, [], "no_object")


def _cells(one: Mapping[str, Any], header: Sequence[str]) -> list[str]:
    return [_text(one.get(name)) for name in header]


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ",".join(_text(part) for part in value if not isinstance(part, list))
    text = "" if value is None or isinstance(value, dict) else str(value)
    # Escapes of JSON make what no text of a file can hold and no database stores: NUL and halves of letters.
    return text if text.isascii() and "\0" not in text else text.replace("\0", "").encode("utf-8", "ignore").decode()
