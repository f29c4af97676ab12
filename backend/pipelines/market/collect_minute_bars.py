"""After the close: the exchange's own minute bars of the session, in place of those sampled once a minute.

Only KIS has them, 30 minutes a call, and only for the running day: a day that was missed stays as it was sampled.
"""

import asyncio
from datetime import datetime, timedelta
from typing import Final

from backend import clock
from backend.domain.market import MinuteBar
from backend.domain.runs import Counts, RunReason
from backend.errors import SourceError
from backend.internal import NoArguments
from backend.krx import TradingDay
from backend.pipelines.context import RunContext, nothing_to_do
from backend.pipelines.sources import catalogue, visits
from backend.pipelines.sources.kis_access import open_kis
from backend.services.market import bars
from backend.services.news import news_intake
from backend.sources import kis, kis_prices

STOCKS_AT_ONCE: Final = 4
_MINUTE: Final = timedelta(minutes=1)


async def run(context: RunContext, arguments: NoArguments) -> Counts:  # noqa: ARG001  (the signature of every job)
    info = catalogue.get_source_info(context.settings.sources, kis.SOURCE)
    admitted = visits.require_open(await visits.admit(context, [info]), RunReason.NO_MINUTE_SOURCE)
    day = context.calendar.last_closed(clock.now())
    if not _is_today(context, day):
        raise nothing_to_do(RunReason.MINUTES_GONE)
    async with context.read() as session:
        codes = [stock.code for stock in await news_intake.list_watched_stocks(session)]
    if not codes:
        raise nothing_to_do(RunReason.NO_STOCK)
    written = 0
    slots = asyncio.Semaphore(STOCKS_AT_ONCE)
    async with visits.visit(context, admitted[0]) as visit:
        opened = open_kis(context.tools, visit.client)

        async def one(code: str) -> int:
            async with slots:
                found = [] if visit.errors else await fetch_session(opened, code, day, visit.errors)
            async with context.write() as session:
                return await bars.upsert_minute_bars(session, found)

        for done, task in enumerate(asyncio.as_completed([one(code) for code in codes]), start=1):
            written += await task
            context.report(done / len(codes), f"{written} minute bars stored")
    async with context.write() as session:
        await visit.record(session)
    if not written:
        visits.require_one_well([visit])
    return Counts(read=len(codes), written=written, failed=len(visit.errors), detail={"minute_bars": written})


def _is_today(context: RunContext, day: TradingDay) -> bool:
    """Whether KIS still means `day` by today: nothing has opened since."""
    return context.calendar.last_opened(clock.now()).trade_date == day.trade_date


async def fetch_session(
    opened: kis.KisClient, code: str, day: TradingDay, errors: list[SourceError]
) -> list[MinuteBar]:
    """The session's bars, read from its close back to its opening; an error ends the reading and joins `errors`.

    A page without a trade (a halt, an illiquid stock) is no end: the half hour before it may have some.
    """
    found: dict[datetime, MinuteBar] = {}
    until = day.closes_at
    try:
        while until >= day.opens_at:
            page = kis_prices.parse_minutes(await kis_prices.fetch_minutes(opened, code, until), code)
            fresh = {bar.ts: bar for bar in page if bar.ts >= day.opens_at and bar.ts not in found}
            found |= fresh
            until = min(fresh) - _MINUTE if fresh else until - kis_prices.MINUTES_A_CALL * _MINUTE
    except SourceError as error:
        errors.append(error)
    return [found[ts] for ts in sorted(found)]
