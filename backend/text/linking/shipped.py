"""The two data files of linking: other names of listed stocks, and names that need care.

`aliases.csv` has a line `code,alias` for each name of the press, legal, English and earlier one that azak ships; an
installation adds its own with `azak stocks alias CODE NAME`. `kinds.csv` has a line `kind,name` for each name that
means something else as well; its kinds are `Kind`.
"""

import csv
from collections.abc import Iterable, Iterator
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Final

from backend.domain.market import STOCK_CODE

ALIASES: Final = "aliases.csv"
KINDS: Final = "kinds.csv"
SHORTEST: Final = 2  # letters of a name


class Kind(StrEnum):
    """Why a name needs care."""

    HOLDING = "holding"  # a group's name that its listed holding shares
    LIKE_GROUP = "like_group"  # a company that headlines also write for its group
    WORD = "word"  # of the language, a place, a first name, Latin letters that stand for much
    SPONSOR = "sponsor"  # has a team that goes by its name
    PORTAL = "portal"  # signs articles of others
    # Of names of companies, and after it headlines may set a blank ('삼성 전기'). Words of the language (우리, 하나,
    # 한국) are no beginnings: '우리 기술' and '한국 전력' are no companies.
    BEGINNING = "beginning"


@cache
def load_aliases() -> tuple[tuple[str, str], ...]:
    """(code, alias) in the order of the file. Raises ValueError with the first line that is none."""
    rows = tuple(_rows(ALIASES))
    for line, (code, alias) in enumerate(rows, start=2):
        if not STOCK_CODE.match(code) or len(alias) < SHORTEST:
            raise ValueError(f"Line {line} of {ALIASES} is no 'code,alias'; mend it.")
    return rows


def names_of(codes: Iterable[str]) -> frozenset[str]:
    """The names that azak ships of these stocks."""
    return frozenset().union(*(_by_code().get(code, frozenset()) for code in codes))


@cache
def _by_code() -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for code, alias in load_aliases():
        found[code] = found.get(code, frozenset()) | {alias}
    return found


@cache
def load_kind(kind: Kind) -> frozenset[str]:
    """The names of a kind, folded and without blanks as they stand in the file."""
    return frozenset(name for one, name in _rows(KINDS) if one == kind)


def _rows(file: str) -> Iterator[tuple[str, str]]:
    text = resources.files(__package__).joinpath(file).read_text(encoding="utf-8")
    for row in csv.reader(text.splitlines()[1:]):
        first, second = row
        yield first, second.strip()
