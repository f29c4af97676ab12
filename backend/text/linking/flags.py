"""What the title of an article is besides: a list of many stocks, or the report of a move that already happened."""

import re
from collections.abc import Sequence
from typing import Final

from backend.domain.news import Article, Flag, Link, LinkMethod
from backend.text.cleaning import fold

ROUNDUP_STOCKS: Final = 5
_ROUNDUP = re.compile(
    r"\d\s?選|인기\s?검색|(?:순매수|순매도|거래|등락률?|시총)\s?상위|상위\s?\d{0,3}\s?종목|특징주\s?모음|(?:마감|장중|증시)\s?시황|시황(?:종합)?\s?\]|장\s?마감\s?종합|주요\s?공시|오늘의\s?(?:증시|공시|종목)"
    r"|증시\s?(?:일정|캘린더)|관심\s?종목|추천\s?종목|추천주"
)
_REPORTS_PRICE = re.compile(
    r"\[?특징주\]?|급등|급락|상한가|하한가|신고가|신저가|\d+(?:\.\d+)?%대?\s?(?:안팎\s?)?(?:강세|약세|상승|하락|↑|↓)"
    r"|(?:강세|약세)\s*$|주가\s?(?:상승|하락|껑충|뚝)|장중\s?\d"
)


def title_flags(article: Article, links: Sequence[Link]) -> frozenset[Flag]:
    """`article.flags` plus those of the title: a roundup, or a report of a past price move (label leakage)."""
    direct = sum(link.method is not LinkMethod.FEED_TAG for link in links)
    found = {
        Flag.ROUNDUP: is_roundup(article.title, direct),
        Flag.REPORTS_PRICE: bool(_REPORTS_PRICE.search(fold(article.title))),
    }
    return article.flags | {flag for flag, is_set in found.items() if is_set}


def is_roundup(title: str, stocks: int) -> bool:
    """Whether an article is a list of many stocks rather than news of one."""
    return stocks > ROUNDUP_STOCKS or bool(_ROUNDUP.search(fold(title)))
