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
from backend.scheduler.executor import Executor, process_name
from backend.scheduler.registry import choose_queues
from backend.scheduler.special_days import follow_special_days
from backend.services.operations import processes
from backend.services.operations.processes import WorkerSign

_log = get_logger(__name__)
BEAT_S = 5.0


class WorkerService:
    """Runs from `run()` until its event is set."""

    def __init__(self, settings: Settings) -> None:
        worker = settings.worker
        self.name = process_name()
        self._settings = settings
        self._database = Database(settings, "worker")
        queues = choose_queues(worker.kinds)
        self._executor = Executor(settings, self._database, self.name, queues, concurrency=worker.concurrency)
        self._state = "starting"

    async def run(self, stop: asyncio.Event) -> None:
        """Take runs until `stop`, then give running ones AZAK_SCHEDULER_DRAIN_S seconds to end."""
        beating = asyncio.create_task(self._keep_beating())
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
        sign = WorkerSign(self.name, "worker", sorted(self._executor.queues), self._state, self._executor.state())
        try:
            async with self._database.write() as session:
                await processes.record_worker(session, sign)
            await follow_special_days(self._database, self._executor.tools.calendar)
        except Exception as error:
            if not is_of_database(error):
                raise
            _log.warning("heartbeat_not_stored", error=repr(error))
