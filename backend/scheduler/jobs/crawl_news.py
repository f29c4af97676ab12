"""Every 10 minutes: all enabled news sources at once, each with its own deadline, stored as each arrives.

A source that is slow, dead or changed costs only itself: its error becomes its health row.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from backend import clock
from backend.crawlers import catalogue, naver_search, rss
from backend.crawlers.articles import Parsed
from backend.crawlers.catalogue import SourceInfo
from backend.crawlers.client import Answer
from backend.crawlers.linking import StockNames
from backend.db.session import Session
from backend.domain import Counts, WatchedStock
from backend.errors import SourceError, SourceTemporaryError
from backend.internal import NoArguments
from backend.scheduler import news_pipeline
from backend.scheduler.context import RunContext
from backend.services import news_intake, sources
from backend.services.sources import NEVER_ASKED, SourceState

SOURCE_DEADLINE_S = 30
SEARCHES_AT_ONCE = 4


@dataclass(slots=True)
class Fetched:
    """What one source gave; `answer` carries the validators of a feed."""

    info: SourceInfo
    parsed: Parsed = field(default_factory=Parsed)
    answer: Answer | None = None
    error: SourceError | None = None


async def run(context: RunContext, arguments: NoArguments) -> Counts:  # noqa: ARG001  (the signature of every job)
    async with context.read() as session:
        stocks = await news_intake.list_watched_stocks(session)
        states = await sources.list_source_states(session)
    infos = [info for info in catalogue.list_source_infos(context.settings.sources) if info.kind == catalogue.NEWS]
    await _record_off(context, infos)
    asked = [i for i in infos if i.off_reason is None and not states.get(i.id, NEVER_ASKED).is_blocked]
    names = StockNames(stocks)
    detail: dict[str, int] = {}
    failed = 0
    tasks = [asyncio.create_task(_fetch(context, info, states.get(info.id, NEVER_ASKED), stocks)) for info in asked]
    try:
        for done, task in enumerate(asyncio.as_completed(tasks), start=1):
            fetched = await task
            detail |= await _store(context, names, fetched)
            failed += fetched.error is not None
            context.report(done / len(tasks), f"{fetched.info.id}: {len(fetched.parsed.articles)} articles")
    finally:
        for task in tasks:
            task.cancel()
    return Counts(
        read=sum(n for name, n in detail.items() if name.endswith(".read")),
        written=sum(n for name, n in detail.items() if name.endswith((".news", ".links", ".stories"))),
        skipped=len(infos) - len(asked),
        failed=failed,
        detail=detail,
    )


async def _record_off(context: RunContext, infos: Sequence[SourceInfo]) -> None:
    async with context.write() as session:
        for info in infos:
            if info.off_reason:
                await sources.record_source_off(session, info.id, info.kind, info.off_reason)


async def _fetch(context: RunContext, info: SourceInfo, state: SourceState, stocks: Sequence[WatchedStock]) -> Fetched:
    fetched = Fetched(info)
    try:
        async with asyncio.timeout(SOURCE_DEADLINE_S):
            if info.id in catalogue.FEEDS:
                await _fetch_feed(context, fetched, state)
            else:
                await _search(context, fetched, stocks)
    except SourceError as error:
        fetched.error = error
    except TimeoutError:
        fetched.error = SourceTemporaryError(f"{info.id} took more than {SOURCE_DEADLINE_S} s; it is asked again.")
    return fetched


async def _fetch_feed(context: RunContext, fetched: Fetched, state: SourceState) -> None:
    feed = catalogue.FEEDS[fetched.info.id]
    async with catalogue.open_source(context.settings.sources, fetched.info) as client:
        answer = await rss.fetch_feed(client, feed, etag=state.etag, last_modified=state.last_modified)
    if not answer.not_modified:
        fetched.parsed = await asyncio.to_thread(rss.parse_feed, answer, feed)
    fetched.answer = answer


async def _search(context: RunContext, fetched: Fetched, stocks: Sequence[WatchedStock]) -> None:
    """The newest page of each stock. What arrived before an error is kept; a refusal stops the rest."""
    settings = context.settings.sources
    slots = asyncio.Semaphore(SEARCHES_AT_ONCE)

    async def one(stock: WatchedStock) -> None:
        async with slots:
            if fetched.error is not None:
                return
            try:
                answer = await naver_search.fetch_news(client, settings, naver_search.search_query(stock))
                page = naver_search.parse_news(answer, stock.code)
            except SourceError as error:
                fetched.error = error
                return
        fetched.parsed.articles += page.articles
        fetched.parsed.dropped += page.dropped

    async with catalogue.open_source(settings, fetched.info) as client:
        await asyncio.gather(*map(one, stocks))


async def _store(context: RunContext, names: StockNames, fetched: Fetched) -> dict[str, int]:
    """One short write: the articles that came and the health of their source."""
    info, parsed = fetched.info, fetched.parsed
    articles = news_pipeline.merge(parsed.articles)
    prepared = await news_pipeline.prepare(context, names, articles, seen_at=clock.now())
    async with context.write() as session:
        written = await news_pipeline.write(session, prepared)
        if fetched.error is not None:
            await sources.record_source_error(session, info.id, info.kind, fetched.error)
        else:
            await _record_ok(session, fetched)
    if fetched.error is not None:
        await context.log(fetched.error.detail, level="warning", source=info.id)
    numbers = {"read": len(parsed.articles), "dropped": parsed.dropped.total(), "news": written.news}
    numbers |= {"links": written.links, "stories": written.stories}
    return {f"{info.id}.{name}": number for name, number in numbers.items()}


async def _record_ok(session: Session, fetched: Fetched) -> None:
    answer = fetched.answer
    unchanged = answer is not None and answer.not_modified
    await sources.record_source_ok(
        session,
        fetched.info.id,
        fetched.info.kind,
        items=None if unchanged else len(fetched.parsed.articles),
        newest_item_at=fetched.parsed.newest,
        etag=answer.etag if answer else None,
        last_modified=answer.last_modified if answer else None,
    )
