"""Every 10 minutes: all enabled news sources at once, each with its own deadline, stored as each arrives.

A source that is slow, dead or changed costs only itself: its error becomes its health row.
"""

import asyncio
from datetime import timedelta

from backend import clock
from backend.domain.runs import Counts
from backend.internal import NoArguments
from backend.pipelines import source_access
from backend.pipelines.context import RunContext
from backend.pipelines.news import news_pipeline, news_sources
from backend.pipelines.news.news_sources import Fetched
from backend.services.news import news_intake
from backend.sources import catalogue
from backend.text.linking import StockNames

SOURCE_DEADLINE_S = 30
SAME_ARTICLE = timedelta(days=1)


async def run(context: RunContext, arguments: NoArguments) -> Counts:  # noqa: ARG001  (the signature of every job)
    async with context.read() as session:
        stocks = await news_intake.list_watched_stocks(session)
    known = catalogue.list_source_infos(context.settings.sources)
    infos = [info for info in known if info.kind in news_sources.KINDS]
    asked = [one for one in await source_access.admit(context, infos) if one.refusal is None]
    names = StockNames(stocks)
    detail: dict[str, int] = {}
    failed = 0
    tasks = [
        asyncio.create_task(news_sources.fetch(context, one.info, one.state, stocks, deadline_s=SOURCE_DEADLINE_S))
        for one in asked
    ]
    late: list[Fetched] = []
    try:
        for done, task in enumerate(asyncio.as_completed(tasks), start=1):
            fetched = await task
            failed += fetched.error is not None
            if fetched.info.id in news_sources.WITHOUT_ADDRESSES:
                late.append(fetched)
            else:
                detail |= await _store(context, names, fetched)
            context.report(done / len(tasks), f"{fetched.info.id}: {len(fetched.parsed.articles)} articles")
        for fetched in late:
            detail |= await _store(context, names, fetched)
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


async def _store(context: RunContext, names: StockNames, fetched: Fetched) -> dict[str, int]:
    """One short write: the articles that came and the health of their source."""
    info, parsed, answer = fetched.info, fetched.parsed, fetched.answer
    articles = parsed.articles
    if info.id in news_sources.WITHOUT_ADDRESSES:
        articles = await news_pipeline.take_known_addresses(context, articles, since=clock.now() - SAME_ARTICLE)
    articles = news_pipeline.merge(articles)
    prepared = await news_pipeline.prepare(context, names, articles, seen_at=clock.now())
    unchanged = answer is not None and answer.not_modified
    async with context.write() as session:
        written = await news_pipeline.write(session, prepared)
        await source_access.record(
            context,
            session,
            info,
            error=fetched.error,
            requests=fetched.requests,
            items=None if unchanged else len(parsed.articles),
            newest_item_at=parsed.newest,
            etag=answer.etag if answer else None,
            last_modified=answer.last_modified if answer else None,
        )
    if fetched.error is not None:
        await context.log(fetched.error.detail, level="warning", source=info.id)
    numbers = {"read": len(parsed.articles), "dropped": parsed.dropped.total(), "news": written.news}
    numbers |= {"links": written.links, "stories": written.stories}
    return {f"{info.id}.{name}": number for name, number in numbers.items()}
