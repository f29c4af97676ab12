"""Nightly: fit every model on the data known at the last close. The same data makes the same version."""

from backend.domain.runs import Counts
from backend.internal import NoArguments
from backend.pipelines.context import RunContext
from backend.pipelines.forecasts import forecasts


async def run(context: RunContext, _arguments: NoArguments) -> Counts:
    trained, new = await forecasts.train_and_store(context)
    return Counts(read=trained, written=new, skipped=trained - new, detail={"model_versions": new})
