"""The smallest real question to each source, for `azak sources check`: how many items came, and how old is the newest.

Which source is asked which question is in catalogue.py.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from backend import clock
from backend.clock import KST
from backend.domain.market import WatchedStock
from backend.domain.outside.world import WorldSymbol, closes_at
from backend.pipelines.sources.kis_access import open_kis
from backend.pipelines.sources.price_readers import DailyReader, QuoteReader
from backend.pipelines.sources.visits import Visit
from backend.pipelines.sources.world_readers import WorldReader
from backend.sources import dart, kind, kis_actions, kis_flows, kis_master, kis_news, naver_search, rss
from backend.sources.articles import Parsed

# Samsung Electronics: listed, traded and in the news every day.
_SAMPLE: Final = WatchedStock("005930", "삼성전자", "KOSPI")


@dataclass(frozen=True, slots=True)
class Sample:
    """What a source answered: how many items, the newest one's time and text."""

    items: int
    newest_at: datetime | None
    example: str


Sampler = Callable[[Visit], Awaitable[Sample]]


def _of_news(parsed: Parsed) -> Sample:
    example = parsed.articles[0].title if parsed.articles else ""
    return Sample(len(parsed.articles), parsed.newest, example)


async def ask_feed(visit: Visit) -> Sample:
    feed = rss.FEED_OF[visit.info.id]
    answer = await rss.fetch_feed(visit.client, feed, etag=None, last_modified=None)
    return _of_news(await asyncio.to_thread(rss.parse_feed, answer, feed))


async def ask_search(visit: Visit) -> Sample:
    answer = await naver_search.fetch_news(visit.client, visit.settings, _SAMPLE.name, display=10)
    return _of_news(naver_search.parse_news(answer, _SAMPLE.code, source=visit.info.id))


async def ask_dart_feed(visit: Visit) -> Sample:
    answer = await dart.fetch_today(visit.client, etag=None, last_modified=None)
    return _of_news(await asyncio.to_thread(dart.parse_today, answer))


async def ask_kind(visit: Visit) -> Sample:
    answer = await kind.fetch_today(visit.client, etag=None, last_modified=None)
    return _of_news(await asyncio.to_thread(kind.parse_today, answer))


async def ask_filings(visit: Visit) -> Sample:
    key = visit.settings.dart_key
    assert key is not None  # the catalogue keeps a source without its key off
    today = clock.now().astimezone(KST).date()
    page = dart.parse_list(await dart.fetch_list(visit.client, key, today - timedelta(days=7), today, page=1))
    return _of_news(page.parsed)


async def ask_titles(visit: Visit) -> Sample:
    kis = open_kis(visit.context.tools, visit.client)
    return _of_news(kis_news.parse_titles(await kis_news.fetch_titles(kis)))


async def ask_master(visit: Visit) -> Sample:
    answer = await kis_master.fetch_master(visit.client, kis_master.KOSPI)
    found = (await asyncio.to_thread(kis_master.parse_master, answer, kis_master.KOSPI)).listings
    return Sample(len(found), None, f"{found[0].code} {found[0].name} {found[0].status}")


async def ask_actions(visit: Visit) -> Sample:
    """The changes of par value of a year; there may be none."""
    today = clock.now().astimezone(KST).date()
    (call,) = (call for call in kis_actions.CALLS if call.kind == "par_change")
    kis = open_kis(visit.context.tools, visit.client)
    answer = await kis_actions.fetch_actions(kis, call, today - timedelta(days=365), today)
    found = kis_actions.parse_actions(answer, call)
    return Sample(len(found), None, f"{found[0].stock_code} {found[0].ex_date}" if found else "")


async def ask_flows(visit: Visit) -> Sample:
    kis = open_kis(visit.context.tools, visit.client)
    found = kis_flows.parse_flows(await kis_flows.fetch_flows(kis, _SAMPLE.code), _SAMPLE.code)
    example = f"{_SAMPLE.code} {found[-1].trade_date}: foreigners {found[-1].foreign_shares:+,}" if found else ""
    return Sample(len(found), None, example)


def ask_world(read: WorldReader) -> Sampler:
    """The dollar of two weeks."""

    async def ask(visit: Visit) -> Sample:
        today = clock.now().astimezone(KST).date()
        last = max(today, visit.context.calendar.last_closed(clock.now()).trade_date)
        days = await read(visit, WorldSymbol.USDKRW, last - timedelta(days=14), last)
        example = f"USD/KRW {days[-1].trade_date} {days[-1].close:,.2f}" if days else ""
        return Sample(len(days), closes_at(WorldSymbol.USDKRW, days[-1].trade_date) if days else None, example)

    return ask


def ask_daily(read: DailyReader) -> Sampler:
    """The bars of two weeks of the sample stock."""

    async def ask(visit: Visit) -> Sample:
        calendar = visit.context.calendar
        last = calendar.last_closed(clock.now()).trade_date
        bars = await read(visit, _SAMPLE.code, last - timedelta(days=14), last)
        closed = [bar for bar in bars if bar.trade_date <= last]
        newest = max((bar.trade_date for bar in closed), default=None)
        at = None if newest is None else calendar.day(newest).closes_at
        return Sample(len(closed), at, f"{_SAMPLE.code} {newest}" if newest else "")

    return ask


def ask_quotes(read: QuoteReader) -> Sampler:
    """The last trade of the sample stock."""

    async def ask(visit: Visit) -> Sample:
        quotes = await read(visit, [_SAMPLE.code])
        example = f"{_SAMPLE.code} {quotes[0].last_price_krw:,} KRW" if quotes else ""
        return Sample(len(quotes), quotes[0].ts if quotes else None, example)

    return ask
