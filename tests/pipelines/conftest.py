"""The seeded market of scoring_world: built once, cloned for each test that scores."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable
from datetime import datetime

import pytest

from backend import clock
from backend.config import Settings
from backend.db.session import Database
from backend.pipelines.context import RunContext
from tests.fixtures.database import TEMPLATE, _execute, settings_for
from tests.pipelines import scoring_world

WORLD = "azak_scoring_world"


@pytest.fixture(scope="session")
def world_template(template: str) -> str:
    """A migrated database with the market in it; returns the server's URL."""

    async def build() -> None:
        await _execute(template, f"CREATE DATABASE {WORLD} TEMPLATE {TEMPLATE} STRATEGY FILE_COPY")
        database = Database(settings_for(f"{template}/{WORLD}"), "test")
        async with database.write() as session:
            await scoring_world.build_market(session)
        await database.close()

    asyncio.run(build())
    return template


@pytest.fixture
async def world_settings(world_template: str) -> Settings:
    """Settings with a clone; it goes with the server (dropping one costs a checkpoint, 0.5 s)."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    await _execute(world_template, f"CREATE DATABASE {name} TEMPLATE {WORLD} STRATEGY FILE_COPY")
    return settings_for(f"{world_template}/{name}")


@pytest.fixture
async def world(world_settings: Settings) -> AsyncIterator[Database]:
    """A database of its own that holds the market."""
    database = Database(world_settings, "test")
    yield database
    await database.close()


@pytest.fixture
def set_clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """Sets the clock; it stands at scoring_world.NOW to begin with."""

    def set_to(moment: datetime) -> None:
        monkeypatch.setattr(clock, "now", lambda: moment)

    set_to(scoring_world.NOW)
    return set_to


@pytest.fixture
async def context(world: Database, world_settings: Settings, set_clock: Callable[[datetime], None]) -> RunContext:
    """An attempt that owns a run, in the seeded market."""
    return await scoring_world.context_for(world, world_settings)
