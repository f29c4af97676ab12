"""Predictions that a newly added model would have made in the last sessions; mode backfill, which is not scored.

Only a model that came through this is active: from then on it trains and predicts with the others. A retired model
comes back the same way.
"""

from backend.domain.forecasts import Mode
from backend.domain.runs import Counts
from backend.internal import BackfillArguments
from backend.pipelines.context import RunContext
from backend.pipelines.forecasts.replay import Replay, run_replay
from backend.services.forecasts import forecasting, model_versions, models

Arguments = BackfillArguments


async def run(context: RunContext, arguments: Arguments) -> Counts:
    async with context.read() as session:
        await model_versions.require_trainable(session, arguments.model)
        codes = await forecasting.list_active_codes(session)
    counts = await run_replay(context, arguments.sessions, Replay(codes, Mode.BACKFILL, arguments.model))
    async with context.write() as session:
        await models.activate_model(session, arguments.model)
    return counts
