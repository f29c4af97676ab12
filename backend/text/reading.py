"""What azak makes of the text of an article: links to stocks, flags of the title, the event, and its age.

A change here, in linking or in the event grammar needs a new READING_VERSION; the run `restate_news` then reads what is
stored again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from backend.domain.news import Article, Flag, Link, LinkMethod, Precision
from backend.domain.understanding.events import Event, with_fields
from backend.domain.understanding.materiality import materiality
from backend.text.events import read_event, ready, reports_price
from backend.text.linking import StockNames, is_roundup

READING_VERSION: Final = 3
STALE_AFTER: Final = timedelta(days=1)
TITLE_FLAGS: Final = frozenset({Flag.ROUNDUP, Flag.REPORTS_PRICE})
_IN_TITLE: Final = frozenset({LinkMethod.NAME, LinkMethod.ALIAS})
Tags = tuple[str, tuple[str, ...]]  # a source, and the stocks that it named


@dataclass(frozen=True, slots=True)
class Reading:
    """`links` are ordered by stock; `flags` are the article's own and those of its title."""

    links: tuple[Link, ...]
    flags: frozenset[Flag]
    event: Event
    materiality: int


def read(names: StockNames, article: Article, earlier: Sequence[Tags] = ()) -> Reading:
    """Read one text. `earlier`: tags of other sights of the article, which hold for this text too."""
    surest: dict[str, Link] = {}
    for source, codes in ((article.source, article.feed_codes), *earlier):
        for link in names.link(replace(article, source=source, feed_codes=codes)):
            if link.stock_code not in surest or surest[link.stock_code].confidence < link.confidence:
                surest[link.stock_code] = link
    links = tuple(surest[code] for code in sorted(surest))
    named = sum(link.method in _IN_TITLE for link in links)
    event = read_event(article.title, article.kind, named or None)
    if article.told is not None:
        event = with_fields(event, article.told)
    flags = (article.flags - TITLE_FLAGS) | title_flags(article.title, links)
    return Reading(links, flags, event, materiality(event))


def title_flags(title: str, links: Sequence[Link]) -> frozenset[Flag]:
    """What a title is besides: a roundup, or a report of a move that already happened (label leakage)."""
    direct = sum(link.method is not LinkMethod.FEED_TAG for link in links)
    found = {Flag.ROUNDUP: is_roundup(title, direct), Flag.REPORTS_PRICE: reports_price(ready(title))}
    return frozenset(flag for flag, is_set in found.items() if is_set)


def age_flags(published_at: datetime | None, precision: Precision, seen_at: datetime) -> frozenset[Flag]:
    """Why an article is no news at its first sight: older than a day, or of unknown age.

    One that is dated by the day alone may have been published at the end of that day.
    """
    if published_at is None:
        return frozenset({Flag.UNDATED})
    latest = published_at + (timedelta(days=1) if precision is Precision.DAY else timedelta(0))
    return frozenset({Flag.STALE}) if seen_at - latest > STALE_AFTER else frozenset()
