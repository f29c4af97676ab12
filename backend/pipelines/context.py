"""What the body of a job works with: fenced writes, read sessions, progress, the models and the calendar.

A body is `async def run(context, arguments) -> Counts` in `pipelines/<domain>/`. It computes and fetches
with no transaction open and writes in short batches: `async with context.write() as session`. One that could do nothing
raises `nothing_to_do(reason)`, and its run ends skipped.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from backend.config import Settings
from backend.db.session import Database, Session
from backend.domain.runs import NOTHING_DONE, Counts, Origin, RunReason
from backend.errors import NothingToDoError
from backend.internal import NoArguments
from backend.krx import Calendar
from backend.models.process.client import ModelClient
from backend.pipelines.stories.live_stories import LiveStories
from backend.services.runs import run_attempts, runs

__all__ = ["Body", "NoArguments", "RunContext", "Status", "Tools", "nothing_to_do", "require_work"]


@dataclass
class Tools:
    """What every run of this process shares."""

    settings: Settings
    database: Database
    calendar: Calendar
    models: ModelClient
    stories: LiveStories = field(init=False)

    def __post_init__(self) -> None:
        self.stories = LiveStories(self.database)


@dataclass
class Status:
    """Progress of a body, stored with each heartbeat. `lines`: written to its log; only the first ones are kept."""

    progress: float = 0.0
    message: str | None = None
    lines: int = 0


@dataclass
class RunContext:
    """One attempt of one run. `attempt` is the fence of every write.

    `turn`: its writes one after another. They end one after another anyhow, by the fence; side by side each would wait
    for that over a connection of its own, and other runs, heartbeats and the body itself for theirs.
    """

    tools: Tools
    run_id: UUID
    attempt: int
    kind: str
    origin: Origin
    deadline: float  # on the monotonic clock
    status: Status = field(default_factory=Status)
    window: tuple[float, float] = (0.0, 1.0)
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def settings(self) -> Settings:
        return self.tools.settings

    @property
    def calendar(self) -> Calendar:
        return self.tools.calendar

    @property
    def models(self) -> ModelClient:
        return self.tools.models

    def read(self) -> AbstractAsyncContextManager[Session]:
        """A read-only session."""
        return self.tools.database.read()

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Session]:
        """One transaction whose last statement proves that this attempt still owns the run.

        Raises LeaseLostError (and rolls back) if it does not; keep the block short: computing, fetching and the run's
        own log happen outside.
        """
        async with self.turn, self.tools.database.write() as session:
            yield session
            await run_attempts.fence(session, self.run_id, self.attempt)

    def report(self, progress: float, message: str) -> None:
        """Set the progress (0..1). The next heartbeat stores it, so this may be called often."""
        start, end = self.window
        self.status.progress = max(self.status.progress, start + (end - start) * min(1.0, max(0.0, progress)))
        self.status.message = message[:200]

    def part(self, start: float, end: float) -> "RunContext":
        """The same attempt, whose progress 0..1 counts as start..end: for one step of several."""
        return replace(self, window=(start, end))

    async def log(self, message: str, *, level: str = "info", **data: Any) -> None:
        """Write a line to the run's own log; lines beyond MAX_EVENTS are dropped without a transaction."""
        self.status.lines += 1
        if self.status.lines > runs.MAX_EVENTS:
            return
        async with self.turn, self.tools.database.write() as session:
            await run_attempts.record_event(session, self.run_id, level=level, message=message, data=data or None)

    def seconds_left(self) -> float:
        """Seconds of this attempt's time budget that remain; batch jobs stop in time and carry over."""
        return max(0.0, self.deadline - time.monotonic())


Body = Callable[[RunContext, Any], Awaitable[Counts]]


def require_work(counts: Counts) -> Counts:
    """The counts as they are. Raises NothingToDoError when nothing was looked at and nothing written."""
    if not counts.read and not counts.written:
        raise nothing_to_do(RunReason.NOTHING_DUE)
    return counts


def nothing_to_do(reason: RunReason) -> NothingToDoError:
    """The error with which a body ends its run as skipped."""
    return NothingToDoError(reason, NOTHING_DONE[reason])
