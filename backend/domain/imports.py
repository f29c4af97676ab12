"""Files that people bring: the source that all their rows name, and what azak has of a stock before it reads one."""

from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple

FILE_SOURCE: Final = "file"


class StoredBar(NamedTuple):
    """A stored bar as far as a file can tell it. `is_of_file`: a file told it, no live source."""

    open: float | None
    high: float | None
    low: float | None
    close: float
    volume: int
    is_of_file: bool


class StoredSpan(NamedTuple):
    """First and last day of a series that files told, and its kinds of prices (raw, adjusted)."""

    first: date
    last: date
    bases: frozenset[str]


@dataclass(frozen=True, slots=True)
class KnownStock:
    """A code that azak knows. `is_stock`: bars can be stored of it; else it is only in the list of the exchange."""

    code: str
    name: str
    market: str
    is_stock: bool
