"""Numbers of a sentence, in Korean and English, with their units: what a language model wrote against what it was told.

One reader serves both sides. A number is supported if the facts hold it with the same unit, or a number that rounds to
it by at most 5 %. Whatever has digits and fits no rule here is a number without a unit; words for numbers count, too.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise
from typing import Final

from backend.reports.llm.spelling import fold

# A rounding that changes a figure by more than this says something else.
LARGEST_ROUNDING: Final = Decimal("0.05")
_SCALES: Final = {
    "경": Decimal(10**16), "조": Decimal(10**12), "억": Decimal(10**8), "만": Decimal(10**4),
    "trillion": Decimal(10**12), "tn": Decimal(10**12), "billion": Decimal(10**9), "bn": Decimal(10**9),
    "million": Decimal(10**6), "mn": Decimal(10**6), "thousand": Decimal(10**3),
}  # fmt: skip
_SMALL: Final = {"천": Decimal(1000), "백": Decimal(100), "십": Decimal(10), "": Decimal(1)}
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WORDS: Final = {
    "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11,
    "twelve": 12, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80,
    "ninety": 90, "hundred": 100, "hundreds": 100, "dozen": 12, "dozens": 12, "thousands": 1000, "millions": 10**6,
    "billions": 10**9, "trillions": 10**12,
    "두": 2, "세": 3, "네": 4, "다섯": 5, "여섯": 6, "일곱": 7, "여덟": 8, "아홉": 9, "열": 10, "이틀": 2, "사흘": 3,
    "나흘": 4, "닷새": 5, "수십": 10, "수백": 100, "수천": 1000, "수조": 10**12, "수억": 10**8,
}  # fmt: skip
_NUMBER: Final = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"
_SIGN: Final = r"(?P<sign>(?<![\d.,])[+-])?"


@dataclass(frozen=True, slots=True)
class Number:
    """A value with its unit; `ulp` is the size of its last digit, `sign` -1, 1 or 0 for none written."""

    value: Decimal
    unit: str
    ulp: Decimal
    sign: int = 0
    start: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)


def _decimal(text: str) -> tuple[Decimal, Decimal]:
    """A plain number and the size of its last digit."""
    plain = text.replace(",", "")
    return Decimal(plain), Decimal(1).scaleb(-len(plain.partition(".")[2]))


def _signed(found: re.Match[str]) -> int:
    return {"+": 1, "-": -1}.get(found.groupdict().get("sign") or "", 0)


def _made(found: re.Match[str], unit: str, scale: Decimal = Decimal(1)) -> Number:
    value, ulp = _decimal(found["n"])
    return Number(value * scale, unit, ulp * scale, _signed(found), found.start(), found.end())


def _date(found: re.Match[str]) -> Number:
    named = found.groupdict()
    month = named["m"].lower()
    number = _MONTHS.index(month[:3]) + 1 if month[:3] in _MONTHS else int(month)
    year = int(named.get("y") or 0)
    value = Decimal(year * 10_000 + number * 100 + int(named["d"]))
    return Number(value, "date", Decimal(1), 0, found.start(), found.end())


def _time(found: re.Match[str]) -> Number:
    return Number(Decimal(int(found["h"]) * 60 + int(found["min"] or 0)), "time", Decimal(1), 0, *found.span())


def _amount(found: re.Match[str]) -> Number:
    """조, 억, 만 and what follows them, in won unless another currency stands behind."""
    total, ulp = Decimal(0), Decimal(1)
    for part in _PART.finditer(found["n"]):
        value, last = _decimal(part[1])
        scale = _SMALL[part[2] or ""] * _SCALES.get(part[3] or "", Decimal(1))
        total, ulp = total + value * scale, last * scale
    unit = _CURRENCIES.get((found["unit"] or "").lower(), "krw" if found["won"] else "amount")
    return Number(total, unit, ulp, _signed(found), found.start(), found.end())


def _thousand(found: re.Match[str]) -> Number:
    return _made(found, "krw", _SMALL[found["small"] or ""])


def _english_amount(found: re.Match[str]) -> Number:
    before, scale = found.groupdict().get("before"), found["scale"]
    after = found["after"]
    is_won = bool(after or (before and before.strip().lower() in ("krw", "₩", "won")))
    unit = "krw" if is_won else "usd" if before else "amount" if scale else "plain"
    return _made(found, unit, _SCALES.get((scale or "").lower(), Decimal(1)))


_PART = re.compile(rf"({_NUMBER})\s*([천백십])?\s*([경조억만])?")
_CURRENCIES: Final = {
    "달러": "usd", "불": "usd", "유로": "eur", "엔": "jpy", "위안": "cny", "주": "shares", "대": "units",
    "명": "people", "톤": "tons",
}  # fmt: skip
_MONTH: Final = (
    r"(?P<m>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sep(?:t(?:ember)?)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_SCALE: Final = r"(?P<scale>trillion|billion|million|thousand|tn|bn|mn)"
_Maker = Callable[[re.Match[str]], Number]


def _unit(unit: str) -> _Maker:
    return lambda found: _made(found, unit)


def _rule(make: _Maker, *parts: str) -> tuple[re.Pattern[str], _Maker]:
    return re.compile("".join(parts), re.IGNORECASE), make


_N: Final = rf"(?P<n>{_NUMBER})"
_BIG: Final = rf"{_NUMBER}\s*[천백십]?\s*[경조억만]"
# In this order; what one rule took is not looked at by the next.
_RULES: Final[tuple[tuple[re.Pattern[str], _Maker], ...]] = (
    _rule(_date, r"(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})(?!\d)"),
    _rule(_date, r"(?:(?P<y>\d{4})년\s*)?(?P<m>\d{1,2})월\s*(?P<d>\d{1,2})일"),
    _rule(_date, rf"\b{_MONTH}\.?\s+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?\b(?:,?\s+(?P<y>\d{{4}}))?"),
    _rule(_date, rf"\b(?P<d>\d{{1,2}})\s+{_MONTH}\b\.?(?:\s+(?P<y>\d{{4}}))?"),
    _rule(_time, r"(?<!\d)(?P<h>\d{1,2}):(?P<min>\d{2})(?!\d)"),
    _rule(_time, r"(?<!\d)(?P<h>\d{1,2})시(?:\s*(?P<min>\d{1,2})분)?(?!장|간)"),
    _rule(_unit("hundred"), r"(?:100\s*(?:번|회)?\s*중(?:에)?)\s*", _N, r"\s*(?:번|회)?"),
    _rule(_unit("hundred"), _N, r"(?:\s*times)?\s+(?:out\s+)?(?:of|in)\s+(?:a\s+hundred|100|every\s+100)\b"),
    _rule(_unit("points"), _SIGN, _N, r"\s*(?:%\s*p\b|%\s*포인트|퍼센트\s*포인트|percentage\s+points?|bps?\b)"),
    _rule(_unit("percent"), _SIGN, _N, r"\s*(?:%|퍼센트|프로(?!그|젝)|percent\b|per\s+cent\b|pct\b)"),
    _rule(_unit("sigma"), _SIGN, _N, r"\s*(?:σ|시그마|sigmas?\b|standard\s+deviations?\b|표준편차)"),
    _rule(_unit("times"), _N, r"\s*(?:배|times\b|-?fold\b|x\b)"),
    _rule(
        _amount,
        rf"{_SIGN}(?P<n>{_BIG}(?:\s*{_BIG})*(?:\s*{_NUMBER}\s*[천백십]?(?=\s*(?:원|달러|주)))?)",
        r"\s*(?:여)?\s*(?:(?P<won>원)|(?P<unit>달러|불|유로|엔|위안|주|대|명|톤))?",
    ),
    _rule(_thousand, _SIGN, _N, r"\s*(?P<small>천|백)?\s*원"),
    _rule(_unit("usd"), _SIGN, _N, r"\s*(?:달러|불\b|dollars?\b)"),
    _rule(
        _english_amount,
        r"(?P<before>(?:\bkrw|\busd|₩|us\$|\$)\s*)", _N, rf"\s*{_SCALE}?\b", r"(?:\s*(?P<after>won)\b)?",
    ),
    _rule(_english_amount, _N, rf"[\s-]*{_SCALE}\b", r"(?:[\s-]*(?P<after>won|krw)\b)?"),
    _rule(_unit("krw"), _N, r"\s*(?:won|krw)\b"),
    _rule(_unit("days"), _N, r"[\s-]*(?:거래일|영업일|일(?!부)|days?\b|trading\s+days?\b|sessions?\b)"),
    _rule(
        _unit("count"),
        _N, r"[\s-]*(?:건|개|곳|번|회|articles?\b|stories\b|cases?\b|calls?\b|forecasts?\b|predictions?\b)",
    ),
    _rule(_unit("shares"), _N, r"\s*(?:주(?!\s*(?:간|일|가|식|요))|shares?\b)"),
    _rule(
        _unit("other"),
        _N, r"\s*(?:년|월|분기|시간|분|초|명|대|톤|위|차|호|hours?\b|minutes?\b|weeks?\b|months?\b|years?\b)",
    ),
    _rule(_unit("plain"), _SIGN, _N),
)  # fmt: skip
# Letters and digits in one word are a name (HBM4, 5G), unless the letters are a unit.
_NAME: Final = re.compile(
    r"[a-z]+-?\d+[a-z\d]*|\d+(?!(?:st|nd|rd|th|x|bn|tn|mn|p|bps?|won|krw|kst)\b)[a-z]+\d*[a-z]*", re.IGNORECASE
)
# No fact tells growth in words, and none tells amounts in them ("삼백억원"): nothing supports these.
_GROWTH: Final = re.compile(
    r"절반|반토막|갑절|곱절|(?:두|세|네|다섯|여섯|일곱|여덟|아홉|열)\s*배"
    r"|\b(?:hal(?:f|ved|ves)|doubl(?:e|ed|es|ing)|tripl(?:e|ed|es|ing)|quadrupled?|(?:two|three|four|five|ten)fold|twice)\b",
    re.IGNORECASE,
)
_DIGIT: Final = re.compile(r"\d")
_SPELLED: Final = re.compile(r"(?<![가-힣])[일이삼사오육칠팔구십백천만억조]{2,}\s*(?=원|달러|주\b|퍼센트|%)")
_RANGE: Final = re.compile(r"\s*(?:~|to|and|에서|과|와|,|→|->)\s*", re.IGNORECASE)
_KOREAN_WORD: Final = re.compile(
    r"(?<![가-힣])(두|세|네|다섯|여섯|일곱|여덟|아홉|열)\s*(?=건|번|개|명|곳|달|가지|차례|거래일)"
    r"|(이틀|사흘|나흘|닷새|수십|수백|수천|수조|수억)"
)
_ENGLISH_WORD: Final = re.compile(rf"\b({'|'.join(word for word in _WORDS if word.isascii())})\b", re.IGNORECASE)


def read_names_with_digits(text: str) -> list[str]:
    """Words such as HBM4 or 5G, in small letters."""
    return [found[0].lower() for found in _NAME.finditer(fold(text))]


def _blank(found: re.Match[str]) -> str:
    """As long as what it stands for, so that what follows keeps its place."""
    return " " * len(found[0])


@lru_cache(maxsize=4_096)
def read_numbers(text: str) -> tuple[Number, ...]:
    """Every number of the text, in the order in which it stands there."""
    rest = _NAME.sub(_blank, fold(text))
    found: list[Number] = []
    for pattern, make in _RULES if _DIGIT.search(rest) else ():
        if made := [make(match) for match in pattern.finditer(rest)]:
            found += made
            rest = pattern.sub(_blank, rest)
    found += _read_words(rest)
    return tuple(_share_units(sorted(found, key=lambda number: number.start), fold(text)))


def _share_units(numbers: list[Number], text: str) -> list[Number]:
    """In "68,100~75,300원" and "between 68,100 and 75,300 won" the first number has the unit of the second."""
    shared = list(numbers)
    for at, (number, following) in enumerate(pairwise(numbers)):
        if number.unit == "plain" and _RANGE.fullmatch(text[number.end : following.start]):
            shared[at] = replace(number, unit=following.unit)
    return shared


def _read_words(text: str) -> Iterable[Number]:
    for pattern in (_GROWTH, _SPELLED):
        yield from (Number(Decimal(0), "spelled", Decimal(1), 0, *match.span()) for match in pattern.finditer(text))
    for pattern in (_KOREAN_WORD, _ENGLISH_WORD):
        for match in pattern.finditer(text):
            word = next(group for group in match.groups() if group).lower()
            yield Number(Decimal(_WORDS[word]), "plain", Decimal(1), 0, *match.span())


# Units that may stand for each other: a title says "4조 규모", its reader "4조원"; "100번 중 46번, 지금은 51번".
_ALIKE: Final = frozenset(
    frozenset(pair)
    for pair in (("amount", "krw"), ("plain", "count"), ("plain", "days"), ("hundred", "count"), ("hundred", "plain"))
)


def supports(told: Number, said: Number) -> bool:
    """Whether what was told backs what is said: the same unit, the same sign where one is written, rightly rounded."""
    if told.unit != said.unit and frozenset((told.unit, said.unit)) not in _ALIKE:
        return False
    if said.sign and told.sign and said.sign != told.sign:
        return False
    if said.unit == "date":
        return said.value in (told.value, told.value % 10_000)
    if said.value == told.value:
        return True
    apart = abs(said.value - told.value)
    return said.ulp > told.ulp and apart <= said.ulp / 2 and apart <= LARGEST_ROUNDING * told.value
