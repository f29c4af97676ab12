"""After each close: score every prediction that is due, however old, and the reports of the last sessions."""

from dataclasses import replace

from backend.domain.runs import Counts, RunReason
from backend.internal import NoArguments
from backend.pipelines.context import RunContext, nothing_to_do
from backend.pipelines.record import report_scoring, scoring


async def run(context: RunContext, _arguments: NoArguments) -> Counts:
    counts = await scoring.evaluate(context.part(0, 0.95))
    reports = await report_scoring.score_reports(context.part(0.95, 1))
    if not counts.read and not counts.written + reports:
        raise nothing_to_do(RunReason.NOTHING_DUE)
    return replace(counts, written=counts.written + reports, detail={**counts.detail, "reports": reports})
