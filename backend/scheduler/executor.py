"""What executes runs, in the active scheduler and in every worker: engine loop, runner and model process."""

import asyncio
import os
import socket
import uuid
from typing import Any

from backend.config import Settings
from backend.db.session import Database
from backend.krx import build_calendar
from backend.models.process.client import ModelClient
from backend.pipelines.context import Tools
from backend.scheduler import engine
from backend.scheduler.engine import Queues
from backend.scheduler.runner import Runner

_LAST_WORDS_S = 2.0  # for the engine to write what it knows of the runs that have just ended


def process_name() -> str:
    """host:pid:id, as the ledger, the lease and the list of workers call this process."""
    return f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"


class Executor:
    """Takes runs of `queues`, at most `concurrency` at once. Its process loads no model itself."""

    def __init__(self, settings: Settings, database: Database, name: str, queues: Queues, *, concurrency: int) -> None:
        calendar = build_calendar(
            kind=settings.calendar.kind,
            demo_start=settings.calendar.demo_start,
            session_minutes=settings.calendar.session_minutes,
        )
        self.models = ModelClient(settings)
        self.tools = Tools(settings, database, calendar, self.models)
        self.runner = Runner(self.tools, worker=name)
        self.queues = queues
        self._settings = settings
        self._concurrency = concurrency
        self._stop = asyncio.Event()
        self._serving: asyncio.Task[None] | None = None

    def state(self) -> dict[str, Any]:
        return {"running": self.runner.running, "concurrency": self._concurrency, "models": self.models.state()}

    async def verify(self) -> None:
        """Raises ConfigurationError when the engine's tables are missing or old."""
        await engine.verify(self._settings.database_url(direct=True))

    async def start(self) -> None:
        """Load the models and take runs meanwhile: a run that needs them waits for them."""
        self._stop = asyncio.Event()
        await self.models.start()
        self._serving = asyncio.create_task(
            engine.keep_serving(
                self._settings, self.runner.execute, self.queues, concurrency=self._concurrency, stop=self._stop
            )
        )

    async def stop(self, *, drain_s: float) -> None:
        """Take no more runs; those under way get `drain_s` seconds and are then put back."""
        self._stop.set()
        await self.runner.drain(drain_s)
        if self._serving is not None:
            await asyncio.wait({self._serving}, timeout=_LAST_WORDS_S)
            self._serving.cancel()
            await asyncio.gather(self._serving, return_exceptions=True)
            self._serving = None
        await self.models.stop()
