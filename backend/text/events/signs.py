"""The sign of an event: the words of its type (lexicon/signs.toml), then the usual sign of the type."""

import re
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
# Two prices of one share: '120000원→150000원', '12만→15만원'.
_PRICE = r"(\d{1,4}(?:\.\d)?)(만|천)?(?:\s?(\d{1,4}))?\s?원?"
_FROM_TO = re.compile(rf"{_PRICE}\s?→\s?{_PRICE}(?![\d.%])")
_UNITS: Final = {"만": 10_000, "천": 1_000, None: 1}


def read_sign(event_type: str, text: str) -> Sign:
    if event_type == "target_price" and (found := _FROM_TO.search(text)):
        before, after = _won(*found.group(1, 2, 3)), _won(*found.group(4, 5, 6))
        return Sign.POSITIVE if after > before else Sign.NEGATIVE if after < before else Sign.NEUTRAL
    found = (sign for sign, words in _SIGNS.get(event_type, ()) if words.search(text))
    return next(found, BY_ID[event_type].usual)


def _won(size: str, unit: str | None, rest: str | None) -> float:
    return float(size) * _UNITS[unit] + float(rest or 0)
