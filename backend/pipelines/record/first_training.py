"""The first day of an installation: a replay of its stocks, scores, then models whose gate has learned from both.

A step of the first analysis of a stock. Without it the first live forecasts would come from models that have not
learned yet. The first day lasts until the first live forecast is due, so that stocks added one after the other are all
replayed; then nightly training goes on.
"""

from typing import Final

from backend import clock
from backend.domain.forecasts import Mode
from backend.domain.runs import Counts, RunReason
from backend.internal import NoArguments
from backend.pipelines.context import RunContext, nothing_to_do
from backend.pipelines.forecasts import forecasts
from backend.pipelines.forecasts.replay import Replay, run_replay
from backend.pipelines.record import scoring
from backend.services.forecasts import forecasting

SESSIONS: Final = 75


async def run(context: RunContext, _arguments: NoArguments) -> Counts:
    closed = context.calendar.last_closed(clock.now()).trade_date
    async with context.read() as session:
        new = await forecasting.list_codes_without_replay(session)
        if not new or await forecasting.is_any_live_due(session, through=closed):
            raise nothing_to_do(RunReason.NOTHING_DUE)
        codes = await forecasting.list_active_codes(session)
        if not await forecasting.has_prices(session):
            raise nothing_to_do(RunReason.NO_PRICES)
    replayed = await run_replay(context.part(0, 0.7), SESSIONS, Replay(codes, Mode.BACKTEST, stored=frozenset(new)))
    if replayed.detail["sessions_left"]:  # the next analysis goes on; nobody predicts live until then
        await context.log("The replay of the first day ran out of time.", level="warning", **replayed.detail)
        return replayed
    await scoring.evaluate(context.part(0.7, 0.8))
    trained, written, failed = await forecasts.train_and_store(context)
    return Counts(read=trained, written=written, skipped=trained - written, failed=len(failed))
