"""Titles that report what a price did: a number with a move word, a price level with a verb, or the words of the floor.

Such an article reports the move that it would be credited with.
"""

import re
from typing import Final

_PERCENT = r"(?P<sign>[+\-▲▼△▽]\s?)?(?P<percent>\d{1,3}(?:\.\d{1,2})?)\s?(?:%|퍼센트|프로(?![가-힣]))\s?(?:p|포인트)?"
_AROUND = r"(?:대|가량|안팎|가까이|넘게|이상|남짓|정도|쯤|까지|나|씩|↑|↓)?(?:로|의|에|를)?\s?"
_UP = (
    r"급등|상승|폭등|강세|오름|오르|올라|올랐|오른|뛰|뛴|껑충|치솟|솟구|반등|↑|급반등|랠리|질주|급상승|점프|수직|불기둥|↗|상한|날아|훨훨|회복|훌쩍|쑥"
)
_DOWN = r"급락|하락|폭락|약세|내림|내리|내려|내렸|내린|빠져|빠졌|빠진|빠지|밀려|밀린|밀렸|추락|떨어|곤두박질|↓|미끄|주저앉|휘청|뚝|후퇴|반락|털썩|와르르|출렁"
_MOVED = re.compile(rf"{_PERCENT}{_AROUND}(?:장중\s?|동반\s?|또\s?)?(?:(?P<up>{_UP})|(?P<down>{_DOWN})|(?P<end>마감|출발|거래|↔|보합))")
_SIGNED = re.compile(r"(?<![\d~∼])(?P<sign>[+\-▲▼])\s?(?P<percent>\d{1,3}(?:\.\d{1,2})?)\s?%")
_WORD_FIRST = re.compile(
    r"(?:주가|장중|장\s?초반|개장|특징주|동반)[^%]{0,20}?(?P<percent>\d{1,3}(?:\.\d{1,2})?)\s?%(?![^,…]{0,6}(?:지분|배당))"
)
# Level and verb: '7만원 붕괴', '20만원선 회복', '12만전자'.
_LEVEL = re.compile(
    r"(?:\d{1,4}만\s?\d{0,4}|\d{1,3}천|\d{1,3}(?:,\d{3})+|\d{3,7})\s?원?\s?(?:선|대|고지|벽)?[이을를도에서]{0,2}\s?(?:밑|아래|위)?(?:으?로)?\s?"
    r"(?:붕괴|무너|깨졌|깨져|내줘|내줬|내주|돌파|뚫|탈환|안착|회복|터치|넘겼|넘어섰|복귀|간다|넘본다|눈앞|가시권)"
)
_NICKNAME = re.compile(r"\d{1,3}만\s?(?:전자|닉스|하닉|차)|\d{1,3}만닉스")
_FLOOR = re.compile(
    r"특징주|핫종목|상한가|하한가|점상|52주\s?(?:최고|최저|신고|신저)|(?<![가-힣])(?:신고가|신저가)(?!\s?거래)|(?:역대|사상|연일|또|장중)\s?(?:신고가|신저가|최고가|최저가)"
    r"|(?<![a-z0-9])vi\s?발동|변동성\s?완화\s?장치|사이드카|서킷\s?브레이커|(?:약|강)?보합|오름세|내림세|장중|장\s?초반|장\s?초|프리마켓|애프터마켓|시간\s?외"
    r"|동반\s?(?:강세|약세|상승|하락|급등|급락|랠리|오름|내림|폭등|폭락)|(?:강세|약세|상승|하락)\s?(?:마감|출발|전환|세(?!율)|반전)|불기둥|들썩|시총\s?\d{1,4}조|시총\s?\d{1,3}위|시총\s?(?:역전|추월|1위)|황제주"
    r"|주가[^,…]{0,14}(?:상승|하락|껑충|뚝|급등|급락|폭등|폭락|강세|약세|반등|질주|훨훨|털썩|출렁|올라|올랐|뛰|떨어|내려|내렸|빠져|빠졌|움찔|날았|고공행진|치솟|휘청|신바람|곤두박질|회복|돌파|최고|최저|반토막)"
    r"|[이사나닷엿]?(?:틀|흘|새)?째\s?(?:강세|약세|상승|하락|급등|급락|오름|내림|랠리)|\d{1,2}거래일\s?(?:만|연속)|연속\s?(?:상승|하락|급등|급락|강세|약세|상한)"
)
_MOVE = re.compile(r"급등|급락|폭등|폭락|급반등|급상승|강세|약세|반등|랠리|곤두박질|휘청")
_TRADING = re.compile(r"순매수|순매도|매수세|매도세|차익\s?실현|투매|저가\s?매수|담았다|쓸어\s?담|던졌|던진|팔아치")
# What moves besides prices of shares: such a word in the clause before the move tells of something else.
_ELSE = re.compile(
    r"매출|이익|영업익|순익|손실|실적|판매|수출|수입|생산|점유율|지분|배당|금리|성능|수주|비용|인상|요금|목표|전망|원가|유가|환율|물가|운임|임금|연봉"
    r"|집값|전셋값|값|가격|수요|이용자|가입|트래픽|방문|거래액|거래량|구독|매장|고용|예약|조회|인기|접속|투자의견|출하|공급|효율|수율|재고|마진|부채|연체|성장률|물동량|분양|청약|국채|비트코인|엔화|달러|원화|평가|순위|지수|코스피|코스닥|리튬|구리|접수|신고\s?건"
)
_CLAUSE: Final = 18  # letters before a move that may say what moved


def reports_price(text: str) -> bool:
    """Whether a ready title reports a move or a level of a share price, or who bought and sold."""
    return bool(_FLOOR.search(text)) or reported_move(text) is not None or _has_level(text) or _has_move_word(text)


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
    if (match := _WORD_FIRST.search(text)) and not _tells_of_else(text, match.start("percent")):
        return 0.0
    return None


def _tells_of_else(text: str, place: int) -> bool:
    start = max(0, place - _CLAUSE)
    clause = text[start:place]
    for mark in (",", "…"):
        clause = clause.rpartition(mark)[2]
    return _ELSE.search(clause) is not None and "주가" not in clause


def _has_level(text: str) -> bool:
    if _NICKNAME.search(text):
        return True
    match = _LEVEL.search(text)
    return match is not None and not _tells_of_else(text, match.start())


def _has_move_word(text: str) -> bool:
    return any(not _tells_of_else(text, match.start()) for match in _MOVE.finditer(text))
