"""What the wide chaos stands on: a stand-in, a PostgreSQL and azak's folder on disks that can fill, clocks that jump.

A disk that fills is a tmpfs of its own, so that the ENOSPC is the kernel's; a clock that jumps is libfaketime's, which
leaves the monotonic clock and the database's clock as they are. Both need the machine's help (`missing`).
"""

import asyncio
import contextlib
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import asyncpg
import httpx

from alembic import command
from backend import clock
from backend.cli.environment import STANDIN_SOURCES
from backend.config import Settings
from backend.db import embedded, migrations
from tests.chaos.world import Pace, World
from tests.fixtures.database import free_port, new_server_home
from tests.fixtures.standin import StandIn, running_standin

KEY: Final = "key-of-the-wide-chaos"
SERVER_MB, AZAK_MB = 500, 24  # their disks
WORLD_HOURS: Final = 22  # so long ago the world began; it is told in quick motion
_FAKETIME: Final = ("/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1", "/usr/lib/faketime/libfaketimeMT.so.1")
_ACTS: Final = "CREATE TABLE chaos_acts (epoch int, holder text, ts timestamptz DEFAULT clock_timestamp())"
# Without the searches nothing brings an article back that was lost between a feed and the table.
_KEYS: Final = ("KIS_APP_KEY", "KIS_APP_SECRET", "DART_KEY", "PUBLIC_DATA_KEY")


def faketime() -> str | None:
    """The library that moves a process's clock; None where it is not installed."""
    return next((path for path in _FAKETIME if Path(path).exists()), None)


def missing() -> dict[str, str]:
    """Kinds of faults that this machine cannot do -> what it lacks."""
    found: dict[str, str] = {}
    if os.geteuid() != 0:
        found |= dict.fromkeys(("database_disk_full", "azak_disk_full"), "root, to mount a small tmpfs")
    if faketime() is None:
        found |= dict.fromkeys(("clock_ahead", "clock_back"), "libfaketime (apt-get install libfaketime)")
    return found


@dataclass
class Disk:
    """A tmpfs that can be filled and freed; an ordinary folder where nobody may mount."""

    path: Path
    mounted: bool = False

    def fill(self) -> None:
        """Take every byte that is left."""
        with (self.path / "ballast").open("ab", buffering=0) as ballast:
            for size in (1 << 20, 1 << 16, 1 << 12):
                with contextlib.suppress(OSError):
                    while True:
                        ballast.write(b"\0" * size)

    def free(self) -> None:
        (self.path / "ballast").unlink(missing_ok=True)


@dataclass
class Ground:
    """Everything but azak itself, whose processes have `environment`; the server's clock is the true one."""

    world: World
    environment: dict[str, str]
    standin: StandIn
    server_disk: Disk
    azak_disk: Disk

    async def control(self, path: str, body: Any = None) -> Any:
        """Ask the stand-in's /_control/`path` until it answers: it may be busy, and is none of what is hurt."""
        url = f"{self.standin.url}/_control/{path}"
        async with httpx.AsyncClient(timeout=30, trust_env=False) as client:
            while True:
                with contextlib.suppress(httpx.TransportError):
                    answer = await (client.get(url) if body is None else client.post(url, json=body))
                    return answer.raise_for_status().json()
                await asyncio.sleep(0.5)

    @property
    def clock_file(self) -> Path:
        return self.world.home / "clock"

    def set_clock(self, seconds: int) -> None:
        """Move the clock of every process of azak."""
        written = self.clock_file.with_suffix(".new")
        written.write_text(f"{seconds:+d}\n")
        written.replace(self.clock_file)


@contextmanager
def _disk(path: Path, size_mb: int) -> Iterator[Disk]:
    path.mkdir()
    path.chmod(0o755)
    if os.geteuid() != 0:
        yield Disk(path)
        return
    options = f"size={size_mb}m,mode=755"
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(path)], check=True)
    try:
        yield Disk(path, mounted=True)
    finally:
        subprocess.run(["umount", "-l", str(path)], check=True)


def _without_ours() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("AZAK_")}


def _environment(home: Path, standin: StandIn) -> dict[str, str]:
    urls = {f"AZAK_SOURCES_{name}_URL": f"{standin.url}/{name.lower().replace('_', '-')}" for name in STANDIN_SOURCES}
    fake = faketime()
    moved: dict[str, str] = {} if fake is None else {
        "LD_PRELOAD": fake, "FAKETIME_TIMESTAMP_FILE": str(home / "clock"), "FAKETIME_CACHE_DURATION": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }  # fmt: skip
    keys = {f"AZAK_SOURCES_{name}": "demo" for name in _KEYS}
    return _without_ours() | urls | keys | moved | {
        "AZAK_CALENDAR_KIND": "demo",
        "AZAK_CALENDAR_DEMO_START": standin.start.isoformat(),
        "AZAK_SOURCES_NAVER_PRICES": "true",
        "AZAK_API_KEY": KEY,
        "AZAK_MODELS_ENGINE": "light",
        "AZAK_MODELS_THREADS": "1",
        "AZAK_MODELS_NICENESS": "0",
        "AZAK_SCHEDULER_NICENESS": "0",
        "AZAK_DATABASE_POOL_SIZE": "6",
        "AZAK_SCHEDULER_DRAIN_S": "2",
        "AZAK_WATCHDOG_DISK_FREE_MB": "1",
        "AZAK_LOG_FILE_MB": "1",
        "AZAK_LOG_FORMAT": "json",
    }  # fmt: skip


async def _create_tables(url: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(_ACTS)
    await connection.close()


def _put_wal_apart(cluster: Path, folder: Path) -> None:
    """Let the server's write-ahead log lie outside the disk that fills: without room for that it gives up."""
    subprocess.run(["mv", str(cluster / "pg_wal"), str(folder)], check=True)  # keeps its owner
    (cluster / "pg_wal").symlink_to(folder)


@contextmanager
def ground(*, wal_apart: bool = False) -> Iterator[Ground]:
    """A migrated database and a stand-in whose world began `WORLD_HOURS` ago and stands still.

    `wal_apart`: a full disk refuses writes and the server lives; else it is the one disk of a small machine.
    """
    home = new_server_home("azak-wide-")
    start = (clock.now() - timedelta(hours=WORLD_HOURS)).replace(minute=0, second=0, microsecond=0)
    more = ("--stocks", "20", "--frozen-at", (start + timedelta(minutes=30)).isoformat())
    try:
        with (
            _disk(home / "server", SERVER_MB) as server_disk,
            _disk(home / "azak", AZAK_MB) as azak_disk,
            running_standin(start, more=more) as standin,
        ):
            settings = Settings()
            settings.general.data_dir = server_disk.path
            settings.database.port, settings.database.url = free_port(), None
            environment = _environment(home, standin)
            place = {"AZAK_DATA_DIR": str(server_disk.path), "AZAK_DATABASE_PORT": str(settings.database.port)}
            world = World(home, settings, Pace(), environment=_without_ours() | place)
            cluster = embedded.prepare(settings)
            with (cluster / "postgresql.conf").open("a") as configuration:
                configuration.write("fsync = off\nmax_wal_size = 64MB\nmin_wal_size = 32MB\n")
                configuration.write("log_line_prefix = '%m [%p] %a '\n")
            if wal_apart:
                _put_wal_apart(cluster, home / "wal")
            built = Ground(world, environment, standin, server_disk, azak_disk)
            built.set_clock(0)
            try:
                world.start_server()
                asyncio.run(migrations.ensure_database(world.url))
                command.upgrade(migrations.alembic_config(world.url), "head")
                asyncio.run(_create_tables(world.url))
                yield built
            finally:
                if world.server is not None and world.server.poll() is None:
                    world.stop_server(signal.SIGINT)
    finally:
        shutil.rmtree(home)
