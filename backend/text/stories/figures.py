"""The figures of a title, by what they count, so that two titles can be compared whatever way they write them.

3천건 is 3000건, 1.5조 is 1조 5,000억원; 8 % agrees with 8.2 %, of which it is a rounding. A number inside a name (HBM4,
TOP10) is part of the name.
"""

import re
from typing import Final

Figures = tuple[tuple[str, tuple[float, ...]], ...]  # values by unit, both in order; tuples cost the collector nothing

WON: Final = "원"
SHARE: Final = "%"
QUARTER: Final = "분기"
DATE: Final = "date"  # month * 100 + day
_SMALL: Final = {"십": 1e1, "백": 1e2, "천": 1e3}
_LARGE: Final = {"만": 1e4, "억": 1e8, "조": 1e12}
_UNITS: Final = {"불": "달러", "q": QUARTER, "%p": "%p", "퍼센트": SHARE, "포인트": "p", "가지": "개", "곳": "개",
                 "종목": "종", "인": "명", "사람": "명", "주일": "주간"}  # fmt: skip
_DATE = re.compile(r"(?<![0-9.])([01]?\d)\s?월\s?([0-3]?\d)\s?일")
_NUMBER = r"\d{1,12}(?!\d)(?:,\d{3}){0,4}(?:\.\d{1,4})?"
_SCALED = rf"{_NUMBER}\s?(?:[십백천][만억조]?|[만억조])"
_FIGURE = re.compile(
    rf"(?<![0-9a-z.,])(?:((?:{_SCALED}\s?){{1,4}}(?:(?<!\s){_NUMBER})?)|({_NUMBER}))\s?"
    r"(%p|%|퍼센트|포인트|원|달러|불|엔|유로|위안|분기|q(?![a-z])|개월|개국|개사|개|가지|곳|종목|종|주년|주일|주간|주|건|명|인"
    r"|사람|척|대|년|월|일|배|위|호|차|층|세대|가구|톤|회|번|시간|분|초|살|社)?(?:당(?![가-힣]))?"
)
_PART = re.compile(rf"({_NUMBER})\s?([십백천])?([만억조])?")
_HALVES: Final = {"상반기": 1.0, "하반기": 2.0, "연간": 3.0}
NEAR: Final = 0.05  # two amounts of money this near are one, rounded: 2.3조 and 2조3,480억, 495억 and 약 500억
_NEAR_MOVE: Final = 2.0  # points: a price that reports tell at different minutes


def read_figures(text: str) -> Figures:
    """Figures of folded `text`, without thousands' commas, by unit; "" for a bare number."""
    found: dict[str, set[float]] = {}
    for month, day in _DATE.findall(text):
        found.setdefault(DATE, set()).add(int(month) * 100.0 + int(day))
    for match in _FIGURE.finditer(_DATE.sub(" ", text)):
        unit, value = _read(match.group(1) or match.group(2), match.group(3) or "")
        found.setdefault(unit, set()).add(value)
    for word, value in _HALVES.items():
        if word in text:
            found.setdefault("반기", set()).add(value)
    return tuple((unit, tuple(sorted(found[unit]))) for unit in sorted(found))


def without_figures(text: str) -> str:
    """`text` with a blank for each figure that `read_figures` reads."""
    return _FIGURE.sub(" ", _DATE.sub(" ", text))


def _read(digits: str, unit: str) -> tuple[str, float]:
    total = section = 0.0
    is_money = False
    for number, small, large in _PART.findall(digits):
        section += float(number.replace(",", "")) * _SMALL.get(small, 1.0)
        if large:
            total, section = total + section * _LARGE[large], 0.0
            is_money = is_money or large != "만"
    unit = _UNITS.get(unit, unit)
    return WON if is_money and not unit else unit, total + section


def conflict(one: Figures, other: Figures, *, are_moves: bool = False) -> bool:
    """Whether both name figures of one unit and none of them agree. `are_moves`: percentages are moves of a price."""
    known = dict(other)
    for unit, values in one:
        others = known.get(unit)
        if others and not any(_agree(unit, a, b, are_moves=are_moves) for a in values for b in others):
            return True
    return False


def shared(one: Figures, other: Figures) -> int:
    """How many figures worth naming (two digits and more, or a unit of money) agree."""
    known = dict(other)
    return sum(
        any(_agree(unit, a, b) for b in known.get(unit, ()))
        for unit, values in one
        for a in values
        if unit == WON or a >= 10
    )


def _agree(unit: str, a: float, b: float, *, are_moves: bool = False) -> bool:
    if a == b:
        return True
    if unit in (WON, "달러"):
        return min(a, b) >= 1e8 and abs(a - b) <= NEAR * max(a, b)
    if unit == SHARE:
        coarse, fine = sorted((a, b), key=_decimals)
        return _rounds(fine, coarse) or (are_moves and not _decimals(coarse) and abs(a - b) <= _NEAR_MOVE)
    return False


def _decimals(value: float) -> int:
    return len(f"{value:.4f}".rstrip("0").partition(".")[2])


def _rounds(fine: float, coarse: float) -> bool:
    """Whether `coarse`, with fewer decimals, is `fine` rounded or cut."""
    places = _decimals(coarse)
    if places >= _decimals(fine):
        return False
    return abs(fine - coarse) < 10.0**-places
