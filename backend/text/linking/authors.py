"""Who only speaks in a title: the broker before or after a quotation, the house that a statistic comes from.

An author is no subject: 'A증권 "업황 바닥"' is no news of A증권.
"""

import re
from collections.abc import Sequence
from typing import Final

from backend.text.linking.table import Mention

_HOUSES: Final = (
    "증권", "카드", "은행", "생명", "화재", "손해보험", "손보", "자산운용", "신탁", "금융", "지주",
    "평가", "사람인", "에프앤가이드",
)  # fmt: skip
# A name or an office may stand between, but no head of the house, who speaks for it.
_HEADS: Final = r"(?![가-힣]{0,2}(?:사장|회장|대표|행장|전무|의장)\s)"
_QUOTE_AFTER = re.compile(rf'\s?(?:{_HEADS}[가-힣]{{2,4}}\s)?(?:리서치\S{{0,4}}\s|연구원\s)?[:,]?\s?"')
_OWN_QUOTE = re.compile(r"사과|보상|배상|전산|장애|고객님|당사|우리\s회사|희망퇴직|발행어음")
_ANALYST = re.compile(r"\s?(?:[가-힣]{2,4}\s)?(?:(?:선임|책임|수석)?연구(?:원|위원)|애널리스트|리서치|센터장|투자전략)")
_BRACKET_OPEN = re.compile(r"[\[<(]\s?$")
_BRACKET_CLOSE = re.compile(r"\s?[\])>]")
_DASH_BEFORE = re.compile(r"[-–—]\s?$")
_QUOTE_BEFORE = re.compile(r"[\"']\s?:?\s?$")
_END = re.compile(r"\s?[\])>]?\s?$")
_JOINED = re.compile(r"\s?[·,/&]\s?")
TARGET: Final = re.compile(r"목표가|목표주가|투자의견|매수\s?의견|리포트")
_OUTLOOK = re.compile(r"전망|목표치|상향|하향|분석|진단|추천|유망|바닥|간다|예상|조언|매력|주목|최선호")
_MARKET = re.compile(r"코스피|코스닥|환율|금리|업황|업종|증시|반도체주|유가|채권")
_REPORT = re.compile(r"전망|목표|상향|하향|투자의견|최선호|추천|유망|예상")
_SOURCE_AFTER = re.compile(r"에\s?따르면|\s?(?:집계|조사|설문|통계|추산|데이터랩)(?:에|서|결과|\s|,|$)")
_RATING = re.compile(r"등급")
_OWN_BUSINESS = re.compile(
    r"실적|영업이익|영업익|순이익|순익|ima|발행어음|인가|자본|증자|배당|자사주|수수료|예탁|고객|지분|매각|인수|대표|선임|사옥|전산|출시|이벤트|공시|주가|株"
)


def drop_authors(mentions: Sequence[Mention], text: str) -> list[Mention]:
    """The mentions that are subjects. A broker is one in a title about a target only if nobody else is."""
    if not mentions:
        return []
    kept: list[Mention] = []
    after: Mention | None = None
    for mention in reversed(mentions):
        is_listed = after is not None and _JOINED.fullmatch(text, mention.end, after.start) is not None
        is_house = mention.name.key.endswith(_HOUSES)
        if is_house and (is_listed or _speaks(mention, text) or _reports(mention, mentions, text)):
            after = mention
        elif _signs(mention, text):
            after = None
        else:
            kept.append(mention)
            after = None
    kept.reverse()
    if TARGET.search(text):
        return [mention for mention in kept if not mention.name.is_broker] or kept
    return kept


def _speaks(mention: Mention, text: str) -> bool:
    """Whether a house only says something, by the place of its name."""
    quote = _QUOTE_AFTER.match(text, mention.end)
    if quote is not None:
        return _OWN_QUOTE.search(text, quote.end()) is None
    if not mention.name.is_broker:
        return False
    before = text[: mention.start]
    if _BRACKET_OPEN.search(before) and _BRACKET_CLOSE.match(text, mention.end):
        return True
    if _QUOTE_BEFORE.search(before) and _END.match(text, mention.end):
        return True
    if _ANALYST.match(text, mention.end):
        return True
    return bool(_MARKET.search(text) and _OUTLOOK.search(text)) and _OWN_BUSINESS.search(text) is None


def _reports(mention: Mention, mentions: Sequence[Mention], text: str) -> bool:
    """Whether a house judges or counts others: a broker's outlook for a stock, a rating, the source of a statistic."""
    if _SOURCE_AFTER.match(text, mention.end):
        return True
    judged = any(not other.name.key.endswith(_HOUSES) for other in mentions)
    if mention.name.key.endswith("평가"):
        return judged and _RATING.search(text) is not None
    return mention.name.is_broker and judged and _REPORT.search(text) is not None


def issuing_houses(mentions: Sequence[Mention], text: str) -> frozenset[str]:
    """Codes of brokers that a title about a fund begins with: 'A증권, ETN 4종 상장'. The news is theirs."""
    return frozenset(
        code
        for mention in mentions
        if mention.name.is_broker and mention.start == 0 and text.startswith(",", mention.end)
        for code in mention.name.codes
    )


def _signs(mention: Mention, text: str) -> bool:
    """Whether a name stands behind a dash at the end, as that of the house which wrote the report."""
    return (
        _END.match(text, mention.end) is not None
        and _DASH_BEFORE.search(text[: mention.start]) is not None
        and (mention.name.is_broker or '"' in text or "'" in text or TARGET.search(text) is not None)
    )
