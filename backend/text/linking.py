"""Links an article to the watched stocks that it is about, by rules over title, snippet and the source's own tags.

Titles name few stocks but are reliable (precision about 0.9 with all rules, read by hand). A stock that only the
source's search named, confirmed by neither title nor snippet, gets a weak link.
"""

import re
from collections.abc import Sequence
from typing import Final

from backend.domain.market import WatchedStock
from backend.domain.news import Article, Flag, Link, LinkMethod
from backend.text.cleaning import fold

CONFIDENCE: Final = {
    LinkMethod.CODE: 0.98,
    LinkMethod.NAME: 0.9,
    LinkMethod.ALIAS: 0.85,
    LinkMethod.SNIPPET: 0.6,
    LinkMethod.FEED_TAG: 0.3,
}
ROUNDUP_CONFIDENCE: Final = 0.2
# Sources whose tags name the stock of the article; a search's tag only says which query found it.
OWN_TAGS: Final = frozenset({"kis_news", "dart"})
OWN_TAG_CONFIDENCE: Final = 0.95
ROUNDUP_STOCKS: Final = 5

GROUPS: Final = frozenset({"삼성", "현대", "롯데", "신세계", "포스코그룹"})
HOLDINGS: Final = frozenset({"sk", "lg", "한화", "두산", "cj", "ls", "gs", "hd현대", "롯데지주", "효성"})
COMMON_WORDS: Final = frozenset({"대상", "동서", "서남", "태양", "선진", "레이", "미래", "국보", "나노", "동방"})
PORTALS: Final = frozenset({"네이버", "naver", "카카오"})

_CODE = re.compile(r"(?<![0-9A-Za-z])[0-9]{4}[0-9A-Z][0-9A-Z](?![0-9A-Za-z])")
_PARTICLES = (
    "에게서|에서|에게|에도|에는|에|으로|로|까지|부터|보다|마저|조차|처럼|만|도|와|과"
    "|은|는|이나|이라|이|가|을|를|의|나|측|發|발"
)
_RIGHT = rf"(?=(?:\(?(?:2?우b?|株|주가|주)?\)?(?:{_PARTICLES})?)(?![0-9a-z가-힣]))"
_STRONG_CUE = re.compile(r"주가|株|코스닥|코스피|\([0-9a-z]{6}\)")
_CUE = re.compile(
    r"주가|株|코스닥|코스피|증시|특징주|목표가|목표주가|실적|영업익|영업이익|매출|순이익|흑자|적자|공시|수주|공급계약|자사주|배당|유상증자"
    r"|전환사채|상한가|하한가|급등|급락|강세|약세|신제품|리콜|소송|합병|인수"
)
_HOLDING_CUE = re.compile(r"지주")
_AUTHOR = re.compile(r'\s*["”\'’]?\s*[-–—]\s*[^\s\-]{2,12}(?:증권|투자|리서치|운용)\s*$')
_TARGET = re.compile(r"목표가|목표주가|투자의견|매수\s?의견|리포트")
_BOILERPLATE = re.compile(
    r"네이버\s?(?:뉴스|구독|채널|포스트|카페|블로그|tv|지도|검색)|naver\s?뉴스|카카오톡\s?제보|[-|]\s*(?:네이버|naver)\s*$"
)
_FUND_BRANDS = "tiger|kodex|ace|rise|sol|kbstar|hanaro|arirang|plus|kosef|timefolio|kiwoom|koact|1q"
_FUND = re.compile(
    rf"(?<![a-z0-9])(?:{_FUND_BRANDS})\s+[^\s,·'\"]+(?:\s[^\s,·'\"]*(?:레버리지|인버스|etf|채권혼합)\S*)?"
    # {1,40}: longer than any fund's name; without an end it would try every place of a word against all of its rest.
    r"|[^\s,]{1,40}\s?(?:단일종목\s?)?(?:레버리지|인버스)\S*|[^\s,]{1,40}\s?(?:etf|etn)(?![a-z])"
)
_ROUNDUP = re.compile(
    r"\d+\s?選|인기\s?검색|순매수\s?상위|순매도\s?상위|상위\s?\d*\s?종목|특징주\s?모음|마감\s?시황|장\s?마감\s?종합|주요\s?공시|오늘의\s?증시"
)
_REPORTS_PRICE = re.compile(
    r"\[?특징주\]?|급등|급락|상한가|하한가|신고가|신저가|\d+(?:\.\d+)?%대?\s?(?:안팎\s?)?(?:강세|약세|상승|하락|↑|↓)"
    r"|(?:강세|약세)\s*$|주가\s?(?:상승|하락|껑충|뚝)|장중\s?\d"
)
_PREFERRED = frozenset("579KLM")


class StockNames:
    """Names, aliases and codes of the watched stocks, compiled once for many articles."""

    def __init__(self, stocks: Sequence[WatchedStock]) -> None:
        self._codes = {stock.code for stock in stocks}
        self._names: dict[str, tuple[str, LinkMethod]] = {}
        for stock in stocks:
            for alias in stock.aliases:
                self._add(alias, stock.code, LinkMethod.ALIAS)
        for stock in stocks:
            self._add(stock.name, stock.code, LinkMethod.NAME)
        longest = sorted(self._names, key=lambda name: (-len(name), name))
        words = "|".join(map(_spaced, longest)) or r"(?!)"
        self._pattern = re.compile(rf"(?<![0-9a-z가-힣])({words}){_RIGHT}")

    def _add(self, name: str, code: str, method: LinkMethod) -> None:
        folded = _joined(fold(name))
        if len(folded) > 1 and folded not in GROUPS:
            self._names[folded] = (code, method)

    def watches(self, code: str) -> bool:
        """Whether articles are read for this stock."""
        return code in self._codes

    def link(self, article: Article) -> list[Link]:
        """Links of one article, one per stock, ordered by code."""
        title = _subject(article.title, article.publisher)
        snippet = _FUND.sub(" ", _BOILERPLATE.sub(" ", fold(article.snippet)))
        found = self._in_title(title, article) | self._by_code(article)
        for code in self._in_snippet(snippet, article):
            found.setdefault(code, LinkMethod.SNIPPET)
        for code in self._unexplained_tags(article, title, snippet):
            found.setdefault(code, LinkMethod.FEED_TAG)
        roundup = is_roundup(article.title, sum(method is not LinkMethod.FEED_TAG for method in found.values()))
        links = []
        for code, method in sorted(found.items()):
            own = code in article.feed_codes and article.source in OWN_TAGS
            confidence = max(CONFIDENCE[method], OWN_TAG_CONFIDENCE) if own else CONFIDENCE[method]
            links.append(Link(code, method, min(confidence, ROUNDUP_CONFIDENCE) if roundup else confidence))
        return links

    def _by_code(self, article: Article) -> dict[str, LinkMethod]:
        written = _CODE.findall(f"{article.title} {article.snippet}")
        return {code: LinkMethod.CODE for code in map(self._common_share, written) if code in self._codes}

    def _common_share(self, code: str) -> str:
        return f"{code[:5]}0" if code not in self._codes and code[5] in _PREFERRED else code

    def _in_title(self, title: str, article: Article) -> dict[str, LinkMethod]:
        names = [_joined(name) for name in self._pattern.findall(title)]
        brokers = [name for name in names if name.endswith("증권")] if _TARGET.search(title) else []
        subjects = [name for name in names if name not in brokers] or brokers
        return dict(self._names[name] for name in subjects if self._is_meant(name, title, article))

    def _in_snippet(self, snippet: str, article: Article) -> list[str]:
        names = [_joined(name) for name in self._pattern.findall(snippet)]
        subjects = [name for name in names if name not in PORTALS and not name.endswith("증권")]
        return [self._names[name][0] for name in subjects if self._is_meant(name, snippet, article)]

    def _unexplained_tags(self, article: Article, title: str, snippet: str) -> list[str]:
        """Feed tags without those that a search returned only because a longer name or the author contains theirs."""
        tags = [code for code in article.feed_codes if code in self._codes]
        if not tags:
            return []
        written = {_joined(name) for name in self._pattern.findall(f"{title} {snippet}")}
        author = bool(_TARGET.search(title))
        return [
            code
            for code in tags
            if not any(
                (name.endswith("증권") and author) or any(name in longer for longer in written - {name})
                for name, (owner, _) in self._names.items()
                if owner == code
            )
        ]

    def _is_meant(self, name: str, where: str, article: Article) -> bool:
        """Whether a name means the company here. An ambiguous one needs a second cue or the source's own tag."""
        code, method = self._names[name]
        if code in article.feed_codes:
            return True
        if name in HOLDINGS:
            return bool(_HOLDING_CUE.search(where))
        if name in COMMON_WORDS:
            return bool(_STRONG_CUE.search(where))
        short = len(name) <= 2 and method is LinkMethod.NAME  # short aliases (삼전, 하닉) are not words of the language
        if short or name == _joined(fold(article.publisher)):
            return bool(_CUE.search(where))
        return True


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


def _subject(title: str, publisher: str) -> str:
    """The title without its author, publisher and portal suffixes and without names of funds."""
    text = _BOILERPLATE.sub(" ", fold(title))
    if publisher:
        text = re.sub(rf"\s*[-|:]\s*{re.escape(fold(publisher))}\s*$", "", text)
    return _FUND.sub(" ", _AUTHOR.sub("", text))


def _spaced(name: str) -> str:
    """Pattern of a name that also matches its spaced form: 'lg전자' and 'lg 전자'."""
    return re.sub(r"(?<=[a-z0-9&])(?=[가-힣])", r"\\s?", re.escape(name))


def _joined(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9&])\s(?=[가-힣])", "", name)
