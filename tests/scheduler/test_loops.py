"""A loop that ends although its process lives is a stopped one; only who ends it on purpose releases it."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from backend.loops.registry import Loops


class Steady:
    """Monotonic seconds, moved by hand."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


async def _raise() -> None:
    raise RuntimeError("a bug")


async def _return() -> None:
    return None


async def _wait() -> None:
    await asyncio.Event().wait()


@pytest.mark.parametrize(
    ("work", "why"), [(_raise, "RuntimeError: a bug"), (_return, "it has ended"), (_wait, "it was cancelled")]
)
@pytest.mark.parametrize("forgets", [False, True])
async def test_a_loop_whose_task_ended_is_stopped(
    work: Callable[[], Coroutine[Any, Any, None]], why: str, *, forgets: bool
) -> None:
    """`forgets`: the task released its loop while it ended, or was between two."""
    steady = Steady()
    loops = Loops(steady)
    loops.expect("work", within_s=25).turn()
    task = asyncio.ensure_future(work())
    loops.tend("work", task)
    await asyncio.sleep(0)
    if forgets:
        loops.release("work")
    if work is _wait:
        task.cancel()
    await asyncio.wait({task})
    assert loops.stopped() == []
    steady.now = 26
    assert loops.stopped() == ["work"]
    assert loops.snapshot()["work"]["error"] == why
    loops.release("work")
    assert loops.stopped() == []
