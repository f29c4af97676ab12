"""A process of the kill table: `python -m tests.chaos.kill_table.process scheduler|worker|api`, azak's own.

It ends those of its loops that stand in the file KILL_FOLDER/{role}, a name a line: the task that stamps the loop is
cancelled, as by a bug, and everything else goes on.
"""

import asyncio
import importlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from backend.loops.pulse import Pulse
from backend.loops.registry import Loop, Loops
from backend.models.process.main import die_with
from tests.chaos.wide.process import MAINS

_known: list[Loops] = []


def _frames(coroutine: Any) -> Iterator[Any]:
    while coroutine is not None and getattr(coroutine, "cr_frame", None) is not None:
        yield coroutine.cr_frame
        coroutine = coroutine.cr_await


def _stamps(task: "asyncio.Task[Any]", loop: Loop) -> bool:
    """Whether `loop` stands in a variable of what `task` runs, or of the object that it runs in."""
    for frame in _frames(task.get_coro()):
        held = getattr(frame.f_locals.get("self"), "_loop", None)
        if held is loop or any(value is loop for value in frame.f_locals.values()):
            return True
    return False


async def obey(folder: Path, role: str) -> None:
    orders, done = folder / role, set[str]()
    while True:
        await asyncio.sleep(0.1)
        for name in orders.read_text().split("\n") if orders.exists() else ():
            loop = next((known.find(name) for known in _known if name in known.snapshot()), None)
            if loop is None or name in done:
                continue
            done.add(name)
            for task in asyncio.all_tasks():
                if task is not asyncio.current_task() and _stamps(task, loop):
                    task.cancel()


def prepare(folder: Path, role: str) -> None:
    """Obey from the first turn of the event loop on."""
    make, run = Loops.__init__, Pulse.run
    kept = set()

    def remember(self: Loops, *given: Any, **named: Any) -> None:
        make(self, *given, **named)
        _known.append(self)

    async def run_and_obey(self: Pulse, *given: Any) -> None:
        kept.add(asyncio.create_task(obey(folder, role)))
        await run(self, *given)

    setattr(Loops, "__init__", remember)  # noqa: B010  (mypy lets nobody assign a method)
    setattr(Pulse, "run", run_and_obey)  # noqa: B010


def main(role: str) -> None:
    die_with(os.getppid())
    prepare(Path(os.environ["KILL_FOLDER"]), role)
    importlib.import_module(MAINS[role]).main()


if __name__ == "__main__":
    main(sys.argv[1])
