"""A real API on a database with one of everything, for the commands that ask it."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest
from sqlalchemy import func, insert, update

from backend.db.session import Database
from backend.db.tables.runs import Run, RunEvent
from tests.cli.azak import azak, azak_in_terminal
from tests.factories import World, add_world
from tests.fixtures.api_process import instances
from tests.fixtures.database import cloned_database, free_port


@dataclass(frozen=True, slots=True)
class RunningApi:
    """An API without a scheduler: what it is asked for waits until a test ends it."""

    environment: dict[str, str]
    database: Database
    world: World

    def __call__(self, *arguments: str, **more: str) -> CompletedProcess[str]:
        """`azak` with this API."""
        return azak(*arguments, **self.environment | more)

    def in_terminal(self, *arguments: str, columns: int = 80) -> list[str]:
        return azak_in_terminal(*arguments, columns=columns, **self.environment)

    async def ending_runs(self, *arguments: str, events: tuple[dict[str, Any], ...] = (), **ended: Any) -> Any:
        """`azak` while somebody ends each run that waits, as `ended` says, with these log lines."""
        command = asyncio.create_task(asyncio.to_thread(self, *arguments))
        while not command.done():
            async with self.database.write() as session:
                values = {"state": "succeeded", "finished_at": func.now()} | ended
                rows = update(Run).where(Run.state == "queued").values(values).returning(Run.id)
                for run_id in await session.scalars(rows):
                    for event in events:
                        await session.execute(insert(RunEvent).values(run_id=run_id, **event))
            with suppress(TimeoutError):
                async with asyncio.timeout(0.1):
                    await asyncio.shield(command)
        return await command


@pytest.fixture(scope="module")
async def api(template: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningApi]:
    """One for the tests of a file."""
    data_dir: Path = tmp_path_factory.mktemp("data")
    apart = {"AZAK_DATA_DIR": str(data_dir), "AZAK_SCHEDULER_PORT": str(free_port()), "AZAK_SCHEDULER_TOKEN": "t"}
    async with cloned_database(template) as settings:
        database = Database(settings, "test")
        async with database.write() as session:
            world = await add_world(session)
        with instances(settings, os.environ | apart) as (address, _):
            port = address.rpartition(":")[2]
            yield RunningApi(apart | {"AZAK_API_PORT": port, "AZAK_API_KEY": "k"}, database, world)
        await database.close()
