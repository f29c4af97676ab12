"""After the close: the daily bars of every active stock and of the two indices, and whatever is missing before.

Only sessions that have closed are stored; a bar is final some minutes after its close (price_pipeline.SETTLE).
"""

from datetime import date

from backend import clock
from backend.crawlers import catalogue, naver_prices
from backend.domain import Counts
from backend.internal import NoArguments
from backend.scheduler import price_pipeline
from backend.scheduler.context import RunContext
from backend.services import bars, news_intake, sources
from backend.services.sources import NEVER_ASKED

SESSIONS = 10


async def run(context: RunContext, arguments: NoArguments) -> Counts:  # noqa: ARG001  (the signature of every job)
    info = catalogue.get_source_info(context.settings.sources, naver_prices.CHART)
    if info.off_reason:
        async with context.write() as session:
            await sources.record_source_off(session, info.id, info.kind, info.off_reason)
        return Counts(skipped=1)
    async with context.read() as session:
        if (await sources.list_source_states(session)).get(info.id, NEVER_ASKED).is_blocked:
            return Counts(skipped=1)
        codes = [stock.code for stock in await news_intake.list_watched_stocks(session)]
        newest = await bars.list_latest_trade_dates(session, codes) | await bars.list_latest_index_dates(session)
    fetched = await price_pipeline.fetch_bars(context, _windows(context, codes, newest))
    context.report(0.8, f"{len(fetched.daily)} bars fetched")
    detail = await price_pipeline.store_bars(context, fetched)
    for error in fetched.errors[:1]:
        await context.log(error.detail, level="warning", source=info.id)
    return Counts(
        read=len(fetched.daily) + len(fetched.index),
        written=sum(detail.values()),
        skipped=fetched.skipped,
        failed=len(fetched.errors),
        detail=detail,
    )


def _windows(context: RunContext, codes: list[str], newest: dict[str, date]) -> dict[str, tuple[date, date]]:
    """The last sessions of each symbol, further back if bars are missing since the newest one stored."""
    last = context.calendar.last_closed(clock.now()).trade_date
    first = context.calendar.shift(last, 1 - SESSIONS).trade_date
    return {symbol: (min(first, newest.get(symbol, first)), last) for symbol in (*codes, *naver_prices.INDEX_CODES)}
