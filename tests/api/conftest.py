"""The real application over ASGI, its database, and a client with and without the key."""

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from backend.config import Settings
from backend.db.session import Database
from backend.main import create_app
from tests.factories import World, add_world
from tests.fixtures.api_process import compiled
from tests.fixtures.database import free_port

__all__ = ["compiled"]

KEY = "test-key-of-the-api"


@pytest.fixture(scope="session")
def _built() -> tuple[Settings, FastAPI]:
    """The application is built once (its routes take a second on a busy machine); its settings change a test."""
    settings = Settings()
    return settings, create_app(settings)


@pytest.fixture
def api_settings(_built: tuple[Settings, FastAPI], settings: Settings) -> Settings:
    """Settings with a key, a token and a scheduler port where nobody listens."""
    shared = _built[0]
    shared.database = settings.database
    shared.api.key = SecretStr(KEY)
    shared.scheduler.token = SecretStr("test-token-of-the-scheduler")
    shared.scheduler.port = free_port()
    return shared


@pytest.fixture
async def app(_built: tuple[Settings, FastAPI], api_settings: Settings) -> AsyncIterator[FastAPI]:
    app = _built[1]
    async with app.router.lifespan_context(app):
        yield app


def client_of(app: FastAPI, **headers: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost", headers=headers)


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """Without a key: may read."""
    async with client_of(app) as client:
        yield client


@pytest.fixture
async def writer(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """With the key: may write."""
    async with client_of(app, Authorization=f"Bearer {KEY}") as client:
        yield client


@pytest.fixture
async def world(database: Database) -> World:
    """One row of everything."""
    async with database.write() as session:
        return await add_world(session)
