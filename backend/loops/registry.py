"""The registry of a process's loops: each stamps its last good turn, and health names the one that has stopped.

A loop that raises, hangs, is cancelled by mistake or works without effect has one thing in common: no good turn. So the
stamp is set where the work has succeeded, never where it begins. Ages are monotonic: a step of the wall clock neither
hides nor invents a stop. A loop never releases itself: whoever ends it on purpose does, once its task has ended.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Any, Final

# Longest silence of a loop whose turns take seconds, so that health names it within 30 s.
WITHIN_S: Final = 25.0
_ERROR_CHARS: Final = 300


class Loop:
    """One loop. It counts as stopped when `within_s` seconds passed without a good turn."""

    def __init__(self, within_s: float, now: Callable[[], float]) -> None:
        self.within_s = within_s
        self._now = now
        self._turned_at = now()
        self._error: str | None = None

    def turn(self) -> None:
        """Stamp a good turn."""
        self._turned_at, self._error = self._now(), None

    def fail(self, why: str) -> None:
        """Keep why a turn was no good one, as anybody may read it; health tells it when the loop counts as stopped."""
        self._error = why[:_ERROR_CHARS]

    @property
    def age_s(self) -> float:
        """Seconds since the last good turn."""
        return self._now() - self._turned_at

    @property
    def has_stopped(self) -> bool:
        return self.age_s > self.within_s

    def snapshot(self) -> dict[str, Any]:
        """`age_s` at this moment, `within_s` and the last error, as JSON of the process's row."""
        return {"age_s": round(self.age_s, 1), "within_s": self.within_s, "error": self._error}


class Loops:
    """All loops of one process, by name."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._loops: dict[str, Loop] = {}

    def expect(self, name: str, *, within_s: float = WITHIN_S) -> Loop:
        """From now on the loop `name` must turn; its time begins anew."""
        loop = self._loops[name] = Loop(within_s, self._now)
        return loop

    def find(self, name: str) -> Loop:
        """The expected loop `name`; one that nobody expects may be stamped, too."""
        return self._loops.get(name) or Loop(WITHIN_S, self._now)

    def tend(self, name: str, task: "asyncio.Task[Any]") -> None:
        """`task` runs the loop `name`: when it ends, however, the loop is one that must turn and does not."""
        task.add_done_callback(lambda ended: self._miss(name, ended))

    def _miss(self, name: str, ended: "asyncio.Task[Any]") -> None:
        loop = self._loops.get(name) or self.expect(name)
        error = None if ended.cancelled() else ended.exception()
        # The first line alone: SQL follows in the next ones.
        why = "it has ended" if error is None else f"{type(error).__name__}: {error}".partition("\n")[0]
        loop.fail("it was cancelled" if ended.cancelled() else why)

    def release(self, name: str) -> None:
        """The loop was ended on purpose: it is expected no more."""
        self._loops.pop(name, None)

    def snapshot(self) -> dict[str, dict[str, Any]]:
        """Every expected loop, by name."""
        return {name: loop.snapshot() for name, loop in sorted(self._loops.items())}

    def stopped(self) -> list[str]:
        """Names of the loops without a good turn in time."""
        return [name for name, loop in sorted(self._loops.items()) if loop.has_stopped]


# The registry of code that runs outside of a process of azak (a test, a measurement): nobody reads it.
NOBODY: Final = Loops()
