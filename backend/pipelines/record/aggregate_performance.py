"""At 17:00: score what is still due, recompute the metrics of the sessions touched, the A/B test, studies of events."""

from dataclasses import replace

from backend.domain.runs import Counts
from backend.internal import NoArguments
from backend.pipelines.context import RunContext, require_work
from backend.pipelines.record import ab_test, aggregation, event_studies, scoring, size_metrics


async def run(context: RunContext, _arguments: NoArguments) -> Counts:
    scored = await scoring.evaluate(context.part(0, 0.5))
    counts = await aggregation.aggregate(context.part(0.5, 0.95))
    sizes = await size_metrics.update(context)
    panels = await ab_test.update_panels(context.part(0.95, 0.97))
    studies = await event_studies.update(context)
    detail = {**scored.detail, **counts.detail, "size_metrics": sizes, "ab_tests": panels, "event_studies": studies}
    written = scored.written + counts.written + sizes + panels + studies
    return require_work(replace(counts, read=scored.read + counts.read, written=written, detail=detail))
