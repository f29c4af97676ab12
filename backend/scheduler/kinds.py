"""Kind of run: the function that does its work, its arguments, its limits and its schedule."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from pydantic import BaseModel

from backend.domain.runs import Counts, RunReason
from backend.errors import NothingToDoError
from backend.internal import ARGUMENTS, NoArguments, parse_arguments
from backend.pipelines.context import Body, RunContext


@dataclass(frozen=True, slots=True)
class Schedule:
    """When the clock starts a kind, in Asia/Seoul wall-clock time; a tick later than `grace` is missed.

    Production uses `cron`. Jobs bound to the session also have their distance after its close or before its opening,
    which the demo calendar uses, scaled to its short sessions.
    """

    cron: str
    after_close: timedelta | None = None
    before_open: timedelta | None = None
    grace: timedelta = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Kind:
    """One line of the job table. `then`: kinds that are started after a run that wrote something.

    `concurrency`: runs at once on all machines together, 0 for any number; kinds that take an hour or wait for models
    have a limit, so that they never take all slots. `backoff_s` doubles with each attempt up to `backoff_cap_s`, with
    20 % jitter.
    """

    id: str
    body: Body
    arguments: type[BaseModel] = NoArguments
    schedules: tuple[Schedule, ...] = ()
    timeout_s: float = 600
    max_attempts: int = 3
    concurrency: int = 0
    backoff_s: float = 5
    backoff_cap_s: float = 300
    then: tuple[str, ...] = ()

    def parse(self, arguments: dict[str, Any]) -> BaseModel:
        """Validate arguments. Raises InvalidInputError."""
        return parse_arguments(self.id, self.arguments, arguments)


def in_sequence(*steps: tuple[str, Body], pick: dict[str, str]) -> Body:
    """A body that executes other bodies in sequence, as one run with one progress.

    A step that can do nothing does not stop the ones after it. If the last step could do nothing, the whole run is
    skipped, for the first reason that is more than that nothing was due. `pick` maps a step's argument to the argument
    of the run: {"stock_codes": "stock_code"} passes the one stock as a list to every step that takes `stock_codes`.
    """

    async def run(context: RunContext, arguments: BaseModel) -> Counts:
        detail: dict[str, int] = {}
        skipped: dict[str, NothingToDoError] = {}
        for position, (name, body) in enumerate(steps):
            model = ARGUMENTS[name]
            handed = {to: [getattr(arguments, own)] for to, own in pick.items() if to in model.model_fields}
            part = context.part(position / len(steps), (position + 1) / len(steps))
            part.report(0, name)
            try:
                counts = await body(part, model(**handed))
            except NothingToDoError as nothing:
                skipped[name] = nothing
                await context.log(f"{name} was skipped: {nothing.detail}", reason=nothing.reason)
            else:
                detail[name] = counts.written
        if steps[-1][0] in skipped:
            raise min(skipped.values(), key=lambda nothing: nothing.reason == RunReason.NOTHING_DUE)
        return Counts(read=len(steps), written=sum(detail.values()), detail=detail)

    return run
