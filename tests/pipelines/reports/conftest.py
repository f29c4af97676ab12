"""A run with a scripted language model beside it."""

from collections.abc import AsyncIterator

import pytest

from backend.config import LlmSettings, Settings
from backend.db.session import Database
from backend.pipelines.context import RunContext
from tests.fixtures.language_model import FakeModel, running_model
from tests.pipelines.scoring_world import context_for


@pytest.fixture
async def model() -> AsyncIterator[FakeModel]:
    async with running_model() as model:
        yield model


@pytest.fixture
async def run(database: Database, settings: Settings, model: FakeModel) -> RunContext:
    """An attempt that owns a run, with the scripted model in its settings."""
    settings.llm = LlmSettings(url=model.url, model="test-model", api_key="sk-secret-key", timeout_s=5)
    return await context_for(database, settings)
