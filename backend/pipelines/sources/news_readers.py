"""How each news source is read in a crawl. A reader adds what it read to `Fetched`, so that it survives a later error.

Which source has which reader is in catalogue.py.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from backend import clock
from backend.clock import KST
from backend.domain.market import WatchedStock
from backend.errors import SourceError
from backend.pipelines.sources.kis_access import open_kis
from backend.pipelines.sources.visits import Visit
from backend.services.operations.sources import SourceState
from backend.sources import dart, kis_news, naver_search, rss
from backend.sources.articles import Parsed
from backend.sources.http.client import Answer

SEARCHES_AT_ONCE: Final = 4
# How far back the lists by time are read after an outage.
LOOK_BACK: Final = timedelta(days=3)


@dataclass(slots=True)
class Fetched:
    """What one visit brought; `answer` carries the validators of a feed."""

    visit: Visit
    parsed: Parsed = field(default_factory=Parsed)
    answer: Answer | None = None

    def add(self, page: Parsed) -> None:
        self.parsed.articles += page.articles
        self.parsed.dropped += page.dropped


# (what to add to, the watched stocks); raises a SourceError.
NewsReader = Callable[[Fetched, Sequence[WatchedStock]], Awaitable[None]]


def _look_back(state: SourceState) -> datetime | None:
    """Until when a list by time is read: the newest item stored, but at most LOOK_BACK; None if nothing is stored."""
    return state.newest_item_at and max(state.newest_item_at, clock.now() - LOOK_BACK)


async def read_feed(fetched: Fetched, _stocks: Sequence[WatchedStock]) -> None:
    visit = fetched.visit
    feed = rss.FEED_OF[visit.info.id]
    answer = await rss.fetch_feed(visit.client, feed, etag=visit.state.etag, last_modified=visit.state.last_modified)
    if not answer.not_modified:
        fetched.parsed = await asyncio.to_thread(rss.parse_feed, answer, feed)
    fetched.answer = answer


async def read_dart_feed(fetched: Fetched, _stocks: Sequence[WatchedStock]) -> None:
    state = fetched.visit.state
    answer = await dart.fetch_today(fetched.visit.client, etag=state.etag, last_modified=state.last_modified)
    if not answer.not_modified:
        fetched.parsed = await asyncio.to_thread(dart.parse_today, answer)
    fetched.answer = answer


async def search(fetched: Fetched, stocks: Sequence[WatchedStock]) -> None:
    """Each stock, back to the newest article stored. After the first error no further search is begun."""
    visit = fetched.visit
    since = _look_back(visit.state)
    slots = asyncio.Semaphore(SEARCHES_AT_ONCE)

    async def one(stock: WatchedStock) -> None:
        async with slots:
            if visit.errors:
                return
            try:
                async for page in naver_search.fetch_pages(visit.client, visit.settings, stock, since):
                    fetched.add(page)
            except SourceError as error:
                visit.errors.append(error)

    await asyncio.gather(*map(one, stocks))


async def read_filings(fetched: Fetched, _stocks: Sequence[WatchedStock]) -> None:
    """All filings of today, and of the days since the newest one stored."""
    visit = fetched.visit
    key = visit.settings.dart_key
    assert key is not None  # the catalogue keeps a source without its key off
    now = clock.now()
    first = (_look_back(visit.state) or now).astimezone(KST).date()
    for page in range(1, dart.PAGES + 1):
        answer = await dart.fetch_list(visit.client, key, first, now.astimezone(KST).date(), page=page)
        parsed, pages = dart.parse_list(answer)
        fetched.add(parsed)
        if page >= pages:
            return


async def read_titles(fetched: Fetched, _stocks: Sequence[WatchedStock]) -> None:
    """Headlines of the whole market, page by page back to the newest one stored, or one hour."""
    visit = fetched.visit
    kis = open_kis(visit.context.tools, visit.client)
    since = _look_back(visit.state) or clock.now() - timedelta(hours=1)
    seen: set[str] = set()
    until = None
    for _ in range(kis_news.PAGES):
        page = kis_news.parse_titles(await kis_news.fetch_titles(kis, until))
        fresh = {article.url_key for article in page.articles} - seen
        fetched.add(page)
        seen |= fresh
        until = min((article.published_at for article in page.articles if article.published_at), default=None)
        if not fresh or until is None or until < since:
            return
