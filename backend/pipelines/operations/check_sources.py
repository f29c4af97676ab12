"""`azak sources check`: one small real request to each source that is on; the findings are lines of the run's log.

It uses the operator's keys and stores only the health of the source. A source that is closed after a refusal is asked
only when it is named: that is how an operator tries a repaired key.
"""

import asyncio
import time

from backend import clock
from backend.domain.runs import Counts, RunReason
from backend.errors import InvalidInputError, SourcesFailedError
from backend.internal import SourcesArguments
from backend.pipelines.context import RunContext, nothing_to_do
from backend.pipelines.sources import catalogue, visits
from backend.pipelines.sources.samples import Sample
from backend.pipelines.sources.visits import Admission
from backend.sources.spec import SourceInfo

Arguments = SourcesArguments


async def run(context: RunContext, arguments: Arguments) -> Counts:
    known = {info.id: info for info in catalogue.list_source_infos(context.settings.sources)}
    unknown = set(arguments.sources or ()) - set(known)
    if unknown:
        raise InvalidInputError(f"There is no source {min(unknown)}; known are {', '.join(sorted(known))}.")
    wanted = [info for info in known.values() if arguments.sources is None or info.id in arguments.sources]
    for info in wanted:
        if info.off_reason:
            await _log(context, info, "off", info.off_reason)
    admitted = await visits.admit(context, wanted)
    if not admitted:
        raise nothing_to_do(RunReason.NO_SOURCE)
    force = arguments.sources is not None
    results = await asyncio.gather(*(_check(context, one, force=force) for one in admitted))
    if not any(results):
        names = ", ".join(one.info.id for one in admitted)
        raise SourcesFailedError(f"Every source that was asked failed ({names}); the lines of this run's log say why.")
    return Counts(
        read=len(admitted),
        skipped=len(wanted) - len(admitted),
        failed=results.count(False),
        detail={"ok": results.count(True), "failed": results.count(False), "off": len(wanted) - len(admitted)},
    )


async def _check(context: RunContext, admission: Admission, *, force: bool) -> bool:
    info = admission.info
    if admission.refusal is not None and not force:
        await _log(context, info, "closed", admission.refusal.detail)
        return False
    started = time.monotonic()
    async with visits.visit(context, admission) as visit:
        sample = await catalogue.SOURCES[info.id].sample(visit)
    async with context.write() as session:
        # Neither items nor their newest time: a sample is no crawl, and must not hide what a crawl has yet to read.
        await visit.record(session)
    ms = round((time.monotonic() - started) * 1000)
    if visit.error is not None:
        await _log(context, info, "failed", visit.error.detail, ms=ms)
        return False
    await _log(context, info, "ok" if sample.items else "empty", sample.example, sample=sample, ms=ms)
    return bool(sample.items)


async def _log(
    context: RunContext, info: SourceInfo, result: str, finding: str, *, sample: Sample | None = None, ms: int = 0
) -> None:
    newest = sample.newest_at if sample else None
    age_s = None if newest is None else round((clock.now() - newest).total_seconds())
    level = "info" if result in ("ok", "off") else "warning"
    items = sample.items if sample else 0
    data = {"source": info.id, "result": result, "items": items, "age_s": age_s, "ms": ms, "finding": finding[:200]}
    await context.log(f"{info.id}: {result}", level=level, **data)
