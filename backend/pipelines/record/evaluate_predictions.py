"""After each close: score every prediction that is due, however old, and the reports of the last sessions."""

from dataclasses import replace

from backend.domain.runs import Counts
from backend.internal import NoArguments
from backend.pipelines.context import RunContext, require_work
from backend.pipelines.record import report_scoring, scoring


async def run(context: RunContext, _arguments: NoArguments) -> Counts:
    counts = await scoring.evaluate(context.part(0, 0.95))
    reports = await report_scoring.score_reports(context.part(0.95, 1))
    detail = {**counts.detail, "reports": reports}
    return require_work(replace(counts, written=counts.written + reports, detail=detail))
