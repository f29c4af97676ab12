"""Real model processes. The light engine starts in a second, so what is about processes is tested with it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from backend.config import Settings
from backend.models.process.client import ModelClient


@pytest.fixture(scope="session")
def light_settings(data_dir: Path) -> Settings:
    settings = Settings()
    settings.general.data_dir = data_dir
    settings.models.engine = "light"
    settings.models.niceness = 0  # beside other work a nice process loads ten times as long
    return settings


@pytest.fixture(scope="session")
async def light(light_settings: Settings) -> AsyncIterator[ModelClient]:
    """A client whose child the tests may kill: the next one gets its successor."""
    client = ModelClient(light_settings, ping_s=0.2, silence_s=1)
    await client.start()
    await client.wait_ready()
    yield client
    await client.stop()


@pytest.fixture(scope="session")
async def torch_models(data_dir: Path) -> AsyncIterator[ModelClient]:
    """The default encoder: weights converted into the session's data directory, loaded by transformers."""
    settings = Settings()
    settings.general.data_dir = data_dir
    settings.models.niceness = 0
    client = ModelClient(settings)
    await client.start()
    await client.wait_ready()
    yield client
    await client.stop()
