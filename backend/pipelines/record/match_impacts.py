"""After the daily bars: the return of each stock after each story about it."""

from backend.domain.runs import Counts, RunReason
from backend.internal import NoArguments
from backend.pipelines.context import RunContext, nothing_to_do
from backend.pipelines.record import scoring


async def run(context: RunContext, _arguments: NoArguments) -> Counts:
    counts = await scoring.match_impacts(context)
    if not counts.read and not counts.written:
        raise nothing_to_do(RunReason.NOTHING_DUE)
    return counts
