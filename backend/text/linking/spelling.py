"""How a name is written: the folded form in which names and titles are compared, and its other spellings."""

import re
from functools import lru_cache
from itertools import pairwise, product
from typing import Final

from backend.text.cleaning import ONE_MARK, fold
from backend.text.linking.shipped import Kind, load_kind

MOST_BLANKS: Final = 3  # optional blanks of one name: 2 ** 3 spellings
# Chinese letters that headlines write for the end of a Korean name: 現代重 is 현대중공업, 키움證 is 키움증권.
_ENDINGS: Final = {"證": "증권", "証": "증권", "重": "중공업", "車": "차", "百": "백화점", "銀": "은행"}
_ENDING = re.compile(rf"(?<=[0-9a-z가-힣])[{''.join(_ENDINGS)}]")
_LEGAL_FORM = re.compile(r"\s*(?:\(주\)|주식회사|,?\s(?:co\.?,?\s?ltd|inc|corp|corporation|ltd)\b\.?)\s*")
_LETTERS: Final = {
    "A": "에이", "B": "비", "C": "씨", "D": "디", "E": "이", "F": "에프", "G": "지", "H": "에이치", "I": "아이",
    "J": "제이", "K": "케이", "L": "엘", "M": "엠", "N": "엔", "O": "오", "P": "피", "Q": "큐", "R": "알", "S": "에스",
    "T": "티", "U": "유", "V": "브이", "W": "더블유", "X": "엑스", "Y": "와이", "Z": "제트",
}  # fmt: skip
_CAPITALS = re.compile(r"(?<![A-Za-z])[A-Z]{2,4}(?![A-Za-z])")
_BEGINNINGS: Final = load_kind(Kind.BEGINNING)


def fold_title(text: str) -> str:
    """A title or snippet as names are looked for in it: folded, straight quotes, endings in Korean letters."""
    folded = fold(text.translate(ONE_MARK))
    return folded if folded.isascii() else _ENDING.sub(_write_ending, folded)


def _write_ending(found: re.Match[str]) -> str:
    return _ENDINGS[found.group()]


@lru_cache(maxsize=16_384)
def fold_key(name: str) -> str:
    """The one form of a name: folded, without blanks and legal form; "" for one that is nothing else."""
    return "".join(_LEGAL_FORM.sub(" ", fold_title(name)).split())


@lru_cache(maxsize=16_384)
def spellings(name: str) -> tuple[str, ...]:
    """The folded forms in which a title may write a name: with and without its optional blanks."""
    folded = " ".join(_LEGAL_FORM.sub(" ", fold_title(name)).split())
    key, blanks = "", []
    for letter in folded:
        if letter == " " and key:
            blanks.append(len(key))
        else:
            key += letter
    places = sorted(set(blanks) | {at for at in range(1, len(key)) if _may_part(key, at)})[:MOST_BLANKS]
    found = []
    for chosen in product((False, True), repeat=len(places)):
        cuts = [0, *(place for place, is_cut in zip(places, chosen, strict=True) if is_cut), len(key)]
        found.append(" ".join(key[first:last] for first, last in pairwise(cuts)))
    return tuple(found)


def _may_part(key: str, at: int) -> bool:
    """Whether a blank may stand at `at`: between Latin and Korean letters, or after the name of a group."""
    before, after = key[at - 1], key[at]
    if before.isascii() != after.isascii():
        return (before.isalpha() or before in "&+") and after.isalpha()
    return len(key) - at > 1 and key[:at] in _BEGINNINGS


def spell_letters(name: str) -> str:
    """The legal Korean form of a name that begins with Latin capitals (SK가스: 에스케이가스), "" for any other."""
    spelled = _CAPITALS.sub(lambda found: "".join(_LETTERS[letter] for letter in found.group()), name)
    return "" if spelled == name or re.search(r"[A-Za-z]", spelled) or len(name) < 4 else spelled
