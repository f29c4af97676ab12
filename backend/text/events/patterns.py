"""Reads the word lists of `lexicon/` (TOML) and makes patterns of them.

An entry is a regular expression over a ready title; `{name}` in it stands for the entry of that name in the file's
[parts]. Every repeat in them is bounded, so that a search takes time linear in the title.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from importlib import resources
from typing import Any, Final

_PART = re.compile(r"\{([a-z_]+)\}")
_FOLDER: Final = resources.files("backend.text.events.lexicon")


def read_words(name: str) -> dict[str, Any]:
    """The tables of one file. Raises tomllib.TOMLDecodeError for one that is broken."""
    return tomllib.loads((_FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


def either(entries: Sequence[str], parts: Mapping[str, Sequence[str]] | None = None) -> str:
    """One expression that finds any of `entries`, their parts filled in."""

    def fill(found: re.Match[str]) -> str:
        return either((parts or {})[found[1]], parts)

    return "|".join(_PART.sub(fill, entry) for entry in entries)


def pattern(entries: Sequence[str], parts: Mapping[str, Sequence[str]] | None = None) -> re.Pattern[str]:
    return re.compile(either(entries, parts))
