"""Articles and filings, and the stocks they are about."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from backend.domain.understanding.events import Told


class NewsKind(StrEnum):
    ARTICLE = "article"
    FILING = "filing"


class Precision(StrEnum):
    """How exactly a source told the publication time."""

    SECOND = "second"
    MINUTE = "minute"
    DAY = "day"
    NONE = "none"


class Flag(StrEnum):
    """What makes a news item special; stored in news.flags."""

    ROUNDUP = "roundup"
    REPORTS_PRICE = "reports_price"
    CORRECTION = "correction"
    INJECTION = "injection"
    FUTURE_DATE = "future_date"
    ARCHIVE = "archive"
    STALE = "stale"  # published more than a day before it was first seen
    UNDATED = "undated"  # nobody has told when it was published


class LinkMethod(StrEnum):
    FEED_TAG = "feed_tag"
    CODE = "code"
    NAME = "name"
    ALIAS = "alias"
    SNIPPET = "snippet"


@dataclass(frozen=True, slots=True)
class Article:
    """One item as a source gave it, cleaned. `feed_codes`: stocks the source itself named (weak for searches).

    `told`: what the fields of a filing say of its event, None where its title alone was read.
    """

    source: str
    publisher: str
    kind: NewsKind
    url: str
    url_key: str
    title: str
    snippet: str
    published_at: datetime | None
    precision: Precision
    flags: frozenset[Flag] = frozenset()
    feed_codes: tuple[str, ...] = ()
    told: Told | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """A news item is about a stock, found by `method`, with `confidence` 0..1."""

    stock_code: str
    method: LinkMethod
    confidence: float
