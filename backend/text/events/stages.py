"""How far an event is, from the words of its title (lexicon/stages.toml)."""

from typing import Final

from backend.domain.understanding.events import Sign, Stage
from backend.text.events.patterns import pattern, read_words

_WORDS: Final = read_words("stages")
_CALLED_OFF, _RUMOURED, _COMPLETED, _DECIDED = (
    pattern(_WORDS[name]) for name in ("called_off", "rumoured", "completed", "decided")
)
_BY_ITSELF, _STATES, _COMPLETES, _DECIDES, _NEVER_PLANNED = (
    frozenset[str](_WORDS["types"][name]) for name in ("by_itself", "states", "completes", "decides", "never_planned")
)
_PLANS: Final = (_COMPLETES | _DECIDES) - _NEVER_PLANNED


def read_stage(event_type: str, sign: Sign, text: str) -> Stage:
    if event_type in _BY_ITSELF:
        return Stage.ANNOUNCED
    if sign is Sign.REVERSED and event_type not in _STATES and _CALLED_OFF.search(text):
        return Stage.CANCELLED
    if event_type in _PLANS and _RUMOURED.search(text):
        return Stage.RUMOURED
    if event_type in _COMPLETES and _COMPLETED.search(text):
        return Stage.COMPLETED
    if event_type in _DECIDES and _DECIDED.search(text):
        return Stage.DECIDED
    return Stage.ANNOUNCED
