"""`azak worker`: a process of its own takes the kinds it was told to, and leaves in order."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from backend.config import Settings
from backend.db.session import Database
from backend.domain.runs import Origin
from backend.scheduler.accept import accept
from backend.services.operations import processes
from backend.services.runs import runs
from tests.cli.azak import azak


async def until(look: Callable[[], Coroutine[Any, Any, bool]], within_s: float = 180) -> None:
    async with asyncio.timeout(within_s):
        while not await look():  # noqa: ASYNC110  (another process)
            await asyncio.sleep(0.1)


async def test_a_worker_takes_its_kinds_alone_and_stops_in_order(
    settings: Settings, database: Database, data_dir: Path
) -> None:
    environment = os.environ | {
        "AZAK_DATABASE_URL": settings.database_url(), "AZAK_DATA_DIR": str(data_dir), "AZAK_MODELS_ENGINE": "light",
    }  # fmt: skip
    async with database.write() as session:
        wanted = await accept(session, "housekeeping", {}, origin=Origin.API)
        other = await accept(session, "match_impacts", {}, origin=Origin.API)
    command = [sys.executable, "-m", "backend.cli", "worker", "--kinds", "housekeeping"]

    async def is_done() -> bool:
        async with database.read() as session:
            return bool((await runs.get_run(session, wanted.id)).state == "succeeded")

    output = {"stdout": subprocess.DEVNULL, "stderr": subprocess.STDOUT}
    with subprocess.Popen(command, env=environment, **output) as worker:  # type: ignore[call-overload]  # noqa: ASYNC220
        try:
            await until(is_done)
            worker.send_signal(signal.SIGTERM)
            assert await asyncio.to_thread(worker.wait, 60) == 0
        finally:
            worker.kill()
    async with database.read() as session:
        (row,) = await processes.list_workers(session)
        assert (row.role, row.state, row.kinds, row.pid) == ("worker", "stopped", ["housekeeping"], worker.pid)
        assert (await runs.get_run(session, other.id)).state == "queued"


def test_a_kind_that_does_not_exist_is_refused_with_those_that_do(settings: Settings, tmp_path: Path) -> None:
    given = {"AZAK_DATABASE_URL": settings.database_url(), "AZAK_DATA_DIR": str(tmp_path)}
    result = azak("worker", "--kinds", "no_such_kind", **given)
    assert (result.returncode, "crawl_news" in result.stderr) == (1, True)
