"""A process under test: `python -m tests.chaos.process scheduler|worker`.

The product's own code with the kinds of the chaos test in its job table. A scheduler also writes a row
of the fencing log in every moment in which it believes to be the active one.
"""

import asyncio
import os
import signal
import sys

import asyncpg

from backend.config import Settings, load_settings
from backend.db.session import is_connection_loss
from backend.llm.process import die_with
from backend.log import configure_logging
from backend.scheduler.service import SchedulerService
from backend.scheduler.worker import WorkerService
from tests.chaos import crash_points, kinds

_ACT = "INSERT INTO chaos_acts (epoch, holder) VALUES ($1, $2)"


async def log_acts(service: SchedulerService) -> None:
    """The fencing log. One statement on an open connection: no round trip lies between belief and act."""
    while True:
        try:
            connection = await asyncpg.connect(service.settings.database_url(), timeout=2)
            act = await connection.prepare(_ACT)
            while True:
                if service.lease.is_active:
                    await act.fetch(service.lease.epoch, service.lease.holder)
                await asyncio.sleep(0.05)
        except Exception as error:
            if not is_connection_loss(error):
                raise
            await asyncio.sleep(0.2)


async def run_scheduler(settings: Settings, stop: asyncio.Event) -> None:
    service = SchedulerService(settings)
    await service.start()
    acts = asyncio.create_task(log_acts(service))
    await stop.wait()
    acts.cancel()
    await service.stop()


async def run_worker(settings: Settings, stop: asyncio.Event) -> None:
    await WorkerService(settings).run(stop)


async def main(role: str) -> None:
    die_with(os.getppid())
    settings = load_settings()
    configure_logging(role, level="info", log_format="json")
    kinds.register()
    crash_points.arm(os.environ.get("CHAOS_CRASH_POINT"))
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await {"scheduler": run_scheduler, "worker": run_worker}[role](settings, stop)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
