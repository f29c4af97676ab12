"""The rules that give a title its type of event (lexicon/rules.toml)."""

import re
from dataclasses import dataclass
from typing import Any, Final

from backend.text.events.patterns import pattern, read_words


@dataclass(frozen=True, slots=True)
class Rule:
    """One of `cues` stands in the title; `where`, if given, is found; `unless` is not."""

    type: str
    cues: tuple[str, ...]
    where: re.Pattern[str] | None
    unless: re.Pattern[str] | None

    def fits(self, text: str) -> bool:
        return (
            any(cue in text for cue in self.cues)
            and (self.where is None or self.where.search(text) is not None)
            and (self.unless is None or self.unless.search(text) is None)
        )


_WORDS: Final = read_words("rules")


def _rule(entry: dict[str, Any]) -> Rule:
    where, unless = (pattern(entry[name], _WORDS["parts"]) if name in entry else None for name in ("where", "unless"))
    return Rule(entry["type"], tuple(entry["cues"]), where, unless)


VIEWS: Final = tuple(map(_rule, _WORDS["views"]))
RULES: Final = tuple(map(_rule, _WORDS["rules"]))
FUTURE: Final = pattern(_WORDS["future"])  # of results that are still to come
COMPARED: Final = pattern(_WORDS["compared"])  # of results that were expected and are there
HOPES: Final = pattern(_WORDS["hopes"])  # what moves a price without having happened
VIEW_TYPES: Final = frozenset(rule.type for rule in VIEWS)


def first_fit(text: str, body: str) -> Rule | None:
    """The first rule that fits a ready title. `body` is the title without its tags, which only brokers' notes need."""
    found = next((rule for rule in VIEWS if rule.fits(text)), None)
    return found or next((rule for rule in RULES if rule.fits(body)), None)
