"""At 17:00: score what is still due, recompute the metrics of the sessions touched, and the A/B test."""

from dataclasses import replace

from backend.domain.runs import Counts
from backend.internal import NoArguments
from backend.pipelines.context import RunContext, require_work
from backend.pipelines.record import ab_test, aggregation, scoring


async def run(context: RunContext, _arguments: NoArguments) -> Counts:
    scored = await scoring.evaluate(context.part(0, 0.5))
    counts = await aggregation.aggregate(context.part(0.5, 0.95))
    panels = await ab_test.update_panels(context.part(0.95, 1))
    detail = {**scored.detail, **counts.detail, "ab_tests": panels}
    written = scored.written + counts.written + panels
    return require_work(replace(counts, read=scored.read + counts.read, written=written, detail=detail))
