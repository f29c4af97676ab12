"""Every minute of a session: the last trade of each active stock, and the minute bar it falls in.

It is over in 20 seconds or gives the minute up; outside sessions it does nothing, because a price after the
regular close is an after-market trade.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from backend import clock
from backend.domain.market import Quote
from backend.domain.runs import Counts
from backend.errors import SourceError, SourceTemporaryError
from backend.internal import NoArguments
from backend.pipelines import source_access
from backend.pipelines.context import RunContext
from backend.pipelines.market import price_sources
from backend.services.market import bars
from backend.services.news import news_intake
from backend.sources import catalogue
from backend.sources.catalogue import SourceInfo

DEADLINE_S = 18


@dataclass(slots=True)
class _Fetched:
    """Quotes that came from one source, those before an error included."""

    info: SourceInfo
    quotes: list[Quote] = field(default_factory=list)
    error: SourceError | None = None
    requests: int = 0


async def run(context: RunContext, arguments: NoArguments) -> Counts:  # noqa: ARG001  (the signature of every job)
    trading_day = context.calendar.at(clock.now())
    if trading_day is None:
        return Counts(skipped=1)
    known = {info.id: info for info in catalogue.list_source_infos(context.settings.sources)}
    admitted = await source_access.admit(context, [known[source] for source in price_sources.QUOTES])
    infos = [one.info for one in admitted if one.refusal is None]
    async with context.read() as session:
        codes = [stock.code for stock in await news_intake.list_watched_stocks(session)]
    if not infos or not codes:
        return Counts(skipped=1)
    fetched = await _fetch_all(context, infos, codes)
    written = 0
    async with context.write() as session:
        for found in fetched:
            written += await bars.record_quotes(session, found.quotes, session_opens_at=trading_day.opens_at)
            newest = max((quote.ts for quote in found.quotes), default=None)
            await source_access.record(
                context,
                session,
                found.info,
                error=found.error,
                requests=found.requests,
                items=len(found.quotes),
                newest_item_at=newest,
            )
    read = sum(len(found.quotes) for found in fetched)
    failed = sum(found.error is not None for found in fetched)
    return Counts(read=read, written=written, skipped=len(codes) - read, failed=failed, detail={"quotes": read})


async def _fetch_all(context: RunContext, infos: Sequence[SourceInfo], codes: Sequence[str]) -> list[_Fetched]:
    """Ask the first source; the next one only for what an error left out."""
    fetched: list[_Fetched] = []
    left = list(codes)
    loop = asyncio.get_running_loop()
    deadline = loop.time() + DEADLINE_S
    for info in infos:
        found = _Fetched(info)
        fetched.append(found)
        await _fetch(context, found, left, deadline)
        have = {quote.stock_code for quote in found.quotes}
        left = [code for code in left if code not in have]
        if found.error is None or not left or loop.time() > deadline:
            break
    return fetched


async def _fetch(context: RunContext, found: _Fetched, codes: Sequence[str], deadline: float) -> None:
    """30 codes a call, one call after another, until the deadline on the loop's clock."""
    read, size = price_sources.QUOTES[found.info.id], price_sources.CODES_PER_CALL
    try:
        async with asyncio.timeout_at(deadline), catalogue.open_source(context.settings.sources, found.info) as client:
            try:
                for start in range(0, len(codes), size):
                    found.quotes += await read(context, client, codes[start : start + size])
            finally:
                found.requests = client.requests
    except TimeoutError:
        found.error = SourceTemporaryError(f"{found.info.id} took more than {DEADLINE_S} s; this minute is given up.")
    except SourceError as error:
        found.error = error
