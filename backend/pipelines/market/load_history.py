"""History from before a stock was watched: news by paging the search, daily bars and index closes.

Articles older than an hour count as known at their publication (flag 'archive'); newer ones are known from now.
The search reaches at most 1,000 articles a stock and has no date filter, so busy stocks go back less far.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from backend import clock
from backend.domain.market import WatchedStock
from backend.domain.news import Article
from backend.domain.runs import Counts, RunReason
from backend.errors import SourceError, SourceTemporaryError
from backend.internal import HistoryArguments
from backend.pipelines.context import RunContext, nothing_to_do
from backend.pipelines.market import price_pipeline
from backend.pipelines.news import news_pipeline
from backend.pipelines.news.known_names import read_names
from backend.pipelines.sources import catalogue, visits
from backend.pipelines.sources.price_readers import INDEX_CODES
from backend.pipelines.sources.visits import Admission, Visit
from backend.services.news import news_intake
from backend.sources import naver_search
from backend.text.linking import StockNames

STOCKS_AT_ONCE = 4
ARTICLES_A_WRITE = 1_000
ARCHIVE_AGE = timedelta(hours=1)
Arguments = HistoryArguments
_WRITTEN = ("news", "links", "stories", "versions")


@dataclass(slots=True)
class _Archive:
    """What the search still has. `stocks`: how many have been searched for."""

    visit: Visit
    articles: list[Article] = field(default_factory=list)
    dropped: int = 0
    stocks: int = 0


async def run(context: RunContext, arguments: Arguments) -> Counts:
    async with context.read() as session:
        watched = await news_intake.list_watched_stocks(session)
    wanted = [s for s in watched if arguments.stock_codes is None or s.code in arguments.stock_codes]
    if not wanted:
        raise nothing_to_do(RunReason.NO_STOCK)
    search = await visits.admit(context, [catalogue.get_search_info(context.settings.sources)])
    prices = await price_pipeline.admit(context)
    if not search and not prices:
        raise nothing_to_do(RunReason.NO_HISTORY_SOURCE)
    age = timedelta(days=arguments.days)
    of_news: list[SourceError] = []
    of_prices: list[SourceError] = []
    names = await read_names(context, watched)
    detail = await _load_news(context, search, names, wanted, age=age, errors=of_news)
    detail |= await _load_bars(context, prices, wanted, age=age, errors=of_prices)
    errors = of_news + of_prices
    for error in errors:
        if isinstance(error, SourceTemporaryError):
            raise error  # what came is stored; the next attempt fills the rest
    read = detail.get("articles_read", 0) + detail.get("bars_read", 0)
    if not read and bool(search) == bool(of_news) and bool(prices) == bool(of_prices):
        raise errors[0]  # everything that was asked failed, and a retry cannot help
    written = (*_WRITTEN, *price_pipeline.WRITTEN)
    return Counts(
        read=read,
        written=sum(detail.get(name, 0) for name in written),
        skipped=detail.get("dropped", 0) + detail.get("bars_skipped", 0),
        failed=len(errors),
        detail=detail,
    )


async def _load_news(
    context: RunContext,
    admitted: Sequence[Admission],
    names: StockNames,
    stocks: Sequence[WatchedStock],
    *,
    age: timedelta,
    errors: list[SourceError],
) -> dict[str, int]:
    errors += [one.refusal for one in admitted if one.refusal is not None]
    if not admitted or errors:
        return {}
    archive = await _fetch_archive(context, admitted[0], stocks, clock.now() - age)
    seen_at = clock.now()
    articles = news_pipeline.merge(archive.articles)
    articles.sort(key=lambda article: article.published_at or seen_at)
    totals = {"articles_read": len(archive.articles), "dropped": archive.dropped} | dict.fromkeys(_WRITTEN, 0)
    for start in range(0, len(articles), ARTICLES_A_WRITE):
        batch = articles[start : start + ARTICLES_A_WRITE]
        prepared = await news_pipeline.prepare(
            context, names, batch, seen_at=seen_at, archive_before=seen_at - ARCHIVE_AGE
        )
        async with context.write() as session:
            written = await news_pipeline.write(session, prepared)
        for name in _WRITTEN:
            totals[name] += getattr(written, name)
        context.report(0.4 + 0.3 * (start + len(batch)) / len(articles), f"{totals['news']} articles stored")
    newest = max((a.published_at for a in archive.articles if a.published_at), default=None)
    async with context.write() as session:
        await archive.visit.record(session, items=len(archive.articles), newest_item_at=newest)
    errors += archive.visit.errors[:1]
    return totals


async def _fetch_archive(
    context: RunContext, admission: Admission, stocks: Sequence[WatchedStock], cutoff: datetime
) -> _Archive:
    slots = asyncio.Semaphore(STOCKS_AT_ONCE)
    async with visits.visit(context, admission) as visit:
        archive = _Archive(visit)

        async def one(stock: WatchedStock) -> None:
            async with slots:
                if not visit.errors:
                    await _fetch_stock(archive, stock, cutoff)
                    archive.stocks += 1
                    message = f"{stock.name}: {len(archive.articles)} articles so far"
                    context.report(0.4 * archive.stocks / len(stocks), message)

        await asyncio.gather(*map(one, stocks))
    return archive


async def _fetch_stock(archive: _Archive, stock: WatchedStock, cutoff: datetime) -> None:
    """Add what the search still has of one stock since `cutoff`."""
    visit = archive.visit
    try:
        async for page in naver_search.fetch_pages(visit.client, visit.settings, stock, cutoff):
            archive.articles += [a for a in page.articles if a.published_at is None or a.published_at >= cutoff]
            archive.dropped += page.dropped.total()
    except SourceError as error:
        visit.errors.append(error)


async def _load_bars(
    context: RunContext,
    admitted: Sequence[Admission],
    stocks: Sequence[WatchedStock],
    *,
    age: timedelta,
    errors: list[SourceError],
) -> dict[str, int]:
    moment = clock.now()
    window = ((moment - age).astimezone(clock.KST).date(), context.calendar.last_closed(moment).trade_date)
    symbols = (*(stock.code for stock in stocks), *INDEX_CODES)
    fetched = await price_pipeline.fetch_bars(context, admitted, dict.fromkeys(symbols, window))
    read = sum(len(found.dates) for found in fetched)
    context.report(0.85, f"{read} bars fetched")
    detail = await price_pipeline.store_bars(context, fetched, hindsight=True)
    # What one source refused the next one may have had: only the errors of the last one asked count.
    errors += fetched[-1].visit.errors if fetched else [one.refusal for one in admitted if one.refusal is not None]
    return detail | {"bars_read": read, "bars_skipped": sum(found.skipped for found in fetched)}
