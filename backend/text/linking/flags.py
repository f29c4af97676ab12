"""Whether a title is a list of many stocks."""

import re
from typing import Final

from backend.text.cleaning import fold

ROUNDUP_STOCKS: Final = 5
_ROUNDUP = re.compile(
    r"\d\s?選|인기\s?검색|(?:순매수|순매도|거래|등락률?|시총)\s?상위|상위\s?\d{0,3}\s?종목|특징주\s?모음|(?:마감|장중|증시)\s?시황|시황(?:종합)?\s?\]|장\s?마감\s?종합|주요\s?공시|오늘의\s?(?:증시|공시|종목)"
    r"|증시\s?(?:일정|캘린더)|관심\s?종목|추천\s?종목|추천주"
)


def is_roundup(title: str, stocks: int) -> bool:
    """Whether an article is a list of many stocks rather than news of one."""
    return stocks > ROUNDUP_STOCKS or bool(_ROUNDUP.search(fold(title)))
