"""How each news source is read in a crawl: one reader a source, each leaving in `Fetched` what came and what failed."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from backend import clock
from backend.clock import KST
from backend.domain.market import WatchedStock
from backend.errors import SourceError, SourceTemporaryError
from backend.pipelines.context import RunContext
from backend.pipelines.kis_access import open_kis
from backend.services.operations.sources import SourceState
from backend.sources import catalogue, dart, kis_news, naver_search, rss
from backend.sources.articles import Parsed
from backend.sources.catalogue import SourceInfo
from backend.sources.http.client import Answer, SourceClient

SEARCHES_AT_ONCE: Final = 4
# How far back the lists by time are read after an outage.
LOOK_BACK: Final = timedelta(days=3)
KINDS: Final = (catalogue.NEWS, catalogue.FILINGS)
# Their items are stored after all others, so that they find the same article's address.
WITHOUT_ADDRESSES: Final = frozenset({kis_news.SOURCE})


@dataclass(slots=True)
class Fetched:
    """What one source gave; `answer` carries the validators of a feed."""

    info: SourceInfo
    parsed: Parsed = field(default_factory=Parsed)
    answer: Answer | None = None
    error: SourceError | None = None
    requests: int = 0

    def add(self, page: Parsed) -> None:
        self.parsed.articles += page.articles
        self.parsed.dropped += page.dropped


Reader = Callable[[RunContext, SourceClient, Fetched, SourceState, Sequence[WatchedStock]], Awaitable[None]]


async def fetch(
    context: RunContext, info: SourceInfo, state: SourceState, stocks: Sequence[WatchedStock], *, deadline_s: float
) -> Fetched:
    """Read one source. Never raises a SourceError: it becomes `error`, beside what had come before it."""
    fetched = Fetched(info)
    reader = _READERS[info.id]
    try:
        async with asyncio.timeout(deadline_s), catalogue.open_source(context.settings.sources, info) as client:
            try:
                await reader(context, client, fetched, state, stocks)
            finally:
                fetched.requests = client.requests
    except SourceError as error:
        fetched.error = error
    except TimeoutError:
        fetched.error = SourceTemporaryError(f"{info.id} took more than {deadline_s:g} s; it is asked again.")
    return fetched


def _look_back(state: SourceState) -> datetime | None:
    """Until when a list by time is read: its newest item that we have, after an outage of some days not all of it."""
    return state.newest_item_at and max(state.newest_item_at, clock.now() - LOOK_BACK)


async def _read_feed(
    _context: RunContext, client: SourceClient, fetched: Fetched, state: SourceState, _stocks: Sequence[WatchedStock]
) -> None:
    feed = catalogue.FEEDS[fetched.info.id]
    answer = await rss.fetch_feed(client, feed, etag=state.etag, last_modified=state.last_modified)
    if not answer.not_modified:
        fetched.parsed = await asyncio.to_thread(rss.parse_feed, answer, feed)
    fetched.answer = answer


async def _read_dart_feed(
    _context: RunContext, client: SourceClient, fetched: Fetched, state: SourceState, _stocks: Sequence[WatchedStock]
) -> None:
    answer = await dart.fetch_today(client, etag=state.etag, last_modified=state.last_modified)
    if not answer.not_modified:
        fetched.parsed = await asyncio.to_thread(dart.parse_today, answer)
    fetched.answer = answer


async def _search(
    context: RunContext, client: SourceClient, fetched: Fetched, state: SourceState, stocks: Sequence[WatchedStock]
) -> None:
    """Each stock, back to the newest article we have. What came before an error is kept; a refusal stops the rest."""
    settings = context.settings.sources
    since = _look_back(state)
    slots = asyncio.Semaphore(SEARCHES_AT_ONCE)

    async def one(stock: WatchedStock) -> None:
        async with slots:
            if fetched.error is not None:
                return
            try:
                async for page in naver_search.fetch_pages(client, settings, stock, since):
                    fetched.add(page)
            except SourceError as error:
                fetched.error = error

    await asyncio.gather(*map(one, stocks))


async def _read_filings(
    context: RunContext, client: SourceClient, fetched: Fetched, state: SourceState, _stocks: Sequence[WatchedStock]
) -> None:
    """All filings of today, and of the days since the newest one we have."""
    key = context.settings.sources.dart_key
    assert key is not None  # the catalogue keeps a source without its key off
    now = clock.now()
    first = (_look_back(state) or now).astimezone(KST).date()
    for page in range(1, dart.PAGES + 1):
        answer = await dart.fetch_list(client, key, first, now.astimezone(KST).date(), page=page)
        parsed, pages = dart.parse_list(answer)
        fetched.add(parsed)
        if page >= pages:
            return


async def _read_titles(
    context: RunContext, client: SourceClient, fetched: Fetched, state: SourceState, _stocks: Sequence[WatchedStock]
) -> None:
    """Headlines of the whole market, page by page back to the newest one we have."""
    kis = open_kis(context.tools, client)
    since = _look_back(state) or clock.now() - timedelta(hours=1)
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


_READERS: Final[dict[str, Reader]] = {
    **dict.fromkeys(catalogue.FEEDS, _read_feed),
    **dict.fromkeys(naver_search.GATEWAYS, _search),
    dart.RSS: _read_dart_feed,
    dart.LIST: _read_filings,
    kis_news.SOURCE: _read_titles,
}
