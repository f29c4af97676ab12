"""The last closed sessions, predicted again by every model as it would have been then; mode backtest."""

from backend.domain import Counts, Mode
from backend.internal import BacktestArguments
from backend.scheduler.context import RunContext
from backend.scheduler.replay import Replay, run_replay
from backend.services import forecasting

Arguments = BacktestArguments


async def run(context: RunContext, arguments: Arguments) -> Counts:
    async with context.read() as session:
        codes = await forecasting.list_active_codes(session, arguments.stock_codes)
    return await run_replay(context, arguments.sessions, Replay(codes, Mode.BACKTEST))
