"""A real streaming replica of the tests' server: read while it is fresh, left alone when it is not."""

import os
import shutil
import signal
import subprocess
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from backend.config import Settings
from backend.db import embedded
from backend.main import create_app
from tests.api.conftest import KEY, client_of
from tests.fixtures.database import GIVEN_SERVER, free_port, wait_until_ready
from tests.fixtures.looking import looks

pytestmark = pytest.mark.skipif(GIVEN_SERVER in os.environ, reason="the given server's files are not ours to copy")
SEEN = "/api/stocks"


@dataclass
class Standby:
    """A running replica and its superuser's URL, without a database."""

    process: "subprocess.Popen[bytes]"
    admin_url: str
    url: str

    async def execute(self, statement: str) -> None:
        connection = await asyncpg.connect(f"{self.admin_url}/postgres")
        await connection.execute(statement)
        await connection.close()


@pytest.fixture
def standby(settings: Settings, data_dir: Path) -> Iterator[Standby]:
    """By pg_basebackup of the server that has this test's database already."""
    place, port = urlsplit(settings.database_url()), free_port()
    password = embedded.admin_password_file(data_dir).read_text().strip()
    copy, programs = data_dir / f"standby-{port}", embedded.binaries(data_dir)
    copy.mkdir(mode=0o700)
    if (owner := embedded._owner()) is not None:
        os.chown(copy, *owner)
    source = f"host=127.0.0.1 port={place.port} user={embedded.ADMIN} password={password}"
    subprocess.run(
        [str(programs / "pg_basebackup"), "-d", source, "-D", str(copy), "-R", "-X", "stream", "-c", "fast"],
        check=True, capture_output=True, preexec_fn=embedded._drop_root,
    )  # fmt: skip
    command = [str(programs / "postgres"), "-D", str(copy), "-c", f"port={port}"]
    command += ["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "max_connections=200"]
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=embedded._drop_root
    )
    url = settings.database_url().rpartition("/")[0].replace(f":{place.port}", f":{port}")
    try:
        wait_until_ready(f"{url}/postgres", process)
        yield Standby(process, f"postgresql://{embedded.ADMIN}:{password}@127.0.0.1:{port}", url)
    finally:
        process.send_signal(signal.SIGQUIT)
        process.wait(30)
        shutil.rmtree(copy)


@pytest.fixture
async def app(settings: Settings, standby: Standby, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FastAPI]:
    monkeypatch.setattr("backend.db.replica.EVERY_S", 0.1)
    monkeypatch.setattr("backend.services.operations.watching.presence.BEAT_S", 0.1)
    settings.api.key = SecretStr(KEY)
    settings.database.replica_url = SecretStr(standby.url + urlsplit(settings.database_url()).path)
    settings.database.replica_lag_s = 600
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        yield app


async def seen(app: FastAPI, **headers: str) -> list[str]:
    """Names of the stocks that a caller sees."""
    async with client_of(app, **headers) as client:
        answer = await client.get(SEEN)
    assert answer.status_code == 200, answer.text
    return [stock["name"] for stock in answer.json()["items"]]


async def reason(app: FastAPI) -> str | None:
    async with client_of(app) as client:
        found = (await client.get("/api/health")).json()["troubles"]
    return next((trouble["reason"] for trouble in found if trouble["code"] == "replica-stale"), None)


async def told(app: FastAPI) -> str:
    """The reason, as soon as the instance's row tells it."""
    async for _ in looks(30):
        if said := await reason(app):
            return said
    raise AssertionError("health tells nothing of the replica")


async def add(settings: Settings, name: str) -> None:
    primary = await asyncpg.connect(settings.database_url())
    code = f"{await primary.fetchval('SELECT count(*) FROM stocks') + 100000:06d}"
    await primary.execute("INSERT INTO stocks (code, name, market) VALUES ($1, $2, 'KOSPI')", code, name)
    await primary.close()


async def until(app: FastAPI, fresh: bool) -> None:
    async for _ in looks(30):
        if app.state.replica.is_fresh is fresh:
            return
    raise AssertionError(app.state.replica.state())


async def test_readers_without_a_key_see_the_replica_while_it_is_fresh(
    app: FastAPI, settings: Settings, standby: Standby
) -> None:
    await until(app, fresh=True)
    assert await reason(app) is None
    await standby.execute("SELECT pg_wal_replay_pause()")
    await add(settings, "새 종목")
    # The replica shows the time before; whoever may have written sees the time after.
    assert await seen(app) == []
    assert await seen(app, Authorization=f"Bearer {KEY}") == ["새 종목"]
    assert await seen(app, Cookie="azak_session=x") == ["새 종목"]
    app.state.replica.within_s = 0.5
    await until(app, fresh=False)
    assert await seen(app) == ["새 종목"]
    assert "The primary serves its reads" in await told(app)
    app.state.replica.within_s = 600
    await standby.execute("SELECT pg_wal_replay_resume()")
    async for _ in looks(30):
        if app.state.replica.behind_s < 5 and await reason(app) is None:
            break
    assert await seen(app) == ["새 종목"]
    standby.process.send_signal(signal.SIGINT)
    standby.process.wait(30)
    assert await seen(app) == ["새 종목"]  # asked while it still counted as fresh, or not: the primary answers
    await until(app, fresh=False)
    assert "does not answer" in await told(app)


async def test_a_server_that_is_no_replica_of_the_primary_is_told_and_not_asked(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The primary itself, in the place of one: a plain server, or another one's replica, is refused alike."""
    monkeypatch.setattr("backend.services.operations.watching.presence.BEAT_S", 0.1)
    settings.api.key = SecretStr(KEY)
    settings.database.replica_url = SecretStr(settings.database_url())
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        assert "no streaming replica" in await told(app)
        assert not app.state.replica.is_fresh
        assert await seen(app) == []
