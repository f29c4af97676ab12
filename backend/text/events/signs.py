"""The sign of an event: the words of its type (lexicon/signs.toml), then the usual sign of the type."""

from typing import Final

from backend.domain.understanding.event_types import BY_ID
from backend.domain.understanding.events import Sign
from backend.text.events.patterns import pattern, read_words

_WORDS: Final = read_words("signs")
_PARTS: Final = _WORDS.pop("parts")
_SIGNS: Final = {
    event_type: tuple((Sign(entry["sign"]), pattern(entry["words"], _PARTS)) for entry in entries)
    for event_type, entries in _WORDS.items()
}


def read_sign(event_type: str, text: str) -> Sign:
    found = (sign for sign, words in _SIGNS.get(event_type, ()) if words.search(text))
    return next(found, BY_ID[event_type].usual)
