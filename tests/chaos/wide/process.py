"""A process under test: `python -m tests.chaos.wide.process scheduler|worker|api`, azak's own, that ends with the test.

A scheduler also writes a row of the fencing log in every moment in which it believes to be the active one.
"""

import asyncio
import importlib
import os
import sys
from typing import Final

from backend.models.process.main import die_with
from backend.scheduler.service import SchedulerService
from tests.chaos.process import log_acts

MAINS: Final = {"scheduler": "backend.scheduler_main", "worker": "backend.worker_main", "api": "backend.main"}
_kept: set["asyncio.Task[None]"] = set()


def log_the_acts() -> None:
    """Let every scheduler of this process write the fencing log from its start."""
    start = SchedulerService.start

    async def start_and_log(self: SchedulerService) -> None:
        await start(self)
        _kept.add(asyncio.create_task(log_acts(self)))

    setattr(SchedulerService, "start", start_and_log)  # noqa: B010  (mypy lets nobody assign a method)


def main(role: str) -> None:
    die_with(os.getppid())
    log_the_acts()
    importlib.import_module(MAINS[role]).main()


if __name__ == "__main__":
    main(sys.argv[1])
