"""RSS feeds of publishers: one conditional GET each, parsed from bytes (feedparser never gets an address).

Real feeds have CP949 letters under an EUC-KR declaration, raw '&', no guid, blanks around the link, and challenge pages
served as 200. Which feeds there are: domain/feeds.py. Settings: AZAK_SOURCES_{HOST}_URL.
"""

import contextlib
import io
import re
from collections.abc import Iterator
from typing import Final
from xml.sax import SAXException
from xml.sax.handler import ContentHandler
from xml.sax.xmlreader import AttributesImpl

import defusedxml.sax
import feedparser
from defusedxml import DefusedXmlException

from backend.domain.feeds import FEEDS, Feed
from backend.errors import SourceChangedError
from backend.sources.articles import Parsed, RawItem, build_articles
from backend.sources.http.client import Answer, SourceClient
from backend.text.cleaning import decode, read_field

# The largest real feeds have some hundred items of a dozen tags, none with more than ten attributes.
MOST_TAGS: Final = 100_000
MOST_ATTRIBUTES: Final = 50
_DECLARATION: Final = re.compile(r"^\s*<\?xml[^>]*\?>")
_RAW_AMPERSAND: Final = re.compile(r"&(?!#?\w{1,10};)")


FEED_OF: Final = {feed.source: feed for feed in FEEDS}


async def fetch_feed(client: SourceClient, feed: Feed, *, etag: str | None, last_modified: str | None) -> Answer:
    """The feed's bytes, or an answer that is `not_modified`."""
    return await client.get(feed.path, etag=etag, last_modified=last_modified)


def parse_feed(answer: Answer, feed: Feed) -> Parsed:
    """Articles of a feed. Raises SourceChangedError if the body is no feed at all (a challenge page, an app shell)."""
    return build_articles(
        feed.source, [_raw(entry, feed) for entry in list_entries(feed.source, answer)], answer.fetched_at
    )


def list_entries(source: str, answer: Answer) -> list[feedparser.FeedParserDict]:
    """Items of any feed as feedparser found them. Raises SourceChangedError if the body is no feed at all."""
    content = _prepared(answer)
    _refuse_crowded(content, source)
    # Sanitizing HTML and resolving links takes time for markup that text/cleaning.py removes anyway.
    try:
        found = feedparser.parse(io.BytesIO(content), sanitize_html=False, resolve_relative_uris=False)
    except (ValueError, LookupError, AssertionError, AttributeError, RecursionError):
        # feedparser's date and loose-markup parsers raise on hostile bytes (found by fuzzing).
        found = {}
    if not found.get("version"):
        raise SourceChangedError(f"{source} sent something that is no feed; open its address in a browser.")
    entries: list[feedparser.FeedParserDict] = found.entries
    return entries


class _AttributeCount(ContentHandler):
    """Raises SourceChangedError at a tag with more attributes than a feed has."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self._source = source

    def startElement(self, name: str, attrs: AttributesImpl) -> None:  # noqa: N802  (the parser's name for it)
        if len(attrs) > MOST_ATTRIBUTES:
            raise SourceChangedError(
                f"{self._source} sent a tag '{name[:40]}' with {len(attrs)} attributes; open its address in a browser."
            )


def _refuse_crowded(content: bytes, source: str) -> None:
    """Raises SourceChangedError for more markup than a feed has.

    feedparser's time grows with the tags, and with the square of one tag's attributes; this look is linear.
    """
    if content.count(b"<") > MOST_TAGS:
        raise SourceChangedError(f"{source} sent more than {MOST_TAGS} tags; open its address in a browser.")
    # What comes after the first fault of the document feedparser reads by another parser, whose time is linear.
    with contextlib.suppress(SAXException, DefusedXmlException):
        defusedxml.sax.parseString(content, _AttributeCount(source), forbid_entities=False)


def _prepared(answer: Answer) -> bytes:
    """The document in UTF-8 without its declaration (which may be wrong), raw ampersands escaped outside CDATA."""
    document = _DECLARATION.sub("", decode(answer.body, answer.content_type).replace("\x00", ""))
    return "".join(_escaped(document)).encode("utf-8", "replace")


def _escaped(document: str) -> Iterator[str]:
    """The document in pieces: CDATA sections as they are, ampersands escaped in what lies between them."""
    place = 0
    while (start := document.find("<![CDATA[", place)) >= 0 and (end := document.find("]]>", start)) >= 0:
        yield _RAW_AMPERSAND.sub("&amp;", document[place:start])
        place = end + len("]]>")
        yield document[start:place]
    yield _RAW_AMPERSAND.sub("&amp;", document[place:])


def _raw(entry: feedparser.FeedParserDict, feed: Feed) -> RawItem:
    return RawItem(
        publisher=feed.publisher,
        url=read_field(entry.get("link")),
        title=read_field(entry.get("title")),
        snippet=read_field(entry.get("summary")),
        date=_date(entry),
    )


def _date(entry: feedparser.FeedParserDict) -> str:
    return read_date(entry, "published", "updated")


def read_date(entry: feedparser.FeedParserDict, *names: str) -> str:
    """The first of these fields that is not empty. `dict.get` avoids feedparser's mapping between them, which warns."""
    return next((read_field(value) for value in (dict.get(entry, name) for name in names) if value), "")
