"""After each close: score every prediction that is due, of any age."""

from backend.domain import Counts
from backend.internal import NoArguments
from backend.scheduler import scoring
from backend.scheduler.context import RunContext


async def run(context: RunContext, _arguments: NoArguments) -> Counts:
    return await scoring.evaluate(context)
