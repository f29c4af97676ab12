"""The kept list of breaks, breaks.toml: what it holds, how it is read, and how a break is put into a file."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LIST = Path(__file__).with_name("breaks.toml")
BY_HAND = "hand"


class StaleListError(Exception):
    """The code has changed below the list."""


@dataclass(frozen=True, slots=True)
class Break:
    """One small break of a rule.

    `old` occurs exactly once in `file`; `tests` are pytest's arguments; `source` is "hand" or the draw, as "seed 7";
    `equivalent` says why nobody can notice the break, and is empty as a rule.
    """

    file: str
    old: str
    new: str
    tests: tuple[str, ...]
    source: str = BY_HAND
    equivalent: str = ""

    @property
    def name(self) -> str:
        """As tables show it: file and the changed line."""
        return f"{self.file}: {' '.join(self.old.split())} -> {' '.join(self.new.split())}"


def read_list(path: Path = LIST) -> list[Break]:
    """The breaks of the list, in its order."""
    entries = tomllib.loads(path.read_text())["break"]
    return [Break(**entry | {"tests": tuple(entry["tests"])}) for entry in entries]


def broken_text(item: Break, root: Path = ROOT) -> str:
    """The text of the file with the break in it. Raises StaleListError."""
    path = root / item.file
    if not path.is_file():
        raise StaleListError(f"the list is stale: {item.file} does not exist; correct or remove {item.name!r}.")
    text = path.read_text()
    found = text.count(item.old)
    if found != 1:
        raise StaleListError(f"the list is stale: {item.file} holds {item.old!r} {found} times instead of once.")
    return text.replace(item.old, item.new)
