"""The real application over ASGI, its database, and a client with and without the key."""

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from backend.config import Settings
from backend.main import create_app
from tests.fixtures.database import free_port

KEY = "test-key-of-the-api"


@pytest.fixture
def api_settings(settings: Settings) -> Settings:
    """Settings with a key, a token and a scheduler port where nobody listens."""
    settings.api.key = SecretStr(KEY)
    settings.scheduler.token = SecretStr("test-token-of-the-scheduler")
    settings.scheduler.port = free_port()
    return settings


@pytest.fixture
async def app(api_settings: Settings) -> AsyncIterator[FastAPI]:
    app = create_app(api_settings)
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
