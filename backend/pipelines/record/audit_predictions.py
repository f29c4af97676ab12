"""Computes stored predictions again as of their time; each that differs becomes a line of the run's log."""

from backend.domain.runs import Counts, RunReason
from backend.errors import NotFoundError
from backend.internal import AuditArguments
from backend.pipelines.context import RunContext, nothing_to_do
from backend.pipelines.record import reproduction
from backend.pipelines.record.reproduction import Verdict
from backend.services.record import reproduction as stored

Arguments = AuditArguments
# Seconds: a prediction is not begun with less time left.
_RESERVE_S = 20


async def run(context: RunContext, arguments: Arguments) -> Counts:
    """Counts: read = computed again, failed = different from what is stored."""
    async with context.read() as session:
        if arguments.prediction_ids is not None:
            predictions = await stored.list_by_id(session, arguments.prediction_ids)
        else:
            predictions = await stored.list_sample(
                session, mode=arguments.mode, n=arguments.sample, seed=arguments.seed
            )
    if missing := set(arguments.prediction_ids or ()) - {prediction.id for prediction in predictions}:
        raise NotFoundError(f"There is no prediction {min(missing)}; list them with GET /api/prediction.")
    if not predictions:
        raise nothing_to_do(RunReason.NO_PREDICTION)
    read = differing = 0
    for prediction in predictions:
        if context.seconds_left() < _RESERVE_S:
            break
        verdict = await reproduction.reproduce(context, prediction)
        read, differing = read + 1, differing + (not verdict.reproduces)
        context.report(read / len(predictions), f"{read - differing} of {read} come out as they were said")
        if not verdict.reproduces or arguments.prediction_ids is not None:
            await _log(context, verdict)
    detail = {"reproduced": read - differing, "differ": differing}
    return Counts(read=read, failed=differing, skipped=len(predictions) - read, detail=detail)


async def _log(context: RunContext, verdict: Verdict) -> None:
    said = verdict.prediction
    await context.log(
        f"prediction {said.id}: {verdict.reason}",
        level="info" if verdict.reproduces else "warning",
        prediction_id=said.id,
        model=said.model,
        stock_code=said.stock_code,
        asof=said.asof.isoformat(),
        horizon=said.horizon,
        said=said.p_up,
        again=verdict.p_up,
        reproduces=verdict.reproduces,
        reason=verdict.reason,
    )
