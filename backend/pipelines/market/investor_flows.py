"""What foreigners, institutions and people bought of each watched stock, read every session morning."""

import asyncio
from datetime import datetime, timedelta
from typing import Final

from backend import clock
from backend.db.recording import take_recording_moment
from backend.domain.outside.flows import InvestorFlow
from backend.errors import SourceError
from backend.pipelines.context import RunContext
from backend.pipelines.market import mornings
from backend.pipelines.sources import visits
from backend.pipelines.sources.kis_access import open_kis
from backend.pipelines.sources.visits import Admission, Visit
from backend.services.market.drivers import investor_flows
from backend.services.news import news_intake
from backend.sources import kis_flows

STOCKS_AT_ONCE: Final = 4
OLDEST: Final = timedelta(days=90)  # a call tells thirty sessions
_OUT_AFTER: Final = timedelta(hours=3)  # the close; the figures of the day are out by then


async def refresh(context: RunContext, admission: Admission) -> tuple[int, Visit]:
    """Store what is told of watched stocks. Returns the rows written, and the visit."""
    async with context.read() as session:
        codes = [stock.code for stock in await news_intake.list_watched_stocks(session)]
    found: list[InvestorFlow] = []
    async with visits.visit(context, admission) as visit:
        kis = open_kis(context.tools, visit.client)
        slots = asyncio.Semaphore(STOCKS_AT_ONCE)

        async def one(code: str) -> None:
            async with slots:
                if visit.errors:
                    return
                try:
                    found.extend(kis_flows.parse_flows(await kis_flows.fetch_flows(kis, code), code))
                except SourceError as error:
                    visit.errors.append(error)

        await asyncio.gather(*map(one, codes))
    flows = _of_sessions(context, found)
    async with context.write() as session:
        recorded_at = await take_recording_moment(session)
        written = await investor_flows.upsert_flows(
            session,
            list(flows),
            known_at=lambda flow: flows[flow],
            recorded_at=recorded_at,
        )
        await visit.record(session)
    return written, visit


def _of_sessions(context: RunContext, found: list[InvestorFlow]) -> dict[InvestorFlow, datetime]:
    """The rows that are of a session of the last months, each with the moment at which it was known."""
    calendar = context.calendar
    last = calendar.last_closed(clock.now())
    days = {day.trade_date: day for day in calendar.between(last.trade_date - OLDEST, last.trade_date)}
    return {
        flow: min(days[flow.trade_date].closes_at + _OUT_AFTER, mornings.begins_after(calendar, flow.trade_date))
        for flow in found
        if flow.trade_date in days
    }
