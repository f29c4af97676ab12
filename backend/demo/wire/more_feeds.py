"""The papers' RSS, each with a trait of the real feed that breaks parsers.

Yonhap escapes twice, leaves raw ampersands, and shows one article in two sections; Asiae gives long descriptions;
fnnews writes a guid that changes; Newsis puts a byte order mark first; etoday writes zone-less times; MT declares UTF-8
and sends cp949; Edaily declares EUC-KR and sends UTF-8.
"""

from collections.abc import Callable
from typing import Final
from xml.sax.saxutils import escape

from starlette.requests import Request
from starlette.responses import Response

from backend.clock import KST
from backend.demo.wire.feeds import FeedStyle, hankyung_feed, mail_date, mk_feed, serve_feed
from backend.demo.world import publishers
from backend.demo.world.newsroom import DemoArticle
from backend.demo.world.world import World


def _document(encoding: str, title: str, items: str) -> str:
    head = f'<?xml version="1.0" encoding="{encoding}"?>\n<rss version="2.0"><channel><title>{title}</title>'
    return f"{head}<language>ko</language>\n{items}</channel></rss>\n"


def _entry(article: DemoArticle, title: str, date: str, more: str = "") -> str:
    link = escape(article.url)
    return f"<item><title>{title}</title><link>{link}</link>{more}<pubDate>{date}</pubDate></item>\n"


def _mail(article: DemoArticle) -> str:
    return mail_date(article.published_at, "+0900")


def _yonhap(articles: list[DemoArticle]) -> bytes:
    def title(article: DemoArticle) -> str:
        # Every third title has its ampersands raw, the others escaped twice.
        return article.title.replace("<", "&lt;") if article.number % 3 == 0 else escape(escape(article.title))

    return _document("utf-8", "연합뉴스", "".join(_entry(a, title(a), _mail(a)) for a in articles)).encode()


def _asiae(articles: list[DemoArticle]) -> bytes:
    def more(article: DemoArticle) -> str:
        return f"<description><![CDATA[<p>{article.snippet} {article.snippet}</p><br/>]]></description>"

    items = "".join(_entry(a, f"<![CDATA[{a.title}]]>", _mail(a), more(a)) for a in articles)
    return _document("UTF-8", "아시아경제", items).encode()


def _fnnews(articles: list[DemoArticle]) -> bytes:
    def more(position: int, article: DemoArticle) -> str:
        return f"<guid>{position}-{article.number}</guid><author>{article.publisher.name}</author>"

    items = "".join(_entry(a, f"<![CDATA[{a.title}]]>", _mail(a), more(i, a)) for i, a in enumerate(articles))
    return _document("UTF-8", "파이낸셜뉴스", items).encode()


def _newsis(articles: list[DemoArticle]) -> bytes:
    items = "".join(_entry(a, escape(a.title), _mail(a)) for a in articles)
    return b"\xef\xbb\xbf" + _document("utf-8", "뉴시스", items).encode()


def _etoday(articles: list[DemoArticle]) -> bytes:
    items = "".join(_entry(a, escape(a.title), f"{a.published_at.astimezone(KST):%Y-%m-%d %H:%M:%S}") for a in articles)
    return _document("UTF-8", "이투데이", items).encode()


def _mt(articles: list[DemoArticle]) -> bytes:
    items = "".join(_entry(a, escape(a.title), _mail(a)) for a in articles)
    return _document("UTF-8", "머니투데이", items).encode("cp949", "xmlcharrefreplace")


def _edaily(articles: list[DemoArticle]) -> bytes:
    items = "".join(_entry(a, f"<![CDATA[{a.title}]]>", _mail(a)) for a in articles)
    return _document("euc-kr", "이데일리", items).encode()


def _in_market(article: DemoArticle) -> bool:
    return article.number % 4 != 0


def _in_economy(article: DemoArticle) -> bool:
    """A quarter of them stand in the market section, too."""
    return article.number % 4 == 0 or article.number % 5 == 0


def _feed(style: FeedStyle) -> Callable[[World, Request], Response]:
    return lambda world, request: serve_feed(world, request, style)


# Path under the stand-in's address, name of the source in faults and journal, handler.
FEEDS: Final = (
    ("/hankyung/feed/finance", "hankyung", hankyung_feed),
    ("/mk/rss/50200011/", "mk", mk_feed),
    ("/yonhap/rss/market.xml", "yonhap", _feed(FeedStyle(publishers.YONHAP, _yonhap, "text/xml", _in_market))),
    ("/yonhap/rss/economy.xml", "yonhap", _feed(FeedStyle(publishers.YONHAP, _yonhap, "text/xml", _in_economy))),
    ("/asiae/rss/stock.htm", "asiae", _feed(FeedStyle(publishers.ASIAE, _asiae, "text/html; charset=UTF-8"))),
    (
        "/fnnews/rss/r20/fn_realnews_stock.xml",
        "fnnews",
        _feed(FeedStyle(publishers.FNNEWS, _fnnews, "application/xml")),
    ),
    ("/newsis/RSS/economy.xml", "newsis", _feed(FeedStyle(publishers.NEWSIS, _newsis, "text/xml"))),
    (
        "/etoday/eto/etoday_news_all.xml",
        "etoday",
        _feed(FeedStyle(publishers.ETODAY, _etoday, "application/rss+xml; charset=utf-8")),
    ),
    ("/mt/mt_news_stock.xml", "mt", _feed(FeedStyle(publishers.MT, _mt, "text/xml; charset=utf-8"))),
    ("/edaily/stock_news.xml", "edaily", _feed(FeedStyle(publishers.EDAILY, _edaily, "text/xml;charset=euc-kr"))),
)
# Names of the feeds' hosts, each once.
FEED_HOSTS: Final = tuple(dict.fromkeys(host for _, host, _ in FEEDS))
