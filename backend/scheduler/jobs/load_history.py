"""What happened before azak watched: archive news by paging the search, daily bars and index closes.

Articles older than an hour count as known at their publication (flag 'archive'); newer ones are known from now.
The search reaches at most 1,000 articles a stock and has no date filter, so busy stocks go back less far.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from backend import clock
from backend.crawlers import catalogue, naver_prices, naver_search
from backend.crawlers.client import SourceClient
from backend.crawlers.linking import StockNames
from backend.domain import Article, Counts, WatchedStock
from backend.errors import SourceError, SourceTemporaryError
from backend.internal import HistoryArguments
from backend.scheduler import news_pipeline, price_pipeline
from backend.scheduler.context import RunContext
from backend.services import news_intake, sources

STOCKS_AT_ONCE = 4
ARTICLES_A_WRITE = 1_000
ARCHIVE_AGE = timedelta(hours=1)
Arguments = HistoryArguments


@dataclass(slots=True)
class _Archive:
    articles: list[Article] = field(default_factory=list)
    dropped: int = 0
    stocks: int = 0
    error: SourceError | None = None


async def run(context: RunContext, arguments: Arguments) -> Counts:
    async with context.read() as session:
        watched = await news_intake.list_watched_stocks(session)
    wanted = [s for s in watched if arguments.stock_codes is None or s.code in arguments.stock_codes]
    age = timedelta(days=arguments.days)
    errors: list[SourceError] = []
    detail = await _load_news(context, StockNames(watched), wanted, age, errors)
    detail |= await _load_bars(context, wanted, age, errors)
    for error in errors:
        if isinstance(error, SourceTemporaryError):
            raise error  # what came is stored; the next attempt fills the rest
    written = ("news", "links", "stories", "daily_bars", "index_bars", "adjusted")
    return Counts(
        read=detail.get("articles_read", 0) + detail.get("bars_read", 0),
        written=sum(detail.get(name, 0) for name in written),
        skipped=detail.get("dropped", 0) + detail.get("bars_skipped", 0),
        failed=len(errors),
        detail=detail,
    )


async def _load_news(
    context: RunContext,
    names: StockNames,
    stocks: Sequence[WatchedStock],
    age: timedelta,
    errors: list[SourceError],
) -> dict[str, int]:
    if not await _is_open(context, naver_search.SOURCE, errors):
        return {}
    archive = await _fetch_archive(context, stocks, clock.now() - age)
    seen_at = clock.now()
    articles = news_pipeline.merge(archive.articles)
    articles.sort(key=lambda article: article.published_at or seen_at)
    totals = {"articles_read": len(archive.articles), "dropped": archive.dropped, "news": 0, "links": 0, "stories": 0}
    for start in range(0, len(articles), ARTICLES_A_WRITE):
        batch = articles[start : start + ARTICLES_A_WRITE]
        prepared = await news_pipeline.prepare(
            context, names, batch, seen_at=seen_at, archive_before=seen_at - ARCHIVE_AGE
        )
        async with context.write() as session:
            written = await news_pipeline.write(session, prepared)
        for name in ("news", "links", "stories"):
            totals[name] += getattr(written, name)
        context.report(0.4 + 0.3 * (start + len(batch)) / len(articles), f"{totals['news']} articles stored")
    await _record_health(context, archive)
    errors += [archive.error] if archive.error else []
    return totals


async def _is_open(context: RunContext, source: str, errors: list[SourceError]) -> bool:
    """Whether the source may be asked; if it is closed after a refusal, that is an error to retry."""
    info = catalogue.get_source_info(context.settings.sources, source)
    if info.off_reason:
        async with context.write() as session:
            await sources.record_source_off(session, info.id, info.kind, info.off_reason)
        return False
    async with context.read() as session:
        state = (await sources.list_source_states(session)).get(source, sources.NEVER_ASKED)
    if state.blocked_until is not None and state.is_blocked:
        pause_s = round((state.blocked_until - clock.now()).total_seconds())
        errors.append(
            SourceTemporaryError(f"{source} is closed for {pause_s} s after a refusal.", retry_after_s=pause_s)
        )
        return False
    return True


async def _fetch_archive(context: RunContext, stocks: Sequence[WatchedStock], cutoff: datetime) -> _Archive:
    settings = context.settings.sources
    info = catalogue.get_source_info(settings, naver_search.SOURCE)
    archive = _Archive()
    slots = asyncio.Semaphore(STOCKS_AT_ONCE)
    async with catalogue.open_source(settings, info) as client:

        async def one(stock: WatchedStock) -> None:
            async with slots:
                if archive.error is None:
                    await _fetch_stock(context, client, stock, cutoff, archive)
                    archive.stocks += 1
                    message = f"{stock.name}: {len(archive.articles)} articles so far"
                    context.report(0.4 * archive.stocks / len(stocks), message)

        await asyncio.gather(*map(one, stocks))
    return archive


async def _fetch_stock(
    context: RunContext, client: SourceClient, stock: WatchedStock, cutoff: datetime, archive: _Archive
) -> None:
    """Pages of one stock, newest first, until they are too old or bring nothing new."""
    query, seen = naver_search.search_query(stock), set[str]()
    try:
        for start in range(1, naver_search.LAST_START + 1, naver_search.PAGE_SIZE):
            answer = await naver_search.fetch_news(client, context.settings.sources, query, start=start)
            page = naver_search.parse_news(answer, stock.code)
            fresh = [article for article in page.articles if article.url_key not in seen]
            archive.articles += [a for a in fresh if a.published_at is None or a.published_at >= cutoff]
            archive.dropped += page.dropped.total()
            seen |= {article.url_key for article in fresh}
            oldest = min((a.published_at for a in fresh if a.published_at), default=None)
            if not fresh or (oldest is not None and oldest < cutoff):
                return
    except SourceError as error:
        archive.error = error


async def _record_health(context: RunContext, archive: _Archive) -> None:
    source, kind = naver_search.SOURCE, catalogue.NEWS
    async with context.write() as session:
        if archive.error is not None:
            await sources.record_source_error(session, source, kind, archive.error)
        else:
            newest = max((a.published_at for a in archive.articles if a.published_at), default=None)
            await sources.record_source_ok(session, source, kind, items=len(archive.articles), newest_item_at=newest)


async def _load_bars(
    context: RunContext, stocks: Sequence[WatchedStock], age: timedelta, errors: list[SourceError]
) -> dict[str, int]:
    if not await _is_open(context, naver_prices.CHART, errors):
        return {}
    moment = clock.now()
    window = ((moment - age).astimezone(clock.KST).date(), context.calendar.last_closed(moment).trade_date)
    symbols = (*(stock.code for stock in stocks), *naver_prices.INDEX_CODES)
    fetched = await price_pipeline.fetch_bars(context, dict.fromkeys(symbols, window))
    context.report(0.85, f"{len(fetched.daily)} bars fetched")
    detail = await price_pipeline.store_bars(context, fetched)
    errors += fetched.errors
    return detail | {"bars_read": len(fetched.daily) + len(fetched.index), "bars_skipped": fetched.skipped}
