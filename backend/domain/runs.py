"""Runs: one execution of a job or of a request."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final


class RunState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    RETRY = "retry"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    DEAD = "dead"
    CANCELLED = "cancelled"
    SKIPPED = "skipped"
    MISSED = "missed"
    EXPIRED = "expired"


OPEN_RUN_STATES: Final = (RunState.QUEUED, RunState.RUNNING, RunState.RETRY)


class Origin(StrEnum):
    """Who asked for a run."""

    CLOCK = "clock"
    CATCHUP = "catchup"
    API = "api"
    CLI = "cli"
    RETRY = "retry"
    FOLLOW_UP = "follow_up"


@dataclass(frozen=True, slots=True)
class Counts:
    """What a run did, shown beside it. `detail` holds a number per table or per reason."""

    read: int = 0
    written: int = 0
    skipped: int = 0
    failed: int = 0
    detail: Mapping[str, int] = field(default_factory=dict)
