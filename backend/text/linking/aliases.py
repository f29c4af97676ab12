"""The names that azak ships for listed stocks beside their own: of the press, legal, English and earlier ones.

`aliases.csv` has a line `code,alias` each. An installation adds its own with `azak stocks alias CODE NAME`.
"""

import csv
from functools import cache
from importlib import resources
from typing import Final

from backend.domain.market import STOCK_CODE

FILE: Final = "aliases.csv"


@cache
def load_aliases() -> tuple[tuple[str, str], ...]:
    """(code, alias) of the shipped file, in its order. Raises ValueError with the line that is none."""
    text = resources.files(__package__).joinpath(FILE).read_text(encoding="utf-8")
    rows = []
    for line, row in enumerate(csv.reader(text.splitlines()[1:]), start=2):
        if len(row) != 2 or not STOCK_CODE.match(row[0]) or len(row[1].strip()) < 2:
            raise ValueError(f"Line {line} of {FILE} is no 'code,alias'; mend it.")
        rows.append((row[0], row[1].strip()))
    return tuple(rows)
