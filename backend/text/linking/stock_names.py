"""Links an article to the watched stocks that it is about.

Titles name few stocks but are reliable (precision and recall: docs/measurements.md). A stock that only the source's
search named, confirmed by neither title nor snippet, gets a weak link.
"""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final

from backend.domain.market import GROUPS, ListedStock, WatchedStock
from backend.domain.news import Article, Link, LinkMethod
from backend.text.linking.authors import TARGET, drop_authors, issuing_houses
from backend.text.linking.confidence import CONFIDENCE, LOW_CONFIDENCE, OWN_TAG_CONFIDENCE, OWN_TAGS
from backend.text.linking.flags import is_roundup
from backend.text.linking.funds import is_about_fund, without_funds
from backend.text.linking.meaning import SHORT, is_meant, is_meant_in_text
from backend.text.linking.shipped import Kind, load_aliases, load_kind
from backend.text.linking.spelling import fold_title, spell_letters
from backend.text.linking.table import Mention, NameTable, Rank

# A number with one of these words behind it is an amount.
_COUNTERS: Final = "원|명|건|개|만|억|가구|톤|달러|위안|%|주(?!가)|대(?!비)"
_CODE = re.compile(rf"(?<![0-9A-Za-z.,])[0-9]{{4}}[0-9A-Z][0-9A-Z](?![0-9A-Za-z]|[.,][0-9]|\s?(?:{_COUNTERS}))")
_PORTALS: Final = load_kind(Kind.PORTAL)
_WORDS: Final = load_kind(Kind.WORD)
_PREFERRED: Final = frozenset("579KLM")


class StockNames:
    """Names, aliases and codes of the watched stocks among those of all known ones, read once for many articles.

    A known stock that is not watched gets no link; its names keep a longer company's title from a shorter one.
    """

    def __init__(self, stocks: Sequence[WatchedStock], others: Iterable[ListedStock] = ()) -> None:
        self._codes = {stock.code for stock in stocks}
        self._table = NameTable()
        for stock in stocks:
            self._add(stock.code, (stock.name,), Rank.OWN)
            self._add(stock.code, stock.aliases, Rank.OWNER)
        for other in others:
            self._add(other.code, (other.name,), Rank.OWN)
            self._add(other.code, other.aliases, Rank.OTHER)
        for code, alias in load_aliases():
            self._table.add(alias, code, Rank.OTHER)
        self._own_keys = self._table.keys_of(self._codes)

    def _add(self, code: str, names: Iterable[str], rank: Rank) -> None:
        for name in names:
            self._table.add(name, code, rank)
            if spelled := spell_letters(name):
                self._table.add(spelled, code, Rank.OTHER)

    def watches(self, code: str) -> bool:
        """Whether articles are read for this stock."""
        return code in self._codes

    def companies_in(self, text: str) -> dict[str, tuple[str, ...]]:
        """Names in a text that mean a company whatever stands around them, folded, with the codes they stand for."""
        folded = fold_title(text)
        return {
            folded[mention.start : mention.end]: mention.name.codes
            for mention in self._table.find(folded)
            if len(mention.name.key) > SHORT and mention.name.key not in _WORDS and mention.name.key not in GROUPS
        }

    def link(self, article: Article) -> list[Link]:
        """Links of one article, one per stock, ordered by code."""
        title = _without_publisher(fold_title(article.title), article.publisher)
        is_fund = is_about_fund(title)
        written = self._table.find(without_funds(title) if is_fund else title)
        found = self._meant(written, title, article) | self._by_code(article)
        mentions = written
        if article.snippet:
            snippet = without_funds(fold_title(article.snippet))
            in_snippet = self._table.find(snippet)
            mentions = written + in_snippet
            for code in self._meant_in_text(in_snippet, snippet, article):
                found.setdefault(code, LinkMethod.SNIPPET)
        for code in self._unexplained_tags(article, title, mentions):
            found.setdefault(code, LinkMethod.FEED_TAG)
        if not found:
            return []
        direct = sum(method is not LinkMethod.FEED_TAG for method in found.values())
        is_low = is_fund or is_roundup(article.title, direct)
        issuers = issuing_houses(written, title) if is_fund else ()
        return [
            self._link(code, method, article, is_low=is_low and code not in issuers)
            for code, method in sorted(found.items())
        ]

    def _link(self, code: str, method: LinkMethod, article: Article, *, is_low: bool) -> Link:
        is_own = code in article.feed_codes and article.source in OWN_TAGS
        confidence = max(CONFIDENCE[method], OWN_TAG_CONFIDENCE) if is_own else CONFIDENCE[method]
        return Link(code, method, min(confidence, LOW_CONFIDENCE) if is_low else confidence)

    def _meant(self, written: Sequence[Mention], title: str, article: Article) -> dict[str, LinkMethod]:
        """Watched stocks that the title is about. The source's own tag decides where a name alone does not."""
        found: dict[str, LinkMethod] = {}
        told = frozenset(article.feed_codes) if article.source in OWN_TAGS else frozenset()
        for mention in drop_authors(written, title):
            codes = mention.name.codes
            if told.isdisjoint(codes):
                codes = codes if len(codes) == 1 and codes[0] in self._codes else ()
                codes = codes if codes and is_meant(mention, title, article, written) else ()
            else:
                codes = tuple(code for code in codes if code in told and code in self._codes)
            for code in codes:
                found[code] = min(mention.name.method, found.get(code, mention.name.method), key=_sureness)
        return found

    def _meant_in_text(self, written: Sequence[Mention], snippet: str, article: Article) -> list[str]:
        return [
            mention.name.codes[0]
            for mention in written
            if len(mention.name.codes) == 1
            and mention.name.codes[0] in self._codes
            and mention.name.key not in _PORTALS
            and not mention.name.is_broker
            and is_meant_in_text(mention, snippet, article)
        ]

    def _by_code(self, article: Article) -> dict[str, LinkMethod]:
        written = _CODE.findall(f"{article.title} {article.snippet}")
        return {code: LinkMethod.CODE for code in map(self._common_share, written) if code in self._codes}

    def _common_share(self, code: str) -> str:
        return f"{code[:5]}0" if code not in self._codes and code[5] in _PREFERRED else code

    def _unexplained_tags(self, article: Article, title: str, mentions: Sequence[Mention]) -> list[str]:
        """Tags without those that a search returned only because a longer name or the author contains theirs."""
        tags = [code for code in article.feed_codes if code in self._codes]
        if not tags:
            return []
        written = {mention.name.key for mention in mentions}
        has_author = TARGET.search(title) is not None
        return [
            code
            for code in tags
            if not any(
                (key.endswith("증권") and has_author) or any(key in longer for longer in written - {key})
                for key in self._own_keys[code]
            )
        ]


def _sureness(method: LinkMethod) -> float:
    return -CONFIDENCE[method]


@lru_cache(maxsize=256)
def _fold_publisher(publisher: str) -> str:
    return fold_title(publisher)


def _without_publisher(title: str, publisher: str) -> str:
    """A folded title without the name of its paper at the end: '... - 한국경제'."""
    name = _fold_publisher(publisher)
    if not name or not title.endswith(name):
        return title
    rest = title[: -len(name)].rstrip()
    return rest[:-1].rstrip() if rest.endswith(("-", "|", ":")) else title
