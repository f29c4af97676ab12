"""A worker, which executes runs: `python -m backend.worker_main`, on any machine that reaches the database.

Settings: AZAK_WORKER_*.
"""

import asyncio
import signal
import sys

from backend.config import Settings, open_installation
from backend.errors import ConfigurationError
from backend.log import log_as
from backend.loops.watch import watch_loop
from backend.pipelines.sources.catalogue import refuse_unknown_sources
from backend.priority import lower_priority
from backend.scheduler.worker import WorkerService


async def _work(settings: Settings) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with watch_loop():
        await WorkerService(settings).run(stop)


def main() -> None:
    """Work until SIGINT or SIGTERM."""
    try:
        settings = open_installation()
        refuse_unknown_sources(settings.sources)
        log_as("worker", settings.general)
        lower_priority(settings.scheduler.niceness)
        asyncio.run(_work(settings))
    except ConfigurationError as error:
        sys.exit(error.detail)


if __name__ == "__main__":
    main()
