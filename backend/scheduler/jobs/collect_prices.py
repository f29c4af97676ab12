"""Every minute of a session: the last trade of each active stock, and the minute bar it falls in.

It is over in 20 seconds or gives the minute up; outside sessions it does nothing, because a price after the
regular close is an after-market trade.
"""

import asyncio
from collections.abc import Sequence

from backend import clock
from backend.crawlers import catalogue, naver_prices
from backend.crawlers.catalogue import SourceInfo
from backend.domain import Counts, Quote
from backend.errors import SourceError, SourceTemporaryError
from backend.internal import NoArguments
from backend.scheduler.context import RunContext
from backend.services import bars, news_intake, sources
from backend.services.sources import NEVER_ASKED

DEADLINE_S = 18


async def run(context: RunContext, arguments: NoArguments) -> Counts:  # noqa: ARG001  (the signature of every job)
    trading_day = context.calendar.at(clock.now())
    if trading_day is None:
        return Counts(skipped=1)
    info = catalogue.get_source_info(context.settings.sources, naver_prices.POLLING)
    if info.off_reason:
        async with context.write() as session:
            await sources.record_source_off(session, info.id, info.kind, info.off_reason)
        return Counts(skipped=1)
    async with context.read() as session:
        if (await sources.list_source_states(session)).get(info.id, NEVER_ASKED).is_blocked:
            return Counts(skipped=1)
        codes = [stock.code for stock in await news_intake.list_watched_stocks(session)]
    quotes, error = await _fetch(context, info, codes)
    async with context.write() as session:
        written = await bars.record_quotes(session, quotes, session_opens_at=trading_day.opens_at)
        if error is not None:
            await sources.record_source_error(session, info.id, info.kind, error)
        elif codes:
            newest = max((quote.ts for quote in quotes), default=None)
            await sources.record_source_ok(session, info.id, info.kind, items=len(quotes), newest_item_at=newest)
    return Counts(
        read=len(quotes),
        written=written,
        skipped=len(codes) - len(quotes),
        failed=int(error is not None),
        detail={"quotes": len(quotes)},
    )


async def _fetch(context: RunContext, info: SourceInfo, codes: Sequence[str]) -> tuple[list[Quote], SourceError | None]:
    """Quotes of all codes, 30 a call, one call after another; those fetched before an error are kept."""
    quotes: list[Quote] = []
    try:
        async with asyncio.timeout(DEADLINE_S), catalogue.open_source(context.settings.sources, info) as client:
            for start in range(0, len(codes), naver_prices.CODES_PER_CALL):
                batch = codes[start : start + naver_prices.CODES_PER_CALL]
                quotes += naver_prices.parse_quotes(await naver_prices.fetch_quotes(client, batch), batch)
    except TimeoutError:
        return quotes, SourceTemporaryError(f"{info.id} took more than {DEADLINE_S} s; this minute is given up.")
    except SourceError as error:
        return quotes, error
    return quotes, None
