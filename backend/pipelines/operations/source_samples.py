"""The smallest real question to each source, for `azak sources check`: what came back, and how old it is."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from backend import clock
from backend.clock import KST
from backend.domain.market import WatchedStock
from backend.pipelines.context import RunContext
from backend.pipelines.kis_access import open_kis
from backend.pipelines.market import price_sources
from backend.sources import catalogue, dart, kis, kis_master, kis_news, naver_prices, naver_search, public_data, rss
from backend.sources.articles import Parsed
from backend.sources.http.client import SourceClient

# Samsung Electronics: listed, traded and in the news every day.
_SAMPLE: Final = WatchedStock("005930", "삼성전자", "KOSPI")


@dataclass(frozen=True, slots=True)
class Sample:
    """What a source gave: how many items, the newest one's time and text."""

    items: int
    newest_at: datetime | None
    example: str


Sampler = Callable[[RunContext, SourceClient], Awaitable[Sample]]


def _of_news(parsed: Parsed) -> Sample:
    example = parsed.articles[0].title if parsed.articles else ""
    return Sample(len(parsed.articles), parsed.newest, example)


async def _feed(_context: RunContext, client: SourceClient) -> Sample:
    feed = catalogue.FEEDS[client.source]
    return _of_news(rss.parse_feed(await rss.fetch_feed(client, feed, etag=None, last_modified=None), feed))


async def _search(context: RunContext, client: SourceClient) -> Sample:
    answer = await naver_search.fetch_news(client, context.settings.sources, _SAMPLE.name, display=10)
    return _of_news(naver_search.parse_news(answer, _SAMPLE.code, source=client.source))


async def _dart_feed(_context: RunContext, client: SourceClient) -> Sample:
    return _of_news(dart.parse_today(await dart.fetch_today(client, etag=None, last_modified=None)))


async def _filings(context: RunContext, client: SourceClient) -> Sample:
    key = context.settings.sources.dart_key
    assert key is not None  # the catalogue keeps a source without its key off
    today = clock.now().astimezone(KST).date()
    parsed, _ = dart.parse_list(await dart.fetch_list(client, key, today - timedelta(days=7), today))
    return _of_news(parsed)


async def _titles(context: RunContext, client: SourceClient) -> Sample:
    return _of_news(kis_news.parse_titles(await kis_news.fetch_titles(open_kis(context.tools, client))))


async def _master(_context: RunContext, client: SourceClient) -> Sample:
    found = kis_master.parse_master(await kis_master.fetch_master(client, kis_master.KOSPI), kis_master.KOSPI)
    return Sample(len(found), None, f"{found[0].code} {found[0].name} {found[0].status}")


async def _daily(context: RunContext, client: SourceClient) -> Sample:
    last = context.calendar.last_closed(clock.now()).trade_date
    bars = await price_sources.DAILY[client.source](context, client, _SAMPLE.code, last - timedelta(days=14), last)
    closed = [bar for bar in bars if bar.trade_date <= last]
    newest = max((bar.trade_date for bar in closed), default=None)
    at = None if newest is None else context.calendar.day(newest).closes_at
    return Sample(len(closed), at, f"{_SAMPLE.code} {newest}" if newest else "")


async def _quotes(context: RunContext, client: SourceClient) -> Sample:
    quotes = await price_sources.QUOTES[client.source](context, client, [_SAMPLE.code])
    example = f"{_SAMPLE.code} {quotes[0].last_price_krw:,} KRW" if quotes else ""
    return Sample(len(quotes), quotes[0].ts if quotes else None, example)


SAMPLERS: Final[dict[str, Sampler]] = {
    **dict.fromkeys(catalogue.FEEDS, _feed),
    **dict.fromkeys(naver_search.GATEWAYS, _search),
    dart.RSS: _dart_feed,
    dart.LIST: _filings,
    kis_news.SOURCE: _titles,
    kis.SOURCE: _daily,
    kis_master.SOURCE: _master,
    public_data.SOURCE: _daily,
    naver_prices.CHART: _daily,
    naver_prices.POLLING: _quotes,
}
