"""How a name is written: the folded form in which names and titles are compared, and its other spellings."""

import re
from functools import lru_cache
from itertools import product
from typing import Final

from backend.text.cleaning import fold

MOST_BLANKS: Final = 3  # optional blanks of one name: 2 ** 3 spellings
# Chinese letters that headlines write for the end of a Korean name: 現代重 is 현대중공업, 키움證 is 키움증권.
_ENDINGS: Final = {"證": "증권", "証": "증권", "重": "중공업", "車": "차", "百": "백화점", "銀": "은행"}
_ENDING = re.compile(rf"(?<=[0-9a-z가-힣])[{''.join(_ENDINGS)}]")
_QUOTES: Final = str.maketrans({"“": '"', "”": '"', "„": '"', "‘": "'", "’": "'", "ㆍ": "·", "・": "·", "‧": "·"})
_LEGAL_FORM = re.compile(r"\s*(?:\(주\)|주식회사|,?\s(?:co\.?,?\s?ltd|inc|corp|corporation|ltd)\b\.?)\s*")
_LETTERS: Final = dict(
    zip(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        "에이 비 씨 디 이 에프 지 에이치 아이 제이 케이 엘 엠 엔 오 피 큐 알 에스 티 유 브이 더블유 엑스 와이 제트".split(),  # noqa: SIM905  (one line to compare with the alphabet)
        strict=True,
    )
)
_CAPITALS = re.compile(r"(?<![A-Za-z])[A-Z]{2,4}(?![A-Za-z])")
# Beginnings after which headlines may set a blank: '삼성 전기'. Words of the language (우리, 하나, 한국, 대한, 미래) are
# no such beginnings: '우리 기술' and '한국 전력' are no companies.
_GROUPS: Final = (
    "삼성", "현대", "롯데", "한화", "두산", "카카오", "신세계", "포스코", "코오롱", "셀트리온", "에코프로", "미래에셋",
    "스튜디오", "네이버", "동원", "하림", "효성", "금호", "키움", "신한", "메리츠", "교보", "애경", "세아", "풍산", "삼양",
    "종근당", "녹십자", "원익", "덕산", "컴투스", "위메이드", "아모레", "레인보우", "리가켐", "콜마", "동국", "대웅", "일진",
    "한미약품", "쿠쿠", "헥토", "솔브레인", "휴온스", "동아", "유진", "대신", "유안타", "이수", "하이트", "롯데하이",
)  # fmt: skip


def fold_title(text: str) -> str:
    """A title or snippet as names are looked for in it: folded, straight quotes, endings in Korean letters."""
    folded = fold(text.translate(_QUOTES))
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
        found.append(" ".join(key[first:last] for first, last in zip(cuts, cuts[1:], strict=False)))
    return tuple(found)


def _may_part(key: str, at: int) -> bool:
    """Whether a blank may stand at `at`: between Latin and Korean letters, or after the name of a group."""
    before, after = key[at - 1], key[at]
    if before.isascii() != after.isascii():
        return (before.isalpha() or before in "&+") and after.isalpha()
    return len(key) - at > 1 and key[:at] in _GROUPS


def spell_letters(name: str) -> str:
    """The legal Korean form of a name that begins with Latin capitals (SK가스: 에스케이가스), "" for any other."""
    spelled = _CAPITALS.sub(lambda found: "".join(_LETTERS[letter] for letter in found.group()), name)
    return "" if spelled == name or re.search(r"[A-Za-z]", spelled) or len(name) < 4 else spelled
