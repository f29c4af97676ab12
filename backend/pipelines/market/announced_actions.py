"""What the depository has announced of watched stocks, read through KIS every session morning.

A list is asked for whole, of all stocks at once; dates with more rows than an answer holds are asked for in halves.
What was announced for the days to come and is no longer listed is withdrawn.
"""

import math
from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from typing import Final

from backend import clock
from backend.clock import KST
from backend.db.recording import take_recording_moment
from backend.domain.market import AnnouncedAction
from backend.errors import SourceChangedError
from backend.pipelines.context import RunContext
from backend.pipelines.market import bar_checks
from backend.pipelines.sources import visits
from backend.pipelines.sources.kis_access import open_kis
from backend.pipelines.sources.visits import Admission, Visit
from backend.services.market import corporate_actions
from backend.services.market.corporate_actions import ActionRow
from backend.services.news import news_intake
from backend.sources import kis_actions
from backend.sources.kis import KisClient

BEFORE: Final = timedelta(days=30)  # an action may be listed late
AHEAD: Final = timedelta(days=60)
DAY: Final = timedelta(days=1)


async def refresh(context: RunContext, admission: Admission) -> tuple[int, Visit]:
    """Store what is announced and look at the bars of those stocks again. Returns the rows written, and the visit."""
    today = clock.now().astimezone(KST).date()
    async with context.read() as session:
        codes = {stock.code for stock in await news_intake.list_watched_stocks(session)}
    found: list[AnnouncedAction] = []
    async with visits.visit(context, admission) as visit:
        kis = open_kis(context.tools, visit.client)
        for call in kis_actions.CALLS:
            found += await _read(kis, call, today - BEFORE, today + AHEAD)
    async with context.write() as session:
        recorded_at = await take_recording_moment(session)
        rows = announced_rows(found, codes, recorded_at)
        if visit.error is None:
            rows += _withdrawn(
                await corporate_actions.list_announced(session, kis_actions.SOURCE, since=today), rows, recorded_at
            )
        written = await corporate_actions.upsert_actions(session, rows, recorded_at=recorded_at)
        await visit.record(session)
    begun = [(code, day) for code, day in written if day <= today]
    if begun:
        await bar_checks.check_bars(context, {code for code, _ in begun}, min(day for _, day in begun))
    return len(written), visit


async def _read(kis: KisClient, call: kis_actions.ActionCall, first: date, last: date) -> list[AnnouncedAction]:
    """Raises SourceChangedError where a single day has more rows than an answer holds."""
    answer = await kis_actions.fetch_actions(kis, call, first, last)
    if not kis_actions.is_full(answer):
        return kis_actions.parse_actions(answer, call)
    if first == last:
        raise SourceChangedError(
            f"{kis_actions.SOURCE} lists {kis_actions.PAGE} actions or more on {first}; report this as a bug."
        )
    middle = first + (last - first) // 2
    return [*await _read(kis, call, first, middle), *await _read(kis, call, middle + DAY, last)]


def announced_rows(found: Sequence[AnnouncedAction], codes: Collection[str], recorded_at: datetime) -> list[ActionRow]:
    """One row a stock and session: the product of what is announced for it, None where one part tells no factor."""
    factors: dict[tuple[str, date], dict[str, float | None]] = {}
    for action in found:
        if action.stock_code in codes:
            factors.setdefault((action.stock_code, action.ex_date), {})[action.kind] = action.factor
    return [
        ActionRow(code, day, kis_actions.SOURCE, _product(parts), recorded_at) for (code, day), parts in factors.items()
    ]


def _product(parts: dict[str, float | None]) -> float | None:
    told = [factor for factor in parts.values() if factor is not None]
    return math.prod(told) if len(told) == len(parts) else None


def _withdrawn(
    stored: Collection[tuple[str, date, float | None]], rows: Sequence[ActionRow], recorded_at: datetime
) -> list[ActionRow]:
    listed = {(row.stock_code, row.ex_date) for row in rows}
    return [
        ActionRow(code, day, kis_actions.SOURCE, factor, recorded_at, withdrawn=True)
        for code, day, factor in stored
        if (code, day) not in listed
    ]
