"""Whether a title speaks of a fund, and which of its words are the fund's name.

A brand that is a word as well (1Q: the first quarter) is one only before a word that funds alone have.
"""

import re
from typing import Final

_SURE_BRANDS: Final = "tiger|kodex|kbstar|hanaro|arirang|kosef|timefolio|koact|focus"
_BRANDS: Final = f"{_SURE_BRANDS}|ace|rise|sol|plus|kiwoom|1q|won"
_WORD: Final = (
    r"etfs?(?![a-z])|etn(?![a-z])|레버리지|인버스|채권혼합|커버드콜|상장지수펀드|타겟데이트|단일종목|인덱스펀드|곱버스"
    r"|액티브(?=펀드|\s?etf)"
)
_MARK = re.compile(rf"(?<![a-z0-9])(?:{_SURE_BRANDS})(?![a-z0-9])|{_WORD}")
# {1,40}: longer than any part of a fund's name; without an end every place of a word would be tried against its rest.
_PART: Final = r"[^\s,·'\"]{1,40}"
_NAME = re.compile(
    rf"(?<![a-z0-9])(?:{_BRANDS})\s{_PART}(?:\s{_PART}){{0,3}}?\s?(?:{_WORD})[^\s,]{{0,10}}"
    rf"|(?<![a-z0-9])(?:{_SURE_BRANDS})\s{_PART}"
    rf"|[^\s,]{{1,40}}\s?(?:{_WORD})"
)


def is_about_fund(text: str) -> bool:
    """Whether a folded title speaks of a fund."""
    return _MARK.search(text) is not None


def without_funds(text: str) -> str:
    """A folded text whose names of funds are blanked out; its length stays."""
    return _NAME.sub(_blank, text)


def _blank(found: re.Match[str]) -> str:
    return "_" * len(found.group())
