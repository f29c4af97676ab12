"""After the daily bars: the return of each stock after each story about it, and why each stock moved."""

from dataclasses import replace

from backend.domain.runs import Counts
from backend.internal import NoArguments
from backend.pipelines.context import RunContext, require_work
from backend.pipelines.market import moves
from backend.pipelines.record import scoring


async def run(context: RunContext, _arguments: NoArguments) -> Counts:
    counts = await scoring.match_impacts(context)
    explained = await moves.explain_closed(context)
    return require_work(
        replace(counts, written=counts.written + explained, detail={**counts.detail, "moves": explained})
    )
