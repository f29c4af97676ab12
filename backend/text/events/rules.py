"""The rules that give a title its type of event (lexicon/rules.toml)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from backend.text.events.patterns import pattern, read_words
from backend.text.events.words import without_clause, without_epithet


@dataclass(frozen=True, slots=True)
class Rule:
    """One of `cues` stands in the title; `where`, if given, is found; `unless` is not."""

    type: str
    cues: tuple[str, ...]
    where: re.Pattern[str] | None
    unless: re.Pattern[str] | None

    def fits(self, text: str) -> bool:
        """Whether the patterns agree with a title that has a cue, or with a part of it."""
        return self.tells(text) and not self.forbids(text)

    def tells(self, text: str) -> bool:
        """Whether the words of the event stand in `text`, whatever forbids it."""
        return any(cue in text for cue in self.cues) if self.where is None else self.where.search(text) is not None

    def forbids(self, text: str) -> bool:
        return self.unless is not None and self.unless.search(text) is not None


class RuleBook:
    """Rules in their order. Those whose cue stands in a title are looked up by the first two letters of the cue, as
    asking each rule for each of its cues takes ten times as long."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._rules = rules
        self._cues: dict[str, list[tuple[str, int]]] = {}
        for place, rule in enumerate(rules):
            for cue in rule.cues:
                self._cues.setdefault(cue[:2], []).append((cue, place))
        self._letters = [(cue, place) for start, cues in self._cues.items() if len(start) == 1 for cue, place in cues]

    def candidates(self, text: str) -> list[Rule]:
        """The rules with a cue in `text`, in their order."""
        places = {place for letter, place in self._letters if letter in text}
        for begin in range(len(text) - 1):
            for cue, place in self._cues.get(text[begin : begin + 2], ()):
                if text.startswith(cue, begin):
                    places.add(place)
        return [self._rules[place] for place in sorted(places)]


_WORDS: Final = read_words("rules")


def _rule(entry: dict[str, Any]) -> Rule:
    where, unless = (pattern(entry[name], _WORDS["parts"]) if name in entry else None for name in ("where", "unless"))
    return Rule(entry["type"], tuple(entry["cues"]), where, unless)


_VIEWS: Final = tuple(map(_rule, _WORDS["views"]))
_BOOK: Final = RuleBook((*_VIEWS, *map(_rule, _WORDS["rules"])))
VIEW_TYPES: Final = frozenset(rule.type for rule in _VIEWS)
FUTURE: Final = pattern(_WORDS["future"])  # of results that are still to come
COMPARED: Final = pattern(_WORDS["compared"])  # of results that were expected and are there
FEATURES: Final = pattern([*_WORDS["features"], *_WORDS["explains"]])  # a look back or ahead: nothing new happened
LOOKS_BACK: Final = pattern(_WORDS["looks_back"])  # whatever the type: nothing new happened
EXPLAINS: Final = pattern(_WORDS["explains"])  # likewise of the part that they stand in
NEEDS_NEWS: Final = frozenset({"product", "partnership", "investment"})  # their words stand in features too
HOPED: Final = pattern(_WORDS["hoped"])  # what is only hoped for
MAY_BE_HOPED: Final = frozenset({"contract", "licence", "partnership", "investment", "product", "trial", "approval"})
HOPES: Final = pattern(_WORDS["hopes"])  # what moves a price without having happened
_REACTION: Final = pattern(_WORDS["reaction"])
# A part that asks: what it asks about has not been told.
_QUESTION: Final = re.compile(r"[^,…?]{0,80}(?:\?|[가-힣]까(?=…|$)|(?:되|됐|했|있|없)나(?=…|$))")
_ASKS: Final = re.compile(r"\?|[까나](?:…|$)")


def first_fit(text: str, body: str) -> Rule | None:
    """The first rule that fits a ready title. `body` is the title without its tags, which only brokers' notes need."""
    candidates = _BOOK.candidates(text)
    if found := _first(candidates, text, views=True):
        return _before_reaction(candidates, body) or found
    told = _QUESTION.sub("", body) if _ASKS.search(body) else body
    told = without_clause(told)
    forbidden = []
    for part in dict.fromkeys((without_epithet(told), told)):
        for rule in candidates:
            if rule.tells(part):
                if not rule.forbids(part):
                    return rule
                forbidden.append(rule)
    if not forbidden or "…" not in told:
        return None
    # The word that forbids a rule may stand in another part.
    return next((rule for part in told.split("…") for rule in forbidden if rule.fits(part)), None)


def _before_reaction(candidates: Sequence[Rule], body: str) -> Rule | None:
    """The event of the company that a title tells before what analysts in general make of it."""
    first, _, rest = body.partition("…")
    if not _REACTION.search(rest):
        return None
    found = _first(candidates, first)
    return found if found and found.type not in VIEW_TYPES else None


def is_view(body: str) -> bool:
    """Whether a ready title without its tags is the note of a broker."""
    return _first(_BOOK.candidates(body), body, views=True) is not None


def _first(candidates: Sequence[Rule], text: str, *, views: bool = False) -> Rule | None:
    return next((rule for rule in candidates if (rule.type in VIEW_TYPES or not views) and rule.fits(text)), None)
