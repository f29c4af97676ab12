"""One rule of the grammar: a type of event and the words that tell of it."""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rule:
    """`cues`: one of these stands in the title (a cheap test that keeps the patterns off most titles). Then `where`, if
    given, is found and `unless` is not. A `soft` rule is no event beside a move that it only explains by hopes."""

    type: str
    cues: tuple[str, ...]
    where: re.Pattern[str] | None = None
    unless: re.Pattern[str] | None = None
    soft: bool = False

    def fits(self, text: str) -> bool:
        return (
            any(cue in text for cue in self.cues)
            and (self.where is None or self.where.search(text) is not None)
            and (self.unless is None or self.unless.search(text) is None)
        )


def rule(event_type: str, cues: str, where: str = "", unless: str = "", *, soft: bool = False) -> Rule:
    """A rule from its words: cues apart by blanks ('_' is a blank inside one), patterns as text, "" for none."""
    return Rule(
        event_type,
        tuple(cue.replace("_", " ") for cue in cues.split()),
        re.compile(where) if where else None,
        re.compile(unless) if unless else None,
        soft,
    )
