"""How a tick that started no work is stored: as a row of its state, with the reason in a sentence."""

from typing import Final, NamedTuple

from backend.domain.runs import RunReason, RunState


class NotRun(NamedTuple):
    """The state, the reason and the sentence of such a row."""

    state: RunState
    reason: RunReason | None
    message: str


PAUSED: Final = NotRun(RunState.SKIPPED, RunReason.PAUSED, "The job is paused; resume it with 'azak jobs resume'.")
OVERLAP: Final = NotRun(RunState.SKIPPED, RunReason.STILL_OPEN, "The tick before it was still being stored.")
STANDSTILL: Final = NotRun(RunState.MISSED, RunReason.STANDSTILL, "The clock stood still; the next tick was taken.")
