"""Every 10 minutes: read all news sources at once, each within its own deadline, and store each as it arrives.

A source that is slow, dead or changed does not affect the others: its error becomes its health row.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import timedelta

from backend import clock
from backend.domain.market import WatchedStock
from backend.domain.runs import Counts, RunReason
from backend.internal import NoArguments
from backend.pipelines.context import RunContext
from backend.pipelines.news import feed_gaps, news_pipeline
from backend.pipelines.news.known_names import read_names
from backend.pipelines.sources import catalogue, visits
from backend.pipelines.sources.news_readers import Fetched
from backend.pipelines.sources.visits import Admission, Visit
from backend.services.news import news_intake
from backend.services.operations.feed_gaps import tell_span
from backend.text.linking import StockNames

SOURCE_DEADLINE_S = 30
SAME_ARTICLE = timedelta(days=1)


async def run(context: RunContext, arguments: NoArguments) -> Counts:  # noqa: ARG001  (the signature of every job)
    async with context.read() as session:
        stocks = await news_intake.list_watched_stocks(session)
    infos = catalogue.list_news_infos(context.settings.sources)
    admitted = visits.require_open(await visits.admit(context, infos), RunReason.NO_NEWS_SOURCE)
    detail: dict[str, int] = {}
    asked: list[Visit] = []
    tasks = [asyncio.create_task(_fetch(context, admission, stocks)) for admission in admitted]
    names = await read_names(context, stocks)
    without_addresses: list[Fetched] = []
    try:
        for done, task in enumerate(asyncio.as_completed(tasks), start=1):
            fetched = await task
            info = fetched.visit.info
            asked.append(fetched.visit)
            if catalogue.SOURCES[info.id].has_addresses:
                detail |= await _store(context, names, fetched)
            else:
                without_addresses.append(fetched)
            context.report(done / len(tasks), f"{info.id}: {len(fetched.parsed.articles)} articles")
        for fetched in without_addresses:
            detail |= await _store(context, names, fetched)
        detail |= await _fill_gaps(context, names, stocks, detail)
    finally:
        for task in tasks:
            task.cancel()
    read = sum(n for name, n in detail.items() if name.endswith(".read"))
    if not read:
        visits.require_one_well(asked)
    return Counts(
        read=read,
        written=sum(n for name, n in detail.items() if name.endswith((".news", ".links", ".stories", ".versions"))),
        skipped=len(infos) - len(admitted),
        failed=sum(visit.error is not None for visit in asked),
        detail=detail,
    )


async def _fill_gaps(
    context: RunContext, names: StockNames, stocks: Sequence[WatchedStock], detail: Mapping[str, int]
) -> dict[str, int]:
    """The run's numbers with those of the gaps that were filled; a source may be asked a second time for it."""

    async def store(fetched: Fetched) -> dict[str, int]:
        return await _store(context, names, fetched)

    found = await feed_gaps.fill(context, stocks, store)
    return {name: detail.get(name, 0) + number for name, number in found.items()}


async def _fetch(context: RunContext, admission: Admission, stocks: Sequence[WatchedStock]) -> Fetched:
    """Read one source. An error or the deadline does not raise: what came before it is kept."""
    read = catalogue.SOURCES[admission.info.id].news
    assert read is not None  # only sources of news are admitted
    async with visits.visit(context, admission, within_s=SOURCE_DEADLINE_S) as visit:
        fetched = Fetched(visit)
        await read(fetched, stocks)
    return fetched


async def _store(context: RunContext, names: StockNames, fetched: Fetched) -> dict[str, int]:
    """One short write: the articles that came and the health of their source."""
    visit, parsed = fetched.visit, fetched.parsed
    articles = parsed.articles
    if not catalogue.SOURCES[visit.info.id].has_addresses:
        articles = await news_pipeline.take_known_addresses(context, articles, since=clock.now() - SAME_ARTICLE)
    articles = news_pipeline.merge(articles)
    prepared = await news_pipeline.prepare(context, names, articles, seen_at=clock.now())
    async with context.write() as session:
        gap = await feed_gaps.record_gap(session, fetched)
        written = await news_pipeline.write(session, prepared)
        # A feed of one day is empty until the first announcement: that says nothing of its health.
        items = len(parsed.articles) or (None if catalogue.SOURCES[visit.info.id].day_holds else 0)
        await visit.record(session, items=items, newest_item_at=parsed.newest, answer=fetched.answer)
    if visit.error is not None:
        await context.log(visit.error.detail, level="warning", source=visit.info.id)
    if gap is not None:
        await context.log(f"{visit.info.id} did not show what it published {tell_span(gap)}.", level="warning")
    numbers = {"read": len(parsed.articles), "dropped": parsed.dropped.total(), "news": written.news}
    numbers |= {"links": written.links, "stories": written.stories, "versions": written.versions}
    numbers |= {"gaps": 1} if gap is not None else {}
    return {f"{visit.info.id}.{name}": number for name, number in numbers.items()}
