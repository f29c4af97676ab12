"""What azak is not: one process with the routers, the jobs and the models. For bench.isolation only.

`python -m bench.harness.monolith loop` runs the jobs in the event loop of the requests, `threads` each in a thread
with a loop of its own, `torch` only the embedding in a thread. Routers, jobs' bodies and models are azak's own.
"""

import asyncio
import os
import sys
import threading
from collections.abc import Callable
from importlib import import_module
from typing import Any

from backend.config import Settings, get_settings
from backend.db.session import Database
from backend.domain.runs import Origin
from backend.krx import build_calendar
from backend.log import configure_logging
from backend.main import create_app
from backend.models.encoder.engine import choose_engine
from backend.models.process.client import ModelClient
from backend.models.process.operations import build_operations
from backend.pipelines.context import Tools
from backend.scheduler.runner import Runner
from backend.services.runs import runs
from backend.web import bind_socket, serve
from bench.harness.workload import WORK, Work, repeat, repeat_all

Operations = dict[str, Callable[[dict[str, Any]], Any]]


class _ModelsHere(ModelClient):
    """The models in the thread that asks."""

    def __init__(self, settings: Settings, operations: Operations) -> None:
        super().__init__(settings)
        self._operations = operations

    async def call(self, operation: str, payload: dict[str, Any], *, timeout_s: float | None = None) -> Any:
        del timeout_s
        return self._operations[operation](payload)


class _Executor:
    """Executes runs to their end, with connections of its own."""

    def __init__(self, settings: Settings, operations: Operations) -> None:
        calendar = settings.calendar
        built = build_calendar(
            kind=calendar.kind, demo_start=calendar.demo_start, session_minutes=calendar.session_minutes
        )
        self._database = Database(settings, "monolith")
        tools = Tools(settings, self._database, built, _ModelsHere(settings, operations))
        self._runner = Runner(tools, worker=f"monolith-{threading.get_ident()}")

    async def execute(self, work: Work) -> str:
        async with self._database.write() as session:
            run = await runs.accept(session, kind=work.kind, arguments=work.arguments, origin=Origin.API)
        await self._runner.execute(run.id)
        async with self._database.read() as session:
            return str((await runs.get_run(session, run.id)).state)


def _in_threads(settings: Settings, operations: Operations, kinds: set[str]) -> None:
    async def work_for_ever(work: Work) -> None:
        await repeat(work, _Executor(settings, operations).execute, settings.database_url())

    def end_with(work: Work) -> None:
        try:
            asyncio.run(work_for_ever(work))
        finally:
            os._exit(1)  # a measurement beside fewer jobs than it says would be a lie

    for work in WORK:
        if work.kind in kinds:
            threading.Thread(target=end_with, args=(work,), daemon=True).start()


async def _in_the_loop(settings: Settings, operations: Operations) -> None:
    try:
        await repeat_all(_Executor(settings, operations).execute, settings.database_url())
    finally:
        os._exit(1)


def main() -> None:
    mode = sys.argv[1]
    settings = get_settings()
    configure_logging("monolith", level=settings.general.log_level, log_format=settings.general.log_format)
    module = {"torch": "backend.models.encoder.embedder", "light": "backend.models.encoder.light_embedder"}[
        choose_engine(settings.models)
    ]
    operations = build_operations(import_module(module).load_embedder(settings.models, settings.data_dir))
    app = create_app(settings)
    started = []

    async def start() -> dict[str, str]:
        if mode == "loop":
            started.append(asyncio.create_task(_in_the_loop(settings, operations)))
        else:
            _in_threads(settings, operations, {"embed_news"} if mode == "torch" else {work.kind for work in WORK})
        return {"started": mode}

    app.add_api_route("/bench/start", start, methods=["POST"])
    serve(app, [bind_socket("127.0.0.1", settings.api.port)])


if __name__ == "__main__":
    main()
