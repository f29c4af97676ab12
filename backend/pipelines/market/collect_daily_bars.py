"""After the close: the daily bars of every watched stock and both indices, and those missing from before.

Only sessions that have closed are stored; a bar is final some minutes after its close (price_pipeline.SETTLE).
"""

from datetime import date

from backend import clock
from backend.domain.runs import Counts, RunReason
from backend.internal import NoArguments
from backend.pipelines.context import RunContext
from backend.pipelines.market import price_pipeline
from backend.pipelines.sources import visits
from backend.pipelines.sources.price_readers import INDEX_CODES
from backend.services.market import bars
from backend.services.news import news_intake

SESSIONS = 10


async def run(context: RunContext, arguments: NoArguments) -> Counts:  # noqa: ARG001  (the signature of every job)
    admitted = visits.require_open(await price_pipeline.admit(context), RunReason.NO_PRICE_SOURCE)
    async with context.read() as session:
        codes = [stock.code for stock in await news_intake.list_watched_stocks(session)]
        newest = await bars.list_latest_trade_dates(session, codes) | await bars.list_latest_index_dates(session)
    fetched = await price_pipeline.fetch_bars(context, admitted, _windows(context, codes, newest))
    read = sum(len(found.dates) for found in fetched)
    context.report(0.8, f"{read} bars fetched")
    detail = await price_pipeline.store_bars(context, fetched)
    for found in fetched:
        if found.visit.error is not None:
            await context.log(found.visit.error.detail, level="warning", source=found.visit.info.id)
    if not read:
        visits.require_one_well([found.visit for found in fetched])
    return Counts(
        read=read,
        written=sum(detail.get(name, 0) for name in price_pipeline.WRITTEN),
        skipped=sum(found.skipped for found in fetched),
        failed=sum(found.failed for found in fetched),
        detail=detail,
    )


def _windows(context: RunContext, codes: list[str], newest: dict[str, date]) -> dict[str, tuple[date, date]]:
    """The last sessions of each symbol, further back if bars are missing since the newest one stored."""
    last = context.calendar.last_closed(clock.now()).trade_date
    first = context.calendar.shift(last, 1 - SESSIONS).trade_date
    return {symbol: (min(first, newest.get(symbol, first)), last) for symbol in (*codes, *INDEX_CODES)}
