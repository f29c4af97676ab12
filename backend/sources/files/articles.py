"""Rows of a file of news: each an article of the source `file` with its day or moment, or the reason why not.

A row without an address gets a key of its source, day and title, so that the same row is the same article next time.
Bodies are other people's text and are never taken.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final
from urllib.parse import urlencode, urlsplit

from backend.clock import KST
from backend.domain.market import FILE_SOURCE
from backend.domain.news import Article, Precision
from backend.sources.articles import RawItem, build_articles
from backend.sources.files.reading.columns import Columns
from backend.sources.files.reading.delimited import Row
from backend.sources.files.refusals import Refused
from backend.sources.files.values import UnreadableError, read_code, read_published
from backend.text.url_keys import url_key

# Where a reader finds an article that came without an address.
_SEARCH: Final = "https://search.naver.com/search.naver?"
FIRST_DAY: Final = date(1990, 1, 1)  # no calendar of ours reaches further back
_CUT: Final = 80
_CODES_LIMIT: Final = 50


@dataclass(frozen=True, slots=True)
class FileArticle:
    """An article and its day in Seoul; `has_time`: whether the file tells the moment, too."""

    article: Article
    day: date
    has_time: bool
    line: int


@dataclass(slots=True)
class ArticleReader:
    """Reads rows one by one. `code`: the stock that the file is about, if the person says so."""

    columns: Columns
    code: str | None
    now: datetime
    read: int = 0

    def articles(self, rows: Iterator[Row]) -> Iterator[FileArticle | Refused]:
        for row in rows:
            self.read += 1
            yield self._read(row) if row.fault is None else Refused(row.line, row.fault)

    def _read(self, row: Row) -> FileArticle | Refused:
        title = self.columns.get(row.cells, "title")
        written = self.columns.get(row.cells, "published")
        if self.columns.get(row.cells, "excluded").strip():
            return Refused(row.line, "excluded", value=title[:_CUT])
        try:
            published = read_published(written, self.now)
        except UnreadableError as error:
            return Refused(row.line, str(error), value=written[:_CUT])
        day = published.astimezone(KST).date() if isinstance(published, datetime) else published
        if day < FIRST_DAY:
            return Refused(row.line, "bad_date", value=written[:_CUT])
        parsed = build_articles(FILE_SOURCE, [self._item(row, title, day)], self.now)
        if not parsed.articles:
            (kind,) = parsed.dropped
            return Refused(row.line, kind, day=day.isoformat(), value=title[:_CUT])
        has_time = isinstance(published, datetime)
        moment = published if isinstance(published, datetime) else datetime(day.year, day.month, day.day, tzinfo=KST)
        precision = Precision.MINUTE if has_time else Precision.DAY
        article = replace(parsed.articles[0], published_at=moment, precision=precision)
        return FileArticle(article, day, has_time, row.line)

    def _item(self, row: Row, title: str, day: date) -> RawItem:
        get = self.columns.get
        url = _address(get(row.cells, "original").strip(), get(row.cells, "link").strip())
        publisher = get(row.cells, "publisher").strip() or _host(url)
        key = ""
        if url_key(url) is None:
            folded = "|".join((publisher, day.isoformat(), " ".join(title.split())))
            key = f"{FILE_SOURCE}:{hashlib.sha256(folded.encode('utf-8', 'replace')).hexdigest()[:40]}"
            url = _SEARCH + urlencode({"where": "news", "query": title[:200].encode("utf-8", "replace")})
        return RawItem(
            publisher=publisher,
            url=url,
            title=title,
            snippet=get(row.cells, "snippet"),
            date="",
            feed_codes=self._codes(get(row.cells, "codes")),
            key=key,
        )

    def _codes(self, text: str) -> tuple[str, ...]:
        """Stocks that the file tags; what is no code is none."""
        codes = {self.code} if self.code else set()
        for part in text.replace(";", ",").replace("|", ",").split(",")[:_CODES_LIMIT]:
            try:
                codes |= {read_code(part).code} if part.strip() else set()
            except UnreadableError:
                continue
        return tuple(sorted(codes))


def _address(original: str, portal: str) -> str:
    """The publisher's own address, so that a feed's copy has the same key; the portal's if it is only a front page."""
    return original if url_key(original) is not None else portal


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""
