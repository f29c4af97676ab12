"""Nightly: the studies of events, from all outcomes that are known by now, as one snapshot."""

from backend import codec
from backend.db.recording import take_reading_moment
from backend.domain.knowledge import Knowledge
from backend.domain.understanding.event_studies import ALL_STOCKS, Study
from backend.pipelines.context import RunContext
from backend.services.forecasts import forecasting
from backend.services.record import event_studies

# Of one stock, groups of fewer days are not kept: they could tell nothing.
MINIMUM_DAYS = 3


async def update(context: RunContext) -> int:
    """Compute and store the studies; returns how many rows are new, 0 where nothing changed."""
    async with context.write() as session:
        now = await take_reading_moment(session)
    async with context.read() as session:
        horizons = await event_studies.list_observations(session, Knowledge.live(now), with_drift=True)
        watched = await forecasting.list_active_codes(session)
    answer = await context.models.call("study_events", {"horizons": horizons, "watched": watched})
    found = codec.decode(Study, answer["studies"])
    kept = [study for study in found if study.stock_code == ALL_STOCKS or study.n_days >= MINIMUM_DAYS]
    async with context.write() as session:
        return await event_studies.record_snapshot(session, now, kept)
