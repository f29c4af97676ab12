"""How each news source is read in a crawl. A reader adds what it read to `Fetched`, so that it survives a later error.

Which source has which reader is in catalogue.py.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from backend import clock
from backend.clock import KST
from backend.domain.market import WatchedStock
from backend.errors import SourceError
from backend.pipelines.sources import filing_fields
from backend.pipelines.sources.kis_access import open_kis
from backend.pipelines.sources.visits import Visit
from backend.services.operations.sources import SourceState
from backend.sources import dart, kind, kis_news, naver_search, rss
from backend.sources.articles import Parsed
from backend.sources.http.client import Answer

SEARCHES_AT_ONCE: Final = 4
# How far back the lists by time are read after an outage.
LOOK_BACK: Final = timedelta(days=3)
# Pages that a gap may take: 12,000 headlines or 30,000 filings.
FILL_PAGES: Final = 300


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
# (what to add to, the watched stocks, since, until): reads what was published in between, and returns whether all of it
# was read; raises a SourceError.
FillReader = Callable[[Fetched, Sequence[WatchedStock], datetime, datetime], Awaitable[bool]]


def _look_back(state: SourceState) -> datetime | None:
    """Until when a list by time is read: the newest item stored, but at most LOOK_BACK; None if nothing is stored."""
    return state.newest_item_at and max(state.newest_item_at, clock.now() - LOOK_BACK)


async def read_feed(fetched: Fetched, _stocks: Sequence[WatchedStock]) -> None:
    feed = rss.FEED_OF[fetched.visit.info.id]
    await _read_if_modified(fetched, partial(rss.fetch_feed, feed=feed), lambda answer: rss.parse_feed(answer, feed))


async def read_dart_feed(fetched: Fetched, _stocks: Sequence[WatchedStock]) -> None:
    await _read_if_modified(fetched, dart.fetch_today, dart.parse_today)


async def read_kind(fetched: Fetched, _stocks: Sequence[WatchedStock]) -> None:
    await _read_if_modified(fetched, kind.fetch_today, kind.parse_today)


async def _read_if_modified(
    fetched: Fetched, fetch: Callable[..., Awaitable[Answer]], parse: Callable[[Answer], Parsed]
) -> None:
    """Ask with the validators of the last answer; `fetch` takes them as `etag` and `last_modified`."""
    state = fetched.visit.state
    answer = await fetch(fetched.visit.client, etag=state.etag, last_modified=state.last_modified)
    if not answer.not_modified:
        fetched.parsed = await asyncio.to_thread(parse, answer)
    fetched.answer = answer


async def search(fetched: Fetched, stocks: Sequence[WatchedStock]) -> None:
    """Each stock, back to the newest article stored."""
    await _search(fetched, stocks, _look_back(fetched.visit.state))


async def search_back(fetched: Fetched, stocks: Sequence[WatchedStock], since: datetime, _until: datetime) -> bool:
    """Each stock back to `since`; a search cannot be asked until a time. False if one has too many results for that."""
    return await _search(fetched, stocks, since)


async def _search(fetched: Fetched, stocks: Sequence[WatchedStock], since: datetime | None) -> bool:
    """Whether every stock was read back to `since`. After the first error no further search is begun."""
    visit = fetched.visit
    slots = asyncio.Semaphore(SEARCHES_AT_ONCE)

    async def one(stock: WatchedStock) -> bool:
        is_whole = False
        async with slots:
            if visit.errors:
                return False
            try:
                async for page in naver_search.fetch_pages(visit.client, visit.settings, stock, since):
                    fetched.add(page)
                    is_whole = naver_search.reaches(page, since)
            except SourceError as error:
                visit.errors.append(error)
        return is_whole and not visit.errors

    return all(await asyncio.gather(*map(one, stocks)))


async def read_filings(fetched: Fetched, stocks: Sequence[WatchedStock]) -> None:
    """All filings of today, and of the days since the newest one stored."""
    now = clock.now()
    await _list_filings(fetched, stocks, _look_back(fetched.visit.state) or now, now, pages=dart.PAGES)


async def fill_filings(fetched: Fetched, stocks: Sequence[WatchedStock], since: datetime, until: datetime) -> bool:
    """All filings of the days from `since` to `until`."""
    return await _list_filings(fetched, stocks, since, until, pages=FILL_PAGES)


async def _list_filings(
    fetched: Fetched, stocks: Sequence[WatchedStock], since: datetime, until: datetime, *, pages: int
) -> bool:
    """Whether the filings of those Korean days fit into `pages` pages. Those of `stocks` come with their fields."""
    visit = fetched.visit
    key = visit.settings.dart_key
    assert key is not None  # the catalogue keeps a source without its key off
    first, last = since.astimezone(KST).date(), until.astimezone(KST).date()
    companies: dict[str, str] = {}
    is_whole = False
    for number in range(1, pages + 1):
        page = dart.parse_list(await dart.fetch_list(visit.client, key, first, last, page=number))
        fetched.add(page.parsed)
        companies |= page.companies
        is_whole = number >= page.pages
        if is_whole:
            break
    watched = frozenset(stock.code for stock in stocks)
    fetched.parsed.articles = await filing_fields.read_fields(visit, fetched.parsed.articles, companies, watched)
    return is_whole


async def read_titles(fetched: Fetched, _stocks: Sequence[WatchedStock]) -> None:
    """Headlines of the whole market, page by page back to the newest one stored, or one hour."""
    since = _look_back(fetched.visit.state) or clock.now() - timedelta(hours=1)
    await _list_titles(fetched, since, None, pages=kis_news.PAGES)


async def fill_titles(fetched: Fetched, _stocks: Sequence[WatchedStock], since: datetime, until: datetime) -> bool:
    """Headlines of the whole market from `until` back to `since`."""
    return await _list_titles(fetched, since, until, pages=FILL_PAGES)


async def _list_titles(fetched: Fetched, since: datetime, until: datetime | None, *, pages: int) -> bool:
    """Whether `pages` pages, the first one published at or before `until` (None: now), reach back to `since`."""
    kis = open_kis(fetched.visit.context.tools, fetched.visit.client)
    seen: set[str] = set()
    for _ in range(pages):
        page = kis_news.parse_titles(await kis_news.fetch_titles(kis, until))
        fresh = {article.url_key for article in page.articles} - seen
        fetched.add(page)
        seen |= fresh
        until = min((article.published_at for article in page.articles if article.published_at), default=None)
        if until is not None and until < since:
            return True
        if not fresh or until is None:
            return False
    return False
