"""After the daily bars: the return of each stock after each story about it."""

from backend.domain.runs import Counts
from backend.internal import NoArguments
from backend.pipelines.context import RunContext, require_work
from backend.pipelines.record import scoring


async def run(context: RunContext, _arguments: NoArguments) -> Counts:
    return require_work(await scoring.match_impacts(context))
