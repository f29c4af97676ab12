"""RSS feeds of publishers: one conditional GET each, parsed from bytes (feedparser never gets an address).

Traps met here (sources.md 4): CP949 letters in feeds declared EUC-KR, raw '&', no guid, blanks round the link,
challenge pages served as 200. Settings: AZAK_SOURCES_HANKYUNG_URL, AZAK_SOURCES_MK_URL.
"""

import io
import re
from dataclasses import dataclass
from typing import Final

import feedparser

from backend.crawlers.articles import Parsed, RawItem, build_articles
from backend.crawlers.client import Answer, SourceClient
from backend.crawlers.text import decode
from backend.errors import SourceChangedError

_DECLARATION: Final = re.compile(r"^\s*<\?xml[^>]*\?>")
_RAW_AMPERSAND: Final = re.compile(r"&(?!#?\w{1,10};)")
_CDATA: Final = re.compile(r"(<!\[CDATA\[.*?\]\]>)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed: `source` is its sources.id, `path` is below the publisher's base URL."""

    source: str
    publisher: str
    path: str


HANKYUNG: Final = Feed("rss_hankyung", "한국경제", "feed/finance")
MK: Final = Feed("rss_mk", "매일경제", "rss/50200011/")


async def fetch_feed(client: SourceClient, feed: Feed, *, etag: str | None, last_modified: str | None) -> Answer:
    """The feed's bytes, or an answer that is `not_modified`."""
    return await client.get(feed.path, etag=etag, last_modified=last_modified)


def parse_feed(answer: Answer, feed: Feed) -> Parsed:
    """Articles of a feed. Raises SourceChangedError if the body is no feed at all (a challenge page, an app shell)."""
    content = _prepared(answer)
    # sanitize_html and relative links would cost time for markup that text.clean removes anyway.
    found = feedparser.parse(io.BytesIO(content), sanitize_html=False, resolve_relative_uris=False)
    if not found.get("version"):
        raise SourceChangedError(f"{feed.source} sent something that is no feed; open its address in a browser.")
    return build_articles(feed.source, [_raw(entry, feed) for entry in found.entries], answer.fetched_at)


def _prepared(answer: Answer) -> bytes:
    """UTF-8 without the declaration (it may lie), raw ampersands escaped outside CDATA."""
    document = _DECLARATION.sub("", decode(answer.body, answer.content_type).replace("\x00", ""))
    pieces = _CDATA.split(document)
    pieces[::2] = [_RAW_AMPERSAND.sub("&amp;", piece) for piece in pieces[::2]]
    return "".join(pieces).encode("utf-8", "replace")


def _raw(entry: feedparser.FeedParserDict, feed: Feed) -> RawItem:
    return RawItem(
        publisher=feed.publisher,
        url=str(entry.get("link", "")),
        title=str(entry.get("title", "")),
        snippet=str(entry.get("summary", "")),
        date=_date(entry),
    )


def _date(entry: feedparser.FeedParserDict) -> str:
    return str(entry.get("published") or entry.get("updated") or "")
