"""A real streaming replica of the tests' server: read while it is fresh, left alone when it is not."""

import os
import shutil
import signal
import subprocess
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from urllib.parse import urlsplit

import asyncpg
import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from backend.config import Settings
from backend.db import embedded
from backend.db.replica import Replica, _position
from backend.errors import TroubleError
from backend.loops.registry import Loop
from backend.main import create_app
from backend.trouble import DATABASE_AWAY
from backend.web import planned_reads
from tests.api.conftest import KEY, client_of
from tests.fixtures.database import GIVEN_SERVER, free_port, wait_until_ready
from tests.fixtures.looking import looks

SEEN = "/api/stocks"


class Steady:
    """A monotonic clock that is set by hand."""

    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        return self.at


def test_a_replica_is_as_old_as_the_newest_note_that_it_has_replayed() -> None:
    """Not as its last transaction, which ages while nobody writes."""
    steady = Steady()
    replica = Replica(cast(Any, None), cast(Any, None), Loop(25, steady), 5, steady)

    def seen() -> tuple[bool, bool]:
        """Whether it is read, and whether health has nothing to say of it."""
        return replica.is_fresh, replica.state()["is_fresh"]

    assert seen() == (False, True)  # not asked yet, and not told yet
    for position in (100, 200, 300):
        replica._notes.append((steady.at, position))
        steady.at += 1
    replica._note(99)
    assert seen() == (False, True)
    replica._note(200)
    assert (seen(), replica.behind_s) == ((True, True), 2)
    steady.at += 3
    assert seen() == (True, True)
    steady.at += 0.5
    assert seen() == (False, False)
    replica._note(300)
    assert seen() == (True, True)
    replica.lose(TroubleError(DATABASE_AWAY))
    assert seen() == (False, False)
    assert _position("1/000000FF") > _position("0/FFFFFFFF")


@pytest.mark.parametrize(
    ("headers", "fresh", "asked"),
    [
        ([], True, "replica"), ([], False, "primary"), ([(b"accept", b"*/*")], True, "replica"),
        ([(b"authorization", b"Bearer x")], True, "primary"), ([(b"cookie", b"azak_session=x")], True, "primary"),
    ],
)  # fmt: skip
async def test_who_may_have_written_reads_from_the_primary(
    headers: list[tuple[bytes, bytes]], fresh: bool, asked: str
) -> None:
    async def plan(reader: Any) -> str:
        return str(reader)

    replica = SimpleNamespace(is_fresh=fresh, reader="replica")
    app = SimpleNamespace(state=SimpleNamespace(reader="primary", replica=replica))
    answer = await planned_reads._run(plan, {"app": app, "headers": headers})
    assert bytes(answer.body).decode() == asked


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
    if GIVEN_SERVER in os.environ:
        pytest.skip("the given server's files are not ours to copy")
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
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=embedded._drop_root,  # noqa: PLW1509
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
