"""What a database does to its clients, done to a running azak: cut, read-only, another password, gone, full up."""

import asyncio
from dataclasses import replace
from urllib.parse import urlsplit

import asyncpg
import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr
from sqlalchemy import text

from backend.config import Settings, parse_database_url
from backend.db.connections.budget import (
    connections_allowed,
    connections_of_api,
    connections_of_executor,
    connections_wanted,
)
from backend.db.connections.connecting import connect
from backend.db.reader import open_reader
from backend.db.session import Database
from backend.db.troubles import explain
from backend.main import create_app
from backend.scheduler import engine
from tests.api.conftest import (  # noqa: F401  (fixtures)
    KEY,
    _built,
    api_settings,
    app,
    client,
    client_of,
    world,
    writer,
)
from tests.factories import World
from tests.fixtures.database import free_port
from tests.fixtures.looking import looks

HOT, PLAIN = "/api/stocks", "/api/calendar"


async def owner(settings: Settings) -> asyncpg.Connection:
    return await asyncpg.connect(settings.database_url())


_OURS = "FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'azak.%'"


async def cut_all(settings: Settings) -> int:
    """End every connection of azak and wait until they are gone; returns how many there were."""
    other = await owner(settings)
    rows = await other.fetch(f"SELECT pg_terminate_backend(pid) {_OURS}")
    async for _ in looks(10):
        if not await other.fetchval(f"SELECT count(*) {_OURS}"):
            break
    await other.close()
    return len(rows)


async def test_the_first_request_after_a_quiet_spell_is_answered(
    client: httpx.AsyncClient,  # noqa: F811
    writer: httpx.AsyncClient,  # noqa: F811
    world: World,  # noqa: F811
    settings: Settings,
) -> None:
    """Firewalls and idle_session_timeout cut what nobody uses."""
    for _ in range(3):
        for path in ("/readyz", HOT, PLAIN, "/api/health"):
            assert (path, (await client.get(path)).status_code) == (path, 200)
        assert (await writer.patch("/api/stocks/005930", json={"state": "active"})).status_code == 200
        assert await cut_all(settings) >= 4


async def test_a_column_that_changes_its_type_is_read_anew(settings: Settings) -> None:
    other = await owner(settings)
    await other.execute("CREATE TABLE changed (value integer); INSERT INTO changed VALUES (1)")
    reader = await open_reader(settings, "test")
    assert [row[0] for row in await reader.fetch("SELECT value FROM changed")] == [1]
    await other.execute("ALTER TABLE changed ALTER COLUMN value TYPE text")
    assert [row[0] for row in await reader.fetch("SELECT value FROM changed")] == ["1"]
    await reader.close()
    await other.close()


async def test_a_read_only_database_reads_and_says_why_it_does_not_write(
    client: httpx.AsyncClient,  # noqa: F811
    writer: httpx.AsyncClient,  # noqa: F811
    world: World,  # noqa: F811
    settings: Settings,
) -> None:
    other = await owner(settings)
    name = urlsplit(settings.database_url()).path[1:]
    await other.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    await cut_all(settings)
    answer = await writer.patch("/api/stocks/005930", json={"state": "paused"})
    assert (answer.status_code, answer.json()["type"]) == (503, "/problems/database-read-only")
    assert (await client.get(HOT)).status_code == 200
    await other.execute("SET default_transaction_read_only = off")
    await other.execute(f"ALTER DATABASE {name} RESET default_transaction_read_only")
    await other.close()
    # The connection that met it was dropped, so that the next one finds the database as it is now.
    assert (await writer.patch("/api/stocks/005930", json={"state": "paused"})).status_code == 200


def _other_url(settings: Settings, kind: str) -> str:
    parts = urlsplit(settings.database_url())
    whole = settings.database_url()
    return {
        "password": whole.replace(f":{parts.password}@", ":wrong@"),
        "user": whole.replace(f"//{parts.username}:", "//nobody-here:"),
        "database": f"{whole}_gone",
        "host": whole.replace(f":{parts.port}/", f":{free_port()}/"),
        "name": whole.replace("127.0.0.1", "no-such-host.invalid"),
    }[kind]


WRONG = [
    ("password", "database-refuses-login"), ("user", "database-refuses-login"), ("database", "database-missing"),
    ("host", "database-unavailable"), ("name", "database-unavailable"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "code"), WRONG)
async def test_a_wrong_url_is_told_by_its_class_and_health_is_always_200(
    settings: Settings, kind: str, code: str
) -> None:
    ours = Settings()
    ours.api.key = SecretStr(KEY)
    ours.database.url = SecretStr(_other_url(settings, kind))
    app = create_app(ours)  # noqa: F811
    async with app.router.lifespan_context(app), client_of(app, Authorization=f"Bearer {KEY}") as client:  # noqa: F811
        for path in ("/readyz", HOT, PLAIN):
            answer = await client.get(path)
            assert (path, answer.status_code, answer.json()["type"]) == (path, 503, f"/problems/{code}")
        report = await client.get("/api/health")
    assert (report.status_code, report.json()["database"]["reachable"]) == (200, False)
    assert report.json()["reasons"][0] == answer.json()["detail"]


async def test_a_newer_schema_is_refused_by_api_and_executors(
    client: httpx.AsyncClient,  # noqa: F811
    settings: Settings,
) -> None:
    other = await owner(settings)
    await other.execute("UPDATE alembic_version SET version_num = '9999'")
    await other.close()
    answer = await client.get("/readyz")
    assert (answer.status_code, answer.json()["type"]) == (503, "/problems/database-schema-newer")
    assert answer.json()["values"]["found"] == "9999"
    assert "9999" in (await client.get("/api/health")).json()["reasons"][0]
    with pytest.raises(Exception) as refused:  # noqa: PT011  (its class is asked)
        await engine.verify(settings.database_url())
    assert explain(refused.value).trouble.code == "database-schema-newer"


async def test_health_is_told_while_every_other_connection_is_busy(
    app: FastAPI,  # noqa: F811
    client: httpx.AsyncClient,  # noqa: F811
    settings: Settings,
) -> None:
    database: Database = app.state.database
    async with asyncio.TaskGroup() as holding:
        release = asyncio.Event()

        async def hold() -> None:
            async with database.read() as session:
                await session.execute(text("SELECT 1"))
                await release.wait()

        for _ in range(settings.database.pool_size // 2):
            holding.create_task(hold())
        async for _ in looks(10):
            if database._reader.pool.checkedout() == settings.database.pool_size // 2:  # type: ignore[attr-defined]
                break
        settings.database.connect_timeout_s = 0.2
        assert (await client.get("/readyz")).status_code == 200
        assert (await client.get("/api/health")).json()["database"]["reachable"] is True
        release.set()


async def test_the_second_host_is_asked_when_the_first_is_away_or_takes_no_writes(settings: Settings) -> None:
    address = parse_database_url(settings.database_url())
    away = ("127.0.0.1", free_port())
    both = replace(address, hosts=(away, *address.hosts), target="read-write")
    for read_only in ("off", "on"):
        given = {"default_transaction_read_only": read_only}
        connection = await connect(both, "test", timeout_s=2, server_settings=given)
        assert await connection.fetchval("SELECT 1") == 1
        await connection.close()
    other = await owner(settings)
    await other.execute(f"ALTER DATABASE {address.database} SET default_transaction_read_only = on")
    with pytest.raises(asyncpg.TargetServerAttributeNotMatched):
        await connect(both, "test", timeout_s=2)
    await other.close()


async def test_pools_give_back_what_nobody_needs(settings: Settings) -> None:
    database = Database(settings, "burst", size=8)

    async def ask() -> None:
        async with database.read() as session:
            await session.execute(text("SELECT pg_sleep(0.2)"))

    await asyncio.gather(*(ask() for _ in range(8)))
    other = await owner(settings)
    held = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'azak.burst'"
    async for _ in looks(10):
        if await other.fetchval(held) <= 4:
            break
    await other.close()
    await database.close()


async def test_the_default_installation_fits_into_postgresqls_own_default(settings: Settings) -> None:
    """max_connections is 100 wherever nobody changed it, 3 of them for superusers; a worker comes on top."""
    assert settings.api.instances == 2
    assert (connections_of_api(settings), connections_of_executor(settings)) == (23, 26)
    assert connections_wanted(settings, workers=0) == 2 * 23 + 26 + 3
    assert connections_wanted(settings, workers=0) <= 97
    other = await owner(settings)
    assert await connections_allowed(other) == 197  # the embedded one has 200
    await other.close()
