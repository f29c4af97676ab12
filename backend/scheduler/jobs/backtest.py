"""The last closed sessions, predicted again by every model as it would have been then; mode backtest."""

from pydantic import BaseModel, ConfigDict, Field

from backend.domain import Counts, Mode
from backend.scheduler.context import RunContext
from backend.scheduler.replay import Replay, run_replay
from backend.services import forecasting


class Arguments(BaseModel):
    """`stock_codes`: None means every active stock."""

    model_config = ConfigDict(extra="forbid")

    sessions: int = Field(60, ge=1, le=500)
    stock_codes: list[str] | None = None


async def run(context: RunContext, arguments: Arguments) -> Counts:
    async with context.read() as session:
        codes = await forecasting.list_active_codes(session, arguments.stock_codes)
    return await run_replay(context, arguments.sessions, Replay(codes, Mode.BACKTEST))
