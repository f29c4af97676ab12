"""Executes runs in the active scheduler and in every worker: engine loop, runner and model process."""

import asyncio
from typing import Any

from backend.config import Settings
from backend.db.session import Database
from backend.krx import build_calendar
from backend.loops.registry import Loops
from backend.models.process.client import ModelClient
from backend.pipelines.context import Tools
from backend.scheduler import engine
from backend.scheduler.engine import Queues
from backend.scheduler.runner import Runner

_FLUSH_WITHIN_S = 2.0  # for the engine to store the end of the last runs


class Executor:
    """Executes runs of `queues`, at most `concurrency` at once. Models are loaded in a child process."""

    def __init__(
        self, settings: Settings, database: Database, name: str, queues: Queues, *, concurrency: int, loops: Loops
    ) -> None:
        calendar = build_calendar(
            kind=settings.calendar.kind,
            demo_start=settings.calendar.demo_start,
            session_minutes=settings.calendar.session_minutes,
        )
        self.models = ModelClient(settings, loops=loops)
        self.tools = Tools(settings, database, calendar, self.models)
        self.runner = Runner(self.tools, worker=name)
        self.queues = queues
        self._settings = settings
        self._concurrency = concurrency
        self._loops = loops
        self._stop = asyncio.Event()
        self._serving: asyncio.Task[None] | None = None

    def state(self) -> dict[str, Any]:
        return {"running": self.runner.running, "concurrency": self._concurrency, "models": self.models.state()}

    async def verify(self) -> None:
        """Check the engine's tables. Raises ConfigurationError when they are missing or old."""
        await engine.verify(self._settings.database_url(direct=True))

    async def start(self) -> None:
        """Start the model process and take runs; a run that needs models waits until they are loaded."""
        self._stop = asyncio.Event()
        await self.models.start()
        self._serving = asyncio.create_task(
            engine.keep_serving(
                self._settings,
                self.runner.execute,
                self.queues,
                concurrency=self._concurrency,
                stop=self._stop,
                loops=self._loops,
            )
        )
        self._loops.tend(engine.ENGINE, self._serving)

    async def stop(self, *, drain_s: float) -> None:
        """Take no more runs; running ones get `drain_s` seconds and are then returned to the queue."""
        self._stop.set()
        await self.runner.drain(drain_s)
        if self._serving is not None:
            await asyncio.wait({self._serving}, timeout=_FLUSH_WITHIN_S)
            self._serving.cancel()
            await asyncio.gather(self._serving, return_exceptions=True)
            self._serving = None
            for name in (engine.ENGINE, engine.LISTENER):
                self._loops.release(name)
        await self.models.stop()
