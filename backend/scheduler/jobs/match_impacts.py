"""After the daily bars: what the price did after each story."""

from backend.domain import Counts
from backend.internal import NoArguments
from backend.scheduler import scoring
from backend.scheduler.context import RunContext


async def run(context: RunContext, _arguments: NoArguments) -> Counts:
    return await scoring.match_impacts(context)
