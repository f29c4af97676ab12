"""A process under test: `python -m tests.chaos.process scheduler|worker`.

The product's own code with the kinds of the chaos test in its job table. A scheduler also writes a row
of the fencing log in every moment in which it believes to be the active one.
"""

import asyncio
import os
import signal
import sys

import asyncpg
from apscheduler.triggers.interval import IntervalTrigger
from sqlalchemy import text

from backend.config import Settings, load_settings
from backend.domain.runs import Origin
from backend.log import configure_logging
from backend.models.process.client import ModelClient
from backend.models.process.main import die_with
from backend.scheduler import accept, service, ticker
from backend.scheduler.service import SchedulerService
from backend.scheduler.triggers import INTERVALS_FROM
from backend.scheduler.worker import WorkerService
from tests.chaos import crash_points, kinds

_ACT = "INSERT INTO chaos_acts (epoch, holder) VALUES ($1, $2)"


async def log_acts(scheduler: SchedulerService) -> None:
    """The fencing log. One statement on an open connection: no round trip lies between belief and act."""
    while True:
        try:
            # Not through a cable that the test may pull: what this process believes must be seen then, too.
            url = os.environ.get("CHAOS_ACTS_URL") or scheduler.settings.database_url(direct=True)
            connection = await asyncpg.connect(url, timeout=2)
            act = await connection.prepare(_ACT)
            while True:
                if scheduler.lease.is_active:
                    await act.fetch(scheduler.lease.epoch, scheduler.lease.holder)
                await asyncio.sleep(0.05)
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError):
            await asyncio.sleep(0.2)


async def accept_wishes(scheduler: SchedulerService) -> None:
    """Accept what the test wishes for, as /internal/runs does, and record each promise after its commit."""
    wanted = text("SELECT number FROM chaos_wishes LEFT JOIN chaos_promises USING (number) WHERE run_id IS NULL")
    while True:
        async with scheduler.database.read() as session:
            numbers = list(await session.scalars(wanted))
        for number in numbers:
            kind = ("chaos_work", "chaos_watched", "chaos_flaky")[number % 3]
            work = kinds.Work(number=number, chunks=2, fails=number % 3 // 2).model_dump()
            async with scheduler.database.write() as session:
                run = await accept.accept(session, kind, work, origin=Origin.API, key=f"chaos:{number}")
            async with scheduler.database.write() as session:
                await kinds.record_promise(session, number, run.id)
        await asyncio.sleep(0.1)


async def run_scheduler(settings: Settings, stop: asyncio.Event) -> None:
    scheduler = SchedulerService(settings)
    await scheduler.start()
    beside = [asyncio.create_task(log_acts(scheduler)), asyncio.create_task(accept_wishes(scheduler))]
    await stop.wait()
    for task in beside:
        task.cancel()
    await scheduler.stop()


async def run_worker(settings: Settings, stop: asyncio.Event) -> None:
    await WorkerService(settings).run(stop)


def _every_second(*_: object) -> IntervalTrigger:
    return IntervalTrigger(seconds=1, start_date=INTERVALS_FROM)


async def _no_models(_client: ModelClient) -> None:
    """Nothing to load, and nothing to wait for."""


async def main(role: str) -> None:
    die_with(os.getppid())
    settings = load_settings()
    configure_logging(role, level="info", log_format="json")
    kinds.register()
    crash_points.arm(os.environ.get("CHAOS_CRASH_POINT"))
    if os.environ.get("CHAOS_TICKS") == "on":
        settings.scheduler.clock = True
        kinds.register_tick()
        setattr(ticker, "build_trigger", _every_second)  # noqa: B010  (mypy lets nobody replace an import)
        service._HEARTBEAT_S = 0.5
    if os.environ.get("CHAOS_MODELS") == "off":  # where no body asks a model, half a second less for each start
        setattr(ModelClient, "wait_ready", _no_models)  # noqa: B010  (mypy lets nobody assign a method)
        setattr(ModelClient, "start", _no_models)  # noqa: B010  (mypy lets nobody assign a method)
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await {"scheduler": run_scheduler, "worker": run_worker}[role](settings, stop)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
