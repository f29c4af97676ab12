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
# Two prices of one share: '12만→15만원', '9만8천→12만원', '120000원→98000원'.
_PART = re.compile(r"(\d{1,7}(?:\.\d{1,2})?)(만|천)?")
_PRICE = r"\d{1,7}(?:\.\d{1,2})?[만천]?(?:\s?\d{1,4}천?)?"
_FROM_TO = re.compile(rf"({_PRICE})\s?원?\s?→\s?({_PRICE})(?![\d.%])")
# Two amounts of one thing: '2100억→1400억'.
_AMOUNTS = re.compile(r"(\d{1,5}(?:\.\d{1,3})?)(조|억)\s?원?\s?→\s?(\d{1,5}(?:\.\d{1,3})?)(조|억)")
_GROWS: Final = frozenset({"contract", "guidance", "investment", "results"})  # more of it is better
_EOK_IN_JO: Final = 10_000
_UNITS: Final = {"만": 10_000, "천": 1_000, "": 1}
_LEAST_WON: Final = 1_000  # a smaller figure leaves out its 만: '12→15만원'


def read_sign(event_type: str, text: str) -> Sign:
    if event_type == "target_price" and (found := _FROM_TO.search(text)):
        before, after = _won(found[1]), _won(found[2])
        return Sign.POSITIVE if after > before else Sign.NEGATIVE if after < before else Sign.NEUTRAL
    if event_type in _GROWS and (found := _AMOUNTS.search(text)):
        before, after = _eok(found[1], found[2]), _eok(found[3], found[4])
        return Sign.POSITIVE if after > before else Sign.NEGATIVE
    found_words = (sign for sign, words in _SIGNS.get(event_type, ()) if words.search(text))
    return next(found_words, BY_ID[event_type].usual)


def _eok(count: str, unit: str) -> float:
    return float(count) * (_EOK_IN_JO if unit == "조" else 1)


def _won(price: str) -> float:
    size = sum(float(part) * _UNITS[unit] for part, unit in _PART.findall(price))
    return size if size >= _LEAST_WON else size * _UNITS["만"]
