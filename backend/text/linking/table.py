"""The names of all known stocks, and the finding of those that a text writes: the longest at each beginning of a word.

A name is looked up by the letters of the text, in the lengths that names with the same first two letters have, so that
the time of a title does not depend on how many names there are.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

from backend.domain.news import LinkMethod
from backend.text.linking.boundaries import GROUP, RIGHT, WORDS
from backend.text.linking.spelling import fold_key, spellings


class Rank(IntEnum):
    """Whose a name is when two stocks claim it: the lower wins."""

    OWN = 0  # the name that the exchange lists the stock by
    OWNER = 1  # an alias that the installation's owner gave
    OTHER = 2  # an earlier, legal or English name, or one of the shipped file


@dataclass(frozen=True, slots=True)
class Name:
    """A name of one stock, or of several that share it. `key`: folded, without blanks."""

    key: str
    codes: tuple[str, ...]
    method: LinkMethod
    rank: Rank

    @property
    def is_broker(self) -> bool:
        return self.key.endswith("증권")


class Mention(NamedTuple):
    """A known name at text[start:end]."""

    name: Name
    start: int
    end: int


class NameTable:
    """Names by their spellings."""

    def __init__(self) -> None:
        self._by_key: dict[str, Name] = {}
        self._spelled: dict[str, str] = {}
        self._lengths: dict[str, tuple[int, ...]] = {}

    def add(self, name: str, code: str, rank: Rank) -> None:
        """Add a name of two letters or more. One that another stock has with a lower rank stays that stock's."""
        key = fold_key(name)
        if len(key) < 2:
            return
        method = LinkMethod.NAME if rank is Rank.OWN else LinkMethod.ALIAS
        known = self._by_key.get(key)
        if known is None or rank < known.rank:
            self._by_key[key] = Name(key, (code,), method, rank)
        elif rank == known.rank and code not in known.codes:
            self._by_key[key] = Name(key, (*known.codes, code), method, rank)
        for spelled in spellings(name):
            self._spelled[spelled] = key
            lengths = self._lengths.get(spelled[:2], ())
            if len(spelled) not in lengths:
                self._lengths[spelled[:2]] = tuple(sorted((*lengths, len(spelled)), reverse=True))

    def keys_of(self, codes: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """The names (keys) of each of these stocks."""
        wanted: dict[str, list[str]] = {code: [] for code in codes}
        for key, name in self._by_key.items():
            for code in name.codes:
                if code in wanted:
                    wanted[code].append(key)
        return {code: tuple(keys) for code, keys in wanted.items()}

    def find(self, text: str) -> list[Mention]:
        """Mentions in a folded text, in order. The name of a group ('현대차그룹') is none."""
        found: list[Mention] = []
        lengths, spelled = self._lengths, self._spelled
        end = 0
        for word in WORDS.finditer(text):
            start = word.start()
            if start < end:
                continue
            for length in lengths.get(text[start : start + 2], ()):
                stop = start + length
                key = spelled.get(text[start:stop])
                if key is None:
                    continue
                if GROUP.match(text, stop):
                    end = stop
                    break
                if RIGHT.match(text, stop):
                    end = stop
                    found.append(Mention(self._by_key[key], start, stop))
                    break
        return found
