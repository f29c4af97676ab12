"""Groups near-duplicate titles into stories.

Two titles belong together if the Jaccard index of their character 3-grams is >= 0.5, they are at most 48 h apart, the
numbers of one include those of the other, and their linked stocks intersect (or both have none). The last three
conditions keep apart titles made from a daily template ("market close, 3 March"), which are most pairs without them.
Candidates come from an inverted index of 3-grams.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from backend.text.cleaning import fold

JACCARD: Final = 0.5
WINDOW: Final = timedelta(hours=48)
_TAGS = re.compile(r"\[[^\]]*\]|\([^)]*\)|【[^】]*】|<[^>]*>")
_NUMBERS = re.compile(r"\d+(?:[.,]\d+)*")
_NO_LETTER = re.compile(r"[^0-9a-z가-힣]+")


@dataclass(frozen=True, slots=True)
class Candidate:
    """The fields of an article that grouping needs; `key` is its url_key."""

    key: str
    title: str
    at: datetime
    codes: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Member:
    grams: frozenset[str]
    numbers: frozenset[str]
    at: datetime
    codes: frozenset[str]
    story: int | str


class StoryIndex:
    """Stories in memory. A story is an id of the database, or the key of the first article of a new one."""

    def __init__(self) -> None:
        self._members: list[_Member] = []
        self._by_gram: dict[str, list[int]] = {}

    def add_known(self, candidate: Candidate, story: int) -> None:
        """Add an article whose story is stored already."""
        self._remember(_member(candidate, story))

    def assign(self, candidates: Iterable[Candidate]) -> dict[str, int | str]:
        """Story of each new article by key; a new story has the key of its earliest article."""
        stories: dict[str, int | str] = {}
        for candidate in sorted(candidates, key=lambda item: (item.at, item.key)):
            member = _member(candidate, candidate.key)
            story = self._closest(member)
            stories[candidate.key] = candidate.key if story is None else story
            self._remember(_member(candidate, stories[candidate.key]))
        return stories

    def _closest(self, new: _Member) -> int | str | None:
        shared = Counter(place for gram in new.grams for place in self._recent(gram, new.at))
        best, best_score = None, JACCARD
        for place, count in shared.items():
            known = self._members[place]
            score = count / (len(new.grams) + len(known.grams) - count)
            if score >= best_score and _compatible(new, known):
                best, best_score = known.story, score
        return best

    def _recent(self, gram: str, at: datetime) -> list[int]:
        return [place for place in self._by_gram.get(gram, ()) if abs(self._members[place].at - at) <= WINDOW]

    def _remember(self, member: _Member) -> None:
        place = len(self._members)
        self._members.append(member)
        for gram in member.grams:
            self._by_gram.setdefault(gram, []).append(place)


def _member(candidate: Candidate, story: int | str) -> _Member:
    bare = _TAGS.sub(" ", fold(candidate.title))
    letters = _NO_LETTER.sub("", bare) or _NO_LETTER.sub("", fold(candidate.title))
    grams = frozenset(letters[i : i + 3] for i in range(max(1, len(letters) - 2)))
    numbers = frozenset(number.replace(",", "") for number in _NUMBERS.findall(bare))
    return _Member(grams, numbers, candidate.at, candidate.codes, story)


def _compatible(one: _Member, other: _Member) -> bool:
    if not (one.numbers <= other.numbers or other.numbers <= one.numbers):
        return False
    return bool(one.codes & other.codes) or not (one.codes or other.codes)
