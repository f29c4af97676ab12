"""Every minute of a session: the last trade of each watched stock, its minute bar, and why it has moved so far.

It ends within 20 seconds, complete or not. Outside sessions it is skipped, because a price after the regular close is
an after-market trade.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from backend import clock
from backend.domain.market import Quote
from backend.domain.runs import Counts, RunReason
from backend.internal import NoArguments
from backend.pipelines.context import RunContext, nothing_to_do
from backend.pipelines.market import moves
from backend.pipelines.sources import catalogue, visits
from backend.pipelines.sources.price_readers import CODES_PER_CALL
from backend.pipelines.sources.visits import Admission, Visit
from backend.services.market import bars
from backend.services.news import news_intake

DEADLINE_S = 18


@dataclass(slots=True)
class _Fetched:
    """Quotes that came from one source, those before an error included."""

    visit: Visit
    quotes: list[Quote] = field(default_factory=list)


async def run(context: RunContext, arguments: NoArguments) -> Counts:  # noqa: ARG001  (the signature of every job)
    trading_day = context.calendar.at(clock.now())
    if trading_day is None:
        raise nothing_to_do(RunReason.MARKET_CLOSED)
    on = await visits.admit(context, catalogue.list_quote_infos(context.settings.sources))
    admitted = visits.require_open(on, RunReason.NO_QUOTE_SOURCE)
    async with context.read() as session:
        codes = [stock.code for stock in await news_intake.list_watched_stocks(session)]
    if not codes:
        raise nothing_to_do(RunReason.NO_STOCK)
    fetched = await _fetch_all(context, admitted, codes)
    written = 0
    async with context.write() as session:
        for found in fetched:
            written += await bars.record_quotes(
                session,
                found.quotes,
                session_opens_at=trading_day.opens_at,
                session_closes_at=trading_day.closes_at,
            )
            newest = max((quote.ts for quote in found.quotes), default=None)
            await found.visit.record(session, items=len(found.quotes), newest_item_at=newest)
    if written:
        await moves.explain_running(context, trading_day)
    read = sum(len(found.quotes) for found in fetched)
    if not read:
        visits.require_one_well([found.visit for found in fetched])
    failed = sum(found.visit.error is not None for found in fetched)
    return Counts(read=read, written=written, skipped=len(codes) - read, failed=failed, detail={"quotes": read})


async def _fetch_all(context: RunContext, admitted: Sequence[Admission], codes: Sequence[str]) -> list[_Fetched]:
    """Ask the first source; the next one only for what an error left out, all within one deadline."""
    fetched: list[_Fetched] = []
    left = list(codes)
    deadline = time.monotonic() + DEADLINE_S
    for admission in admitted:
        found = await _fetch(context, admission, left, within_s=deadline - time.monotonic())
        fetched.append(found)
        have = {quote.stock_code for quote in found.quotes}
        left = [code for code in left if code not in have]
        if found.visit.error is None or not left or time.monotonic() > deadline:
            break
    return fetched


async def _fetch(context: RunContext, admission: Admission, codes: Sequence[str], *, within_s: float) -> _Fetched:
    """30 codes a call, one call after another."""
    read = catalogue.SOURCES[admission.info.id].quotes
    assert read is not None  # only sources of quotes are admitted
    async with visits.visit(context, admission, within_s=within_s) as visit:
        found = _Fetched(visit)
        for start in range(0, len(codes), CODES_PER_CALL):
            found.quotes += await read(visit, codes[start : start + CODES_PER_CALL])
    return found
