"""RSS in the formats of two Korean papers, byte for byte, and the robots.txt of their hosts.

Hankyung: UTF-8, CDATA titles, neither guid nor description, blanks round the link. MK: declares EUC-KR
but sends cp949, an id in `<no>`, "+09:00" in pubDate, `&` escaped twice in every other item. The others: more_feeds.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import Final
from xml.sax.saxutils import escape

from starlette.requests import Request
from starlette.responses import Response

from backend.clock import KST
from backend.demo.world.newsroom import DemoArticle
from backend.demo.world.publishers import HANKYUNG, MAEIL, Publisher
from backend.demo.world.world import World

FEED_ITEMS: Final = 50


@dataclass(frozen=True, slots=True)
class FeedStyle:
    """Format of a paper's feed, and which of its articles are in the section."""

    paper: Publisher
    render: Callable[[list[DemoArticle]], bytes]
    content_type: str
    section: Callable[[DemoArticle], bool] = lambda _: True


def hankyung_feed(world: World, request: Request) -> Response:
    """GET /hankyung/feed/finance."""
    return serve_feed(world, request, FeedStyle(HANKYUNG, render_hankyung, "application/rss+xml; charset=utf-8"))


def mk_feed(world: World, request: Request) -> Response:
    """GET /mk/rss/50200011/."""
    return serve_feed(world, request, FeedStyle(MAEIL, render_mk, "text/xml"))


def robots(_world: World, _request: Request) -> Response:
    """GET /{paper}/robots.txt: allows feeds and disallows the search."""
    return Response("User-agent: *\nDisallow: /search\nDisallow: /*/search\n", headers={"content-type": "text/plain"})


def serve_feed(world: World, request: Request, style: FeedStyle) -> Response:
    """The newest articles of a paper's section, or 304 for a client that has them."""
    published = world.newsroom.published(world.now())
    own = [article for article in published if article.publisher is style.paper and style.section(article)]
    newest = own[: -FEED_ITEMS - 1 : -1]
    body = style.render(newest)
    changed_at = newest[0].published_at
    headers = {
        "etag": f'"{hashlib.sha256(body).hexdigest()[:24]}"',
        "last-modified": format_datetime(changed_at.astimezone(UTC), usegmt=True),
    }
    if _is_fresh(request, headers["etag"], changed_at):
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers | {"content-type": style.content_type})


def _is_fresh(request: Request, etag: str, changed_at: datetime) -> bool:
    """Whether the client's copy is current; If-None-Match goes before If-Modified-Since (RFC 9110)."""
    if "if-none-match" in request.headers:
        return etag in request.headers["if-none-match"]
    since = request.headers.get("if-modified-since")
    if since is None:
        return False
    try:
        return parsedate_to_datetime(since) >= changed_at
    except (ValueError, TypeError):
        return False


def mail_date(moment: datetime, offset: str) -> str:
    return f"{format_datetime(moment.astimezone(KST)).removesuffix('+0900')}{offset}"


def render_hankyung(articles: list[DemoArticle]) -> bytes:
    """The feed of these articles, newest first."""
    items = "".join(
        f"<item><title><![CDATA[{article.title}]]></title><link> {article.url} </link>"
        f"<pubDate>{mail_date(article.published_at, '+0900')}</pubDate></item>\n"
        for article in articles
    )
    head = "<title>한국경제 | 증권</title><link>https://www.hankyung.com/finance</link><language>ko</language>"
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0"><channel>{head}\n{items}</channel></rss>\n'
    return text.encode()


def render_mk(articles: list[DemoArticle]) -> bytes:
    """The feed of these articles, newest first, in cp949."""
    items = "".join(
        f"<item><no>{article.number:08d}</no><title>{_escape(article.title, article.number)}</title>"
        f"<link>{escape(article.url)}</link><category>증권</category>"
        f"<description><![CDATA[{article.snippet}]]></description>"
        f"<pubDate>{mail_date(article.published_at, '+09:00')}</pubDate></item>\n"
        for article in articles
    )
    head = "<title>매일경제 : 증권</title><link>https://www.mk.co.kr/news/stock/</link><language>ko</language>"
    text = f'<?xml version="1.0" encoding="EUC-KR"?>\n<rss version="2.0"><channel>{head}\n{items}</channel></rss>\n'
    return text.encode("cp949", "xmlcharrefreplace")


def _escape(title: str, number: int) -> str:
    return escape(escape(title) if number % 2 else title)
