"""Nightly: fit every model on the data known at the last close. The same data makes the same version."""

from backend.domain.runs import Counts, RunReason
from backend.internal import NoArguments
from backend.pipelines.context import RunContext, nothing_to_do
from backend.pipelines.forecasts import forecasts


async def run(context: RunContext, _arguments: NoArguments) -> Counts:
    trained, new, failed = await forecasts.train_and_store(context)
    if not trained and not failed:
        raise nothing_to_do(RunReason.NO_PRICES)
    detail = {"model_versions": new, "unchanged": trained - new} | ({"set_aside": len(failed)} if failed else {})
    return Counts(read=trained, written=new, skipped=trained - new, failed=len(failed), detail=detail)
