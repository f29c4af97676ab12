"""What a title says, apart from who: brackets read, names masked, spellings made one."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from backend.text.cleaning import fold
from backend.text.stories.figures import DATE, Figures, read_figures, without_figures
from backend.text.stories.opposites import Sides, read_sides
from backend.text.stories.words import DAYS, HANJA, LIGHT, SYNONYMS

_BRACKET = re.compile(r"\[([^\[\]]{1,60})\]|【([^【】]{1,60})】|<([^<>]{1,60})>")
_ROUND = re.compile(r"\(([^()]{1,60})\)")
# Tags of how an article came about, not of a column that appears again.
_NEWS_TAG = re.compile(r"속보|단독|종합|\d보|공시|특징주|정정|핫종목|긴급|상보|업데이트|주목")
_NO_LETTER = re.compile(r"[^0-9a-z가-힣]+")
_TEXT_ONLY = re.compile(r"[^a-z가-힣]+")
_PRICE = re.compile(r"특징주|핫종목|급등|급락|강세|약세|상한가|하한가|↑|↓|상승|하락|껑충|뚝")
_ENDS: Final = r"(?=[은는이가의와과도를을]?(?:[^0-9a-z가-힣]|$))"
_FORM = re.compile(r"\s-\s(.{1,200})$")
_FORM_NOISE = re.compile(
    r"주요사항보고서|보고서|결정|자율공시|공정공시|연결재무제표기준|등(?:의|(?![가-힣]))|신청|제기|및출자증권|기타|일반|약식|권(?=발행)|현금|현물|단일판매|체결|주식(?=소각)"
)


def _variants() -> dict[str, str]:
    table = {variant: row[0] for row in SYNONYMS for variant in row[1:]}
    return table | DAYS | dict.fromkeys(LIGHT, " ")


_VARIANTS: Final = _variants()
_ANY_VARIANT = re.compile("|".join(
    rf"(?<![a-z]){re.escape(word)}(?![a-z])" if word.isascii() else re.escape(word)
    for word in sorted(_VARIANTS, key=lambda word: (-len(word), word))
))  # fmt: skip
_ANY_HANJA: Final = str.maketrans(HANJA)


@dataclass(frozen=True, slots=True)
class Wording:
    """`words` and `text`: what is left without names and figures, `text` without blanks. `column`: the name of a daily
    column, or "". `form`: the words of a filing's form that an article of it repeats.

    Of tuples and texts only: the collector need not walk through tens of thousands of them.
    """

    words: tuple[str, ...]
    text: str
    figures: Figures
    column: str
    sides: Sides
    is_price: bool
    form: tuple[str, ...]

    @property
    def grams(self) -> set[str]:
        """The letters two by two."""
        return {self.text[i : i + 2] for i in range(len(self.text) - 1)} or {self.text}

    @property
    def heads(self) -> set[str]:
        """The words by their first two letters."""
        return {word[:2] for word in self.words}


def read_wording(title: str, names: Iterable[str] = (), *, is_filing: bool = False) -> Wording:
    """Read a title. `names`: those of its linked stocks, which the codes stand for."""
    folded = _one_spelling_of_days(fold(title).translate(_ANY_HANJA))
    column = _column(folded)
    body = _BRACKET.sub(" ", folded)
    body = body if is_filing else _ROUND.sub(" ", body)
    body = body if _TEXT_ONLY.sub("", body) else folded
    named = mask(body, names)
    figures = dict(read_figures(named))
    if dates := dict(read_figures(" ".join(_inside(folded)))).get(DATE):
        figures[DATE] = tuple(sorted({*dates, *figures.get(DATE, ())}))
    text = _ANY_VARIANT.sub(lambda found: _VARIANTS[found.group()], without_figures(named))
    letters = _NO_LETTER.sub("", text)
    return Wording(
        words=tuple(word for word in _NO_LETTER.split(text) if len(word) > 1),
        text=letters,
        figures=tuple(figures.items()),
        column=column,
        sides=read_sides(named),
        is_price=bool(_PRICE.search(folded)),
        form=_form(named) if is_filing else (),
    )


def _one_spelling_of_days(text: str) -> str:
    for word, days in DAYS.items():
        text = text.replace(word, days)
    return text


def _inside(folded: str) -> list[str]:
    return ["".join(found) for found in _BRACKET.findall(folded)] + _ROUND.findall(folded)


def _column(folded: str) -> str:
    for found in _BRACKET.findall(folded):
        inside = "".join(found)
        name = _TEXT_ONLY.sub("", without_figures(inside))
        if name and not _NEWS_TAG.search(inside):
            return name
    return ""


def _form(named: str) -> tuple[str, ...]:
    found = _FORM.search(named)
    if not found:
        return ()
    words = _FORM_NOISE.sub(" ", found.group(1))
    canonical = _ANY_VARIANT.sub(lambda word: _VARIANTS[word.group()], words)
    return tuple(word for word in _NO_LETTER.split(canonical) if len(word) > 1)


def mask(text: str, names: Iterable[str], instead: str = " ") -> str:
    """`text` with `instead` for these names, with their blanks or without, and for their short forms."""
    for name in names:
        text = _name_pattern(name).sub(instead, text)
    return text


@lru_cache(maxsize=16_384)
def _name_pattern(name: str) -> re.Pattern[str]:
    """A name, or the beginning of a long one: at least three letters and half of it, at the start of a word."""
    letters = _NO_LETTER.sub("", fold(name).translate(_ANY_HANJA))
    if not letters:
        return re.compile(r"(?!)")
    shortest = max(3, (len(letters) + 1) // 2)
    short = [letters[:size] for size in range(len(letters) - 1, shortest - 1, -1)]
    whole = r"\s?".join(map(re.escape, letters))
    forms = [f"(?i:{whole})", *(rf"(?i:{re.escape(form)}){_ENDS}" for form in short)]
    return re.compile(rf"(?<![0-9a-zA-Z가-힣])(?:{'|'.join(forms)})")
