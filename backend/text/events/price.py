"""Titles that report what a price did: a number with a move word, a price level with a verb, or the words of the floor.

Such an article reports the move that it would be credited with.
"""

import re
from typing import Final

from backend.text.events.patterns import either, pattern, read_words

_WORDS: Final = read_words("price")
_PERCENT = r"(?P<sign>[+\-▲▼△▽]\s?)?(?P<percent>\d{1,3}(?:\.\d{1,2})?)\s?(?:%|퍼센트|프로(?![가-힣]))\s?(?:p|포인트)?"
_AROUND = r"(?:대|가량|안팎|가까이|넘게|이상|남짓|정도|쯤|까지|나|씩|↑|↓)?(?:로|의|에|를)?\s?(?:장중\s?|동반\s?|또\s?)?"
_MOVED = re.compile(
    rf"{_PERCENT}{_AROUND}"
    rf"(?:(?P<up>{either(_WORDS['up'])})|(?P<down>{either(_WORDS['down'])})|(?P<end>마감|출발|거래|↔|보합))"
)
_SIGNED = re.compile(r"(?<![\d~∼])(?P<sign>[+\-▲▼])\s?(?P<percent>\d{1,3}(?:\.\d{1,2})?)\s?%")
_WORD_FIRST = re.compile(
    r"(?:주가|장중|장\s?초반|개장|특징주|동반)[^%]{0,20}?"
    r"(?P<percent>\d{1,3}(?:\.\d{1,2})?)\s?%(?![^,…]{0,6}(?:지분|배당))"
)
# Level and verb: '7만원 붕괴', '20만원선 회복', '12만전자'.
_LEVEL = re.compile(
    r"(?:\d{1,4}만\s?\d{0,4}|\d{1,3}천|\d{1,3}(?:,\d{3}){1,3}|\d{3,7})\s?원?\s?(?:선|대|고지|벽)?"
    rf"[이을를도에서]{{0,2}}\s?(?:밑|아래|위)?(?:으?로)?\s?['\"]?(?:{either(_WORDS['level_verbs'])})"
)
_NICKNAME = re.compile(r"\d{1,3}만\s?(?:전자|닉스|하닉|차|[가-힣]{2,4}['\"])")
_FLOOR, _MOVE, _TRADING = (pattern(_WORDS[name]) for name in ("floor", "move", "trading"))
# What moves besides prices of shares: such a word in the clause before the move tells of something else.
_ELSE = pattern(_WORDS["something_else"])
_OTHER_MARKET = re.compile(rf"(?:{either(_WORDS['other_markets'])})[^,…]*$")
# After what moved it, a price moves: '수출 확대 기대감에 강세' is no move of exports.
_CAUSE = re.compile(r"[가-힣]에\s")
_CLAUSE: Final = 18  # letters before a move that may say what moved


def reports_price(text: str) -> bool:
    """Whether a ready title reports a move or a level of a share price, or who bought and sold."""
    floor = _FLOOR.search(text)
    if floor and not _OTHER_MARKET.search(text, max(0, floor.start() - _CLAUSE), floor.start()):
        return True
    return reported_move(text) is not None or _has_level(text) or _has_move_word(text)


def reports_trading(text: str) -> bool:
    """Whether a ready title reports who bought and sold."""
    return _TRADING.search(text) is not None


def reported_move(text: str) -> float | None:
    """The move of a share price that a ready title tells, as a fraction (-.07 for a fall of 7 %); None without one.

    0.0 where a percentage is told without its direction.
    """
    if "%" not in text and "퍼센트" not in text and "프로" not in text:
        return None
    for match in _MOVED.finditer(text):
        if not _tells_of_else(text, match.start()):
            size = float(match["percent"]) / 100
            falls = match["down"] is not None or (match["sign"] or "")[:1] in ("-", "▼", "▽")
            return -size if falls else size if match["up"] or match["sign"] else 0.0
    for match in _SIGNED.finditer(text):
        if not _tells_of_else(text, match.start()):
            return float(match["percent"]) / 100 * (-1 if match["sign"] in "-▼" else 1)
    if (told := _WORD_FIRST.search(text)) and not _tells_of_else(text, told.start("percent")):
        return 0.0
    return None


def _tells_of_else(text: str, place: int) -> bool:
    start = max(0, place - _CLAUSE)
    clause = text[start:place]
    for mark in (",", "…"):
        clause = clause.rpartition(mark)[2]
    clause = _CAUSE.split(clause)[-1]
    return _ELSE.search(clause) is not None and "주가" not in clause


def _has_level(text: str) -> bool:
    if _NICKNAME.search(text):
        return True
    match = _LEVEL.search(text)
    return match is not None and not _tells_of_else(text, match.start())


def _has_move_word(text: str) -> bool:
    return any(not _tells_of_else(text, match.start()) for match in _MOVE.finditer(text))
