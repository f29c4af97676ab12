"""Worker process: executes runs with its own engine and model process; it has no clock, lease or port.

It needs the database's URL and the settings of models and calendar, and takes the kinds in AZAK_WORKER_KINDS. Each
worker dequeues a run when it has a free slot.
"""

import asyncio

from backend.config import Settings
from backend.db.session import Database
from backend.db.troubles import is_of_database
from backend.errors import ConfigurationError
from backend.log import get_logger
from backend.loops.pulse import PULSE, PULSE_WITHIN_S, Pulse
from backend.loops.registry import Loops
from backend.scheduler.executor import Executor
from backend.scheduler.registry import choose_queues
from backend.scheduler.special_days import follow_special_days
from backend.services.operations import processes
from backend.services.operations.processes import WorkerSign
from backend.services.operations.watching.signs import Signs

_log = get_logger(__name__)
BEAT_S = 5.0


class WorkerService:
    """Runs from `run()` until its event is set."""

    def __init__(self, settings: Settings) -> None:
        worker = settings.worker
        self.name = processes.process_name()
        self._loops = Loops()
        self._pulse = Pulse(self._loops.expect(PULSE, within_s=PULSE_WITHIN_S))
        self._signs = Signs(settings, f"worker {self.name.rpartition(':')[0]}", self._loops, self._pulse)
        self._settings = settings
        self._database = Database(settings, "worker")
        self._signs.database = self._database
        queues = choose_queues(worker.kinds)
        self._executor = Executor(
            settings, self._database, self.name, queues, concurrency=worker.concurrency, loops=self._loops
        )
        self._state = "starting"

    async def run(self, stop: asyncio.Event) -> None:
        """Take runs until `stop`, then give running ones AZAK_SCHEDULER_DRAIN_S seconds to end."""
        beating = asyncio.gather(self._keep_beating(), self._pulse.run())
        await self._wait_for_tables(stop)
        if not stop.is_set():
            await self._executor.start()
            self._state = "working"
            _log.info("worker_started", worker=self.name, kinds=sorted(self._executor.queues))
            await stop.wait()
        self._state = "draining"
        await self._executor.stop(drain_s=self._settings.scheduler.drain_s)
        beating.cancel()
        await asyncio.gather(beating, return_exceptions=True)
        self._state = "stopped"
        await self._beat()
        await self._database.close()

    async def _wait_for_tables(self, stop: asyncio.Event) -> None:
        """Wait until the database is reachable and migrated, or until `stop`."""
        while not stop.is_set():
            try:
                await self._executor.verify()
            except ConfigurationError as error:
                _log.error("worker_blocked", detail=error.detail)
            except Exception as error:
                if not is_of_database(error):
                    raise
                _log.warning("database_away", error=repr(error))
            else:
                return
            await asyncio.wait({asyncio.create_task(stop.wait())}, timeout=BEAT_S)

    async def _keep_beating(self) -> None:
        while True:
            await self._beat()
            await asyncio.sleep(BEAT_S)

    async def _beat(self) -> None:
        kinds = sorted(self._executor.queues)
        try:
            async with self._database.write() as session:
                await self._signs.measure_clock(session)
                details = {**self._executor.state(), "signs": self._signs.read()}
                sign = WorkerSign(self.name, "worker", kinds, self._state, details)
                await processes.record_worker(session, sign)
            await follow_special_days(self._database, self._executor.tools.calendar)
        except Exception as error:
            if not is_of_database(error):
                raise
            _log.warning("heartbeat_not_stored", error=repr(error))
