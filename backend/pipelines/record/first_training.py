"""The first training of a new installation: replay, scores, then models whose gate has learned from both.

A step of the first analysis of a stock. Without it the first live forecasts would come from models that have not
learned yet; once the live record has begun, nightly training goes on from it.
"""

from typing import Final

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
    async with context.read() as session:
        if await forecasting.has_live_predictions(session):
            raise nothing_to_do(RunReason.NOTHING_DUE)
        codes = await forecasting.list_active_codes(session)
        if not await forecasting.has_prices(session):
            raise nothing_to_do(RunReason.NO_PRICES)
    await run_replay(context.part(0, 0.7), SESSIONS, Replay(codes, Mode.BACKTEST))
    await scoring.evaluate(context.part(0.7, 0.8))
    trained, new, failed = await forecasts.train_and_store(context)
    return Counts(read=trained, written=new, skipped=trained - new, failed=len(failed))
