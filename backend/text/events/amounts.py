"""Amounts of money in Korean won, and shares and surprises in percent, as titles write them."""

import re
from typing import Final

MOST_KRW: Final = 10**16  # ten times what all listed companies are worth: more is no amount
_EOK: Final = 100_000_000
_UNITS: Final = {"조": 10_000 * _EOK, "억": _EOK, "만": 10_000}
_THOUSANDS: Final = {"천": 1_000, "백": 100, "십": 10, "": 1}
_NUMBER = r"\d{1,3}(?:,\d{3}){1,4}(?!\d)|\d{1,8}(?:\.\d{1,4})?"


def _part_of(name: str, units: str) -> str:
    more = rf"(?:(?P<{name}_more>\d{{1,3}})(?P<{name}_more_tens>[백십]?)\s?)?"
    return rf"(?P<{name}>{_NUMBER})\s?(?:(?P<{name}_tens>[천백십])\s?{more})?(?P<{name}_unit>{units})"


# 1조2천억, 4,420억, 3천억, 8천456억, 1천2백억, 5천만원; a second, smaller part may follow the first.
_AMOUNT = re.compile(
    r"(?<![\d.,~∼])(?<!\d-)"
    + _part_of("first", "[조억]|만(?=원| 원)")
    + rf"(?:\s?{_part_of('second', '[억만]')})?(?:\s?{_part_of('third', '만')})?(?P<after>\s?원)?"
)
_COUNTED = (
    r"(?:주|장|인)(?![가-힣])|주(?=를|의|가|에)|(?:명|개|건|회|톤|번)(?:(?![가-힣])|(?=[이을를의은는]\s))|뷰|배럴|년|km|kw|mw|gw|조각"
    r"|시간|분(?![가-힣])|대(?=\s(?:판매|생산|리콜|수출|출고))"
)
_MONEY = r"달러|弗|불(?![가-힣])|유로|엔(?![가-힣])|위안|파운드|프랑|루피|페소|헤알|링깃|바트|대만달러|홍콩달러"
_NOT_WON = re.compile(rf"\s?(?:\d{{1,4}}만\s?)?(?:여|대)?\s?(?:{_MONEY}|{_COUNTED})")
_UNIT = re.compile(r"[조억만]")
_RANGE = re.compile(r"\s?[~∼]\s?\d")
_PER_SHARE = re.compile(r"(?:주당|1주에|목표(?:주)?가|공모가|주가|발행가|단가|연봉|시급|월급)[^,…]{0,12}$")
# What the company is worth is no size of an event.
_WORTH = r"(?:시총|시가\s?총액|기업\s?가치|몸값)"
_WORTH_BEFORE = re.compile(rf"{_WORTH}[은는이가을를]?\s(?:최대\s|약\s)?$|{_WORTH}$")
_WORTH_AFTER = re.compile(rf"(?:원)?대?\s?(?:규모\s?|상장\s?)?{_WORTH}")
_ARROW = re.compile(r"\s?→\s?")
_PROFIT = re.compile(r"영업(?:이익|익|손실|손익)|순이익|순익|순손실")
_PERCENT = r"(\d{1,4}(?:\.\d{1,3})?)\s?%"
_SHARE = re.compile(
    rf"(?:매출|매출액|자기자본|자본|시가총액|시총|발행주식)\s?(?:총수)?(?:의|대비|比)\s?(?:약\s?)?{_PERCENT}"
)
_BEATS = r"상회|웃돌|웃돈|웃도는|넘어|뛰어넘|많|높"
_MISSES = r"하회|밑돌|밑돈|밑도는|못\s?미|미달|적"
_ABOUT = r"\s?(?:가량|넘게|이상)?\s?"
_CONSENSUS = re.compile(
    r"(?:컨센서스|컨센|예상치?|기대치?|전망치?|추정치|눈높이)[^,…%\d]{0,8}"
    rf"{_PERCENT}{_ABOUT}(?:({_BEATS})|({_MISSES}))"
)
_GREW = r"증가|늘|급증|성장|상승|↑|개선|껑충|뛰|확대|올라|급등"
_FELL = r"감소|줄|급감|하락|↓|뚝|악화|급락|빠져|빠졌|추락"
_CHANGE = re.compile(rf"(?:영업이익|영업익|순이익|순익)[^,…%]{{0,25}}?{_PERCENT}{_ABOUT}(?:({_GREW})|({_FELL}))")


def read_amount(text: str, *, of_profit: bool = False) -> int | None:
    """The first amount in won that a ready title tells, or that of its profit; None without one.

    No amounts are foreign money, counts, prices per share and ranges.
    """
    if not _UNIT.search(text):
        return None
    found = [match for match in _AMOUNT.finditer(text) if _is_won(text, match)]
    if not found:
        return None
    if of_profit and (profit := _PROFIT.search(text)):
        after = [match for match in found if match.start() >= profit.end()]
        before = [match for match in found if match.end() <= profit.start()]
        if after and "," not in text[profit.end() : after[0].start()]:
            found = after
        elif before:
            found = before[-1:]
    if len(found) > 1 and _ARROW.fullmatch(text, found[0].end(), found[1].start()):
        found = found[1:]  # the amount as it is now
    value = _value(found[0])
    return value if value <= MOST_KRW else None


def _is_won(text: str, match: re.Match[str]) -> bool:
    if _RANGE.match(text, match.end()) or _PER_SHARE.search(text, max(0, match.start() - 20), match.start()):
        return False
    if _WORTH_AFTER.match(text, match.end()) or _WORTH_BEFORE.search(text, max(0, match.start() - 20), match.start()):
        return False
    return match["after"] is not None or not _NOT_WON.match(text, match.end())


def _value(match: re.Match[str]) -> int:
    return sum(_part(match, name) for name in ("first", "second", "third") if match[name] is not None)


def _part(match: re.Match[str], name: str) -> int:
    count = float(match[name].replace(",", "")) * _THOUSANDS[match[f"{name}_tens"] or ""]
    if match[f"{name}_more"] is not None:
        count += int(match[f"{name}_more"]) * _THOUSANDS[match[f"{name}_more_tens"]]
    return round(count * _UNITS[match[f"{name}_unit"]])


def read_share(text: str) -> float | None:
    """How large the company calls the event: '매출 대비 25%' is .25."""
    found = _SHARE.search(text)
    return round(float(found[1]) / 100, 6) if found else None


def read_surprise(text: str) -> float | None:
    """How far results lie above (+) or below (-) the consensus, else those of a year before: .12 for 12 %."""
    found = _CONSENSUS.search(text) or _CHANGE.search(text)
    if not found:
        return None
    return round(float(found[1]) / 100, 6) * (1 if found[2] else -1)
