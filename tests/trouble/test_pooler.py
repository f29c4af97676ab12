"""A transaction pooler that nobody spoke of: LISTEN is accepted, and what another connection sends never comes."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import pytest
from pydantic import SecretStr

from backend.config import Settings
from backend.db.troubles import explain
from backend.scheduler import engine
from backend.scheduler.service import SchedulerService
from tests.fixtures.looking import looks

_NOTIFICATION = b"A"  # the type of a NotificationResponse


async def _swallow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Pass the server's messages on, each a type and a length, but no notification."""
    with contextlib.suppress(OSError, asyncio.IncompleteReadError):
        while True:
            head = await reader.readexactly(5)
            body = await reader.readexactly(int.from_bytes(head[1:]) - 4)
            if head[:1] != _NOTIFICATION:
                writer.write(head + body)
                await writer.drain()
    writer.close()


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    writer.close()


@pytest.fixture
async def pooled_url(settings: Settings) -> AsyncIterator[str]:
    parts = urlsplit(settings.database_url())

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, away = await asyncio.open_connection(parts.hostname, parts.port)
        await asyncio.gather(_pass(reader, away), _swallow(there, writer))

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    yield settings.database_url().replace(f":{parts.port}/", f":{server.sockets[0].getsockname()[1]}/")
    server.close()


async def test_a_pooler_that_swallows_notifications_is_found_by_asking(
    settings: Settings, pooled_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await engine.verify(settings.database_url())
    monkeypatch.setattr(engine, "_HEARD_WITHIN_S", 0.5)
    with pytest.raises(Exception) as refused:  # noqa: PT011  (its class is asked)
        await engine.verify(pooled_url)
    assert explain(refused.value).trouble.code == "database-pooler"


async def test_a_scheduler_behind_one_does_not_begin_and_says_which_settings_to_set(
    settings: Settings, pooled_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "_HEARD_WITHIN_S", 0.2)
    settings.database.url = SecretStr(pooled_url)
    service = SchedulerService(settings)
    await service.start()
    async for _ in looks(30):
        if service.problem is not None:
            break
    assert "AZAK_DATABASE_DIRECT_URL" in (service.problem or "")
    assert service.role != "active"
    assert not service.is_ready
    await service.stop()
