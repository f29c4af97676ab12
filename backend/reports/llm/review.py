"""Checks every sentence of an answer against the facts; what fails one check is dropped.

The reasons are counted for the ledger. If more than 30 % of the sentences of a language fall, nothing of the answer is
used, because the rest of it cannot be trusted either.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from backend.reports.llm.answer import Answer, Prose, Statement
from backend.reports.llm.directions import contradicts
from backend.reports.llm.facts import Fact, Facts
from backend.reports.llm.numbers import read_names_with_digits, read_numbers, supports
from backend.reports.llm.patterns import either, words
from backend.reports.llm.wording import NamesIn, gives_advice, has_markup, is_in_language, names_unknown

LARGEST_LOSS: Final = 0.3
_INLINE: Final = re.compile(r"\s*\[([a-z]+[_\d]*)\]")
_USUAL: Final = either("평소|보통|통상|움직임", words("usual usually typical normal move moves moved"))
_SENTENCE_END: Final = re.compile(r"(?<=[.!?。…])\s+")


@dataclass(frozen=True, slots=True)
class Line:
    """A checked sentence or more, with the ids of the facts that it cites."""

    text: str
    cites: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What is left of one language; `headline` and `why` may be empty."""

    headline: str
    why: str
    changes: tuple[Line, ...]
    drivers: tuple[Line, ...]
    risks: tuple[Line, ...]
    watch: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Review:
    """Both languages after the check. `dropped`: sentences by the reason for which they fell, of `sentences`."""

    languages: Mapping[str, Reviewed]
    sentences: int
    dropped: Mapping[str, int]
    is_usable: bool


def _no_names(_text: str) -> frozenset[str]:
    return frozenset()


def review(facts: Facts, answer: Answer, names_in: NamesIn = _no_names) -> Review:
    """Check the answer. `names_in` finds names of listed companies in a text."""
    readers = {"ko": _Reader(facts, "ko", names_in), "en": _Reader(facts, "en", names_in)}
    languages = {name: readers[name].read(getattr(answer, name)) for name in readers}
    dropped: Counter[str] = Counter()
    for reader in readers.values():
        dropped += reader.dropped
    return Review(
        languages=languages,
        sentences=sum(reader.sentences for reader in readers.values()),
        dropped=dict(dropped),
        is_usable=all(reader.is_usable and _says_something(languages[name]) for name, reader in readers.items()),
    )


def _says_something(reviewed: Reviewed) -> bool:
    return bool(reviewed.why or reviewed.drivers)


class _Reader:
    """Checks one language and counts what falls."""

    def __init__(self, facts: Facts, language: str, names_in: NamesIn) -> None:
        self._facts, self._language, self._names_in = facts, language, names_in
        self._seen: set[str] = set()
        self.sentences = 0
        self.dropped: Counter[str] = Counter()

    @property
    def is_usable(self) -> bool:
        return self.sentences > 0 and sum(self.dropped.values()) <= LARGEST_LOSS * self.sentences

    def read(self, prose: Prose) -> Reviewed:
        return Reviewed(
            headline=self._keep(prose.headline),
            why=self._keep(prose.why),
            changes=self._lines(prose.changes),
            drivers=self._statements(prose.drivers),
            risks=self._statements(prose.risks),
            watch=self._lines(prose.watch),
        )

    def _lines(self, lines: Iterable[str]) -> tuple[Line, ...]:
        kept = (Line(self._keep(line)) for line in lines)
        return tuple(line for line in kept if line.text)

    def _statements(self, statements: Iterable[Statement]) -> tuple[Line, ...]:
        kept = (self._statement(statement) for statement in statements)
        return tuple(line for line in kept if line.text)

    def _statement(self, statement: Statement) -> Line:
        """A statement needs a citation, and each of its citations must be a fact of this stock."""
        ids = tuple(dict.fromkeys(one.strip("[] ") for one in statement.cites))
        cited = [self._facts.by_id[one] for one in ids if one in self._facts.by_id]
        if not ids or len(cited) < len(ids):
            sentences = len(_sentences(statement.text))
            self.sentences += sentences
            self.dropped["unknown citation" if ids else "no citation"] += sentences
            return Line("")
        return Line(self._keep(statement.text, cited), ids)

    def _keep(self, text: str, cited: Sequence[Fact] = ()) -> str:
        """The sentences of a text that pass, each once in a report."""
        kept = []
        for written in _sentences(text):
            self.sentences += 1
            inline = set(_INLINE.findall(written)) - set(self._facts.by_id)
            sentence = _INLINE.sub("", written)
            reason = "unknown citation" if inline else self._refusal(sentence, cited)
            if reason is not None:
                self.dropped[reason] += 1
            elif sentence not in self._seen:
                self._seen.add(sentence)
                kept.append(sentence)
        return " ".join(kept)

    def _refusal(self, sentence: str, cited: Sequence[Fact]) -> str | None:
        facts, language = self._facts, self._language
        checks: tuple[tuple[str, Callable[[], bool]], ...] = (
            ("markup", lambda: has_markup(sentence)),
            ("advice", lambda: gives_advice(sentence, facts)),
            ("language", lambda: not is_in_language(sentence, language, facts)),
            ("unsupported number", lambda: has_unsupported_number(sentence, facts, cited)),
            ("unknown name", lambda: names_unknown(sentence, language, facts, self._names_in)),
            ("contradicted direction", lambda: contradicts(sentence, facts, cited)),
        )
        return next((reason for reason, fails in checks if fails()), None)


def _sentences(text: str) -> list[str]:
    return [sentence for part in _SENTENCE_END.split(" ".join(text.split())) if (sentence := part.strip())]


def has_unsupported_number(sentence: str, facts: Facts, cited: Sequence[Fact] = ()) -> bool:
    """Whether a number is in none of the cited facts, or in none at all where nothing is cited."""
    ids = [fact.id for fact in cited] or list(facts.by_id)
    told = [number for one in ids for number in facts.numbers[one]] + list(facts.common_numbers)
    if any(name not in facts.names_with_digits for name in read_names_with_digits(sentence)):
        return True
    if not _USUAL.search(sentence):  # the one multiple of the facts is that of a usual day
        told = [number for number in told if number.unit != "times" or number in facts.multiples_of_titles]
    return any(not any(supports(number, said) for number in told) for said in read_numbers(sentence))
