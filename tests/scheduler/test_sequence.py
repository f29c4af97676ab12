"""Several bodies as one run: what each is given, how progress adds up, and what a step without work means."""

import uuid
from typing import Any, cast

import pytest
from pydantic import BaseModel

from backend.domain.runs import Counts, Origin, RunReason
from backend.errors import NothingToDoError
from backend.internal import StockArguments
from backend.pipelines.context import Body, RunContext, nothing_to_do
from backend.scheduler.kinds import in_sequence

ASKED = StockArguments(stock_code="005930")
STOCKS = {"stock_codes": "stock_code"}


class Told(RunContext):
    """A context whose log is a list."""

    async def log(self, message: str, *, level: str = "info", **data: Any) -> None:
        LINES.append((message, data["reason"]))


LINES: list[tuple[str, str]] = []


@pytest.fixture
def context() -> Told:
    LINES.clear()
    return Told(cast(Any, None), uuid.uuid4(), 1, "initial_analysis", Origin.API, 0.0)


def step(given: list[BaseModel], does: Counts | RunReason, progress: float = 0.5) -> Body:
    async def run(context: RunContext, arguments: BaseModel) -> Counts:
        given.append(arguments)
        context.report(progress, "half of it")
        if isinstance(does, RunReason):
            raise nothing_to_do(does)
        return does

    return run


async def test_each_step_gets_what_it_takes_and_counts_what_it_wrote(context: Told) -> None:
    given: list[BaseModel] = []
    body = in_sequence(
        ("load_history", step(given, Counts(read=9, written=4))),
        ("match_impacts", step(given, Counts(written=0))),
        ("generate_reports", step(given, Counts(written=1))),
        pick=STOCKS,
    )
    assert await body(context, ASKED) == Counts(
        read=3, written=5, detail={"load_history": 4, "match_impacts": 0, "generate_reports": 1}
    )
    assert [arguments.model_dump(exclude_unset=True) for arguments in given] == [
        {"stock_codes": ["005930"]}, {}, {"stock_codes": ["005930"]},
    ]  # fmt: skip


async def test_the_progress_of_a_step_is_its_share_of_the_whole(context: Told) -> None:
    seen: list[float] = []

    def looking(progress: float) -> Body:
        async def run(part: RunContext, arguments: BaseModel) -> Counts:
            seen.append(part.status.progress)
            part.report(progress, "x" * 300)
            seen.append(part.status.progress)
            return Counts(written=1)

        return run

    await in_sequence(("match_impacts", looking(0.5)), ("housekeeping", looking(7)), pick={})(context, ASKED)
    assert seen == [0.0, 0.25, 0.5, 1.0]
    context.report(0.1, "")  # never backwards
    assert (context.status.progress, len(context.status.message or "")) == (1.0, 0)


@pytest.mark.parametrize(
    ("first", "last", "told"),
    [
        (RunReason.NO_PRICES, RunReason.NOTHING_DUE, RunReason.NO_PRICES),
        (RunReason.NOTHING_DUE, RunReason.NO_PREDICTION, RunReason.NO_PREDICTION),
        (RunReason.NOTHING_DUE, RunReason.NOTHING_DUE, RunReason.NOTHING_DUE),
        (RunReason.NO_PRICES, RunReason.NO_PREDICTION, RunReason.NO_PRICES),
    ],
)
async def test_a_run_whose_last_step_had_nothing_to_do_tells_the_first_real_reason(
    context: Told, first: RunReason, last: RunReason, told: RunReason
) -> None:
    body = in_sequence(("load_history", step([], first)), ("generate_reports", step([], last)), pick=STOCKS)
    with pytest.raises(NothingToDoError) as caught:
        await body(context, ASKED)
    assert caught.value.reason == told
    assert [reason for _, reason in LINES] == [first, last]
    assert LINES[0][0].startswith("load_history was skipped: ")


async def test_a_first_step_without_work_does_not_stop_the_run(context: Told) -> None:
    steps = [("load_history", step([], RunReason.NO_PRICES)), ("generate_reports", step([], Counts(written=2)))]
    assert await in_sequence(*steps, pick=STOCKS)(context, ASKED) == Counts(2, 2, detail={"generate_reports": 2})
