"""`azak sources check`: one small real request to each source that is on; the findings are lines of the run's log.

It uses the operator's keys and stores only the health of the source. A source that is closed after a refusal is asked
only when it is named: that is how an operator tries a repaired key.
"""

import asyncio
import time

from backend import clock
from backend.domain.runs import Counts, RunReason
from backend.errors import InvalidInputError, SourceError, SourcesFailedError
from backend.internal import SourcesArguments
from backend.pipelines.context import RunContext, nothing_to_do
from backend.pipelines.sources import catalogue, language_model, visits
from backend.pipelines.sources.samples import Sample
from backend.pipelines.sources.visits import Admission
from backend.services.operations.llm_calls import OverBudgetError
from backend.sources.llm.endpoint import SOURCE as LANGUAGE_MODEL
from backend.sources.spec import SourceInfo

Arguments = SourcesArguments


async def run(context: RunContext, arguments: Arguments) -> Counts:
    known = {info.id: info for info in catalogue.list_source_infos(context.settings.sources)}
    unknown = set(arguments.sources or ()) - {*known, LANGUAGE_MODEL}
    if unknown:
        known_ids = ", ".join(sorted({*known, LANGUAGE_MODEL}))
        raise InvalidInputError(f"There is no source {min(unknown)}; known are {known_ids}.")
    wanted = [info for info in known.values() if arguments.sources is None or info.id in arguments.sources]
    for info in wanted:
        if info.off:
            await _log(context, info, "off", info.off.sentence)
    admitted = await visits.admit(context, wanted)
    force = arguments.sources is not None
    asks_model = context.settings.llm.is_on and (arguments.sources is None or LANGUAGE_MODEL in arguments.sources)
    if not admitted and not asks_model:
        raise nothing_to_do(RunReason.NO_SOURCE)
    results = await _check_all(context, admitted, force=force)
    if asks_model:
        results.append(await _check_model(context))
    if not any(results):
        names = ", ".join([*(one.info.id for one in admitted), *([LANGUAGE_MODEL] if asks_model else [])])
        raise SourcesFailedError(f"Every source that was asked failed ({names}); the lines of this run's log say why.")
    return Counts(
        read=len(results),
        skipped=len(wanted) - len(admitted),
        failed=results.count(False),
        detail={"ok": results.count(True), "failed": results.count(False), "off": len(wanted) - len(admitted)},
    )


async def _check_all(context: RunContext, admitted: list[Admission], *, force: bool) -> list[bool]:
    """All end before the run fails: its next attempt must not ask a source beside this one."""
    checks = (_check(context, one, force=force) for one in admitted)
    results = await asyncio.gather(*checks, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result
    return [result is True for result in results]


async def _check_model(context: RunContext) -> bool:
    """Ask the language model's endpoint again what it can do, closed or not."""
    started = time.monotonic()
    try:
        mode, finding = await language_model.probe_now(context), ""
    except (SourceError, OverBudgetError) as error:
        mode, finding = None, error.detail
    ms, result = round((time.monotonic() - started) * 1000), "failed" if mode is None else "ok"
    data = {"source": LANGUAGE_MODEL, "result": result, "items": int(mode is not None), "age_s": None, "ms": ms}
    level = "warning" if mode is None else "info"
    await context.log(f"{LANGUAGE_MODEL}: {result}", level=level, **data, finding=(finding or f"bound by {mode}")[:200])
    return mode is not None


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
