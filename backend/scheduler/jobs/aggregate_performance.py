"""At 17:00: score what is still due (cheap when 16:00 has done it), then recompute the metrics it touched."""

from dataclasses import replace

from backend.domain import Counts
from backend.internal import NoArguments
from backend.scheduler import aggregation, scoring
from backend.scheduler.context import RunContext


async def run(context: RunContext, _arguments: NoArguments) -> Counts:
    scored = await scoring.evaluate(context.part(0, 0.5))
    counts = await aggregation.aggregate(context.part(0.5, 1))
    detail = {**scored.detail, **counts.detail}
    return replace(counts, read=scored.read + counts.read, written=scored.written + counts.written, detail=detail)
