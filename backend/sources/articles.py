"""Shared by every news parser: raw fields of an item in, a clean Article out, or the reason why it is dropped.

A bad item is counted under its reason and does not affect the others.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from backend.domain.news import Article, Flag, NewsKind
from backend.text import cleaning, dates, url_keys

ITEMS_LIMIT: Final = 1_000  # of one answer; the longest list of a source has 100
_NOT_NEWS: Final = re.compile(
    r"^(?:사진|포토|삭제된 (?:기사|뉴스)입니다\.?"
    r"|\[(?:포토|사진|화보|부고|인사|운세|오늘의 운세|동정|게시판|광고|AD)\].*)$"
)
_CORRECTION: Final = re.compile(r"^\s*[\[(](?:정정|기재정정|첨부정정|정정명령부과|수정)")
_INJECTION: Final = re.compile(
    r"ignore (?:all |the )?(?:previous|above)|system\s*:|assistant\s*:|<\|im_|지시(?:를|사항을)? 무시|프롬프트를? 무시",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class RawItem:
    """Fields of one item as the source wrote them. `key`: the source's own key, used before one made from `url`."""

    publisher: str
    url: str
    title: str
    snippet: str
    date: str
    feed_codes: tuple[str, ...] = ()
    key: str = ""
    kind: NewsKind = NewsKind.ARTICLE


@dataclass(slots=True)
class Parsed:
    """Items of one answer: the articles, and how many were dropped for which reason."""

    articles: list[Article] = field(default_factory=list)
    dropped: Counter[str] = field(default_factory=Counter)

    @property
    def newest(self) -> datetime | None:
        return max((a.published_at for a in self.articles if a.published_at), default=None)


def build_articles(source: str, items: Iterable[RawItem], fetched_at: datetime) -> Parsed:
    """Clean `items`; an item without a usable title or address, or beyond ITEMS_LIMIT, is dropped and counted."""
    parsed = Parsed()
    for number, item in enumerate(items):
        if number >= ITEMS_LIMIT:
            parsed.dropped["too_many"] += 1
            continue
        built = _build(source, item, fetched_at)
        if isinstance(built, Article):
            parsed.articles.append(built)
        else:
            parsed.dropped[built] += 1
    return parsed


def gives_orders(text: str) -> bool:
    """Whether a text speaks to a language model instead of a reader."""
    return bool(_INJECTION.search(text))


def _build(source: str, item: RawItem, fetched_at: datetime) -> Article | str:
    title = cleaning.clean(item.title, cleaning.TITLE_LIMIT)
    key = item.key or url_keys.url_key(item.url)
    if key is None:
        return "no_address"
    if not title:
        return "no_title"
    if cleaning.REPLACEMENT in title:
        return "broken_letters"
    if _NOT_NEWS.match(title):
        return "not_news"
    snippet = cleaning.clean(item.snippet, cleaning.SNIPPET_LIMIT).replace(cleaning.REPLACEMENT, "")
    published = dates.parse_published(item.date, fetched_at)
    return Article(
        source=source,
        publisher=cleaning.clean(item.publisher, 100),
        kind=item.kind,
        url=item.url.strip()[: url_keys.ADDRESS_LIMIT],
        url_key=key,
        title=title,
        snippet=snippet,
        published_at=published.at,
        precision=published.precision,
        flags=_flags(title, snippet, future=published.future),
        feed_codes=item.feed_codes,
    )


def _flags(title: str, snippet: str, *, future: bool) -> frozenset[Flag]:
    found = {
        Flag.FUTURE_DATE: future,
        Flag.CORRECTION: bool(_CORRECTION.match(title)),
        Flag.INJECTION: gives_orders(title) or gives_orders(snippet),
    }
    return frozenset(flag for flag, is_set in found.items() if is_set)
