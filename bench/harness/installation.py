"""A database and API processes of a benchmark's own: made in a temporary folder, on free ports, ended by their pids."""

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

import asyncpg
import httpx

from alembic import command
from backend.config import DatabaseSettings, Settings
from backend.db import embedded, migrations
from backend.errors import TroubleError

ROOT = Path(__file__).resolve().parents[2]
KEY = "key-of-the-benchmark"
READY_WITHIN_S = 180  # torch from a cold disk


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


class Installation:
    """A migrated database that ends with the `with` block; `environment` is that of its processes."""

    def __init__(self) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="azak-bench-", dir="/tmp"))
        self.home.chmod(0o755)
        self._processes: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        settings = Settings()
        settings.general.data_dir = self.home
        settings.database = DatabaseSettings(url=None, port=free_port())  # never the one of the developer's settings
        embedded.prepare(settings)
        self.url = settings.database_url()
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("AZAK_")} | {
            "AZAK_DATA_DIR": str(self.home),
            "AZAK_DATABASE_PORT": str(settings.database.port),
            "AZAK_API_KEY": KEY,
            "AZAK_LOG_FORMAT": "json",
            "AZAK_LOG_LEVEL": "warning",
            "PYTHONPATH": str(ROOT),
        }
        self.environment.pop("PYTHONDONTWRITEBYTECODE", None)
        self.start("-m", "backend.db.embedded")
        self._migrate(self.url)
        asyncio.run(_allow_rows_without_references(settings))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in reversed(self._processes):
            end(process)
        shutil.rmtree(self.home)

    def add_database(self, name: str) -> str:
        """A second migrated database in the same server; returns its URL."""
        url = f"{self.url.rpartition('/')[0]}/{name}"
        self._migrate(url)
        return url

    def _migrate(self, url: str) -> None:
        asyncio.run(_ensure_database(url))
        command.upgrade(migrations.alembic_config(url), "head")

    def settings(self) -> Settings:
        """Settings of this process for that database."""
        settings = Settings()
        settings.general.data_dir = self.home
        settings.database = DatabaseSettings(url=self.url)
        return settings

    def start(self, *arguments: str, **environment: str) -> "subprocess.Popen[bytes]":
        """`python ARGUMENTS`, ended with the installation at the latest; in a session of its own, as under PM2."""
        process = subprocess.Popen(
            [sys.executable, *arguments], env=self.environment | environment, cwd=self.home,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        self._processes.append(process)
        return process

    @contextmanager
    def running(self, module: str, *arguments: str, **environment: str) -> Iterator["subprocess.Popen[bytes]"]:
        """`python -m MODULE` as long as the `with` block; raises RuntimeError if it died before its end."""
        process = self.start("-m", module, *arguments, **environment)
        try:
            yield process
            if process.poll() is not None:
                raise RuntimeError(f"{module} died while it was measured; run 'python -m {module}' to see why")
        finally:
            end(process)

    @contextmanager
    def serving(self, module: str, port: int, ready: str, *arguments: str, **environment: str) -> Iterator[int]:
        """A process that answers at `ready` on `port`; returns its pid."""
        with self.running(module, *arguments, **environment) as process:
            deadline = time.monotonic() + READY_WITHIN_S
            while not _answers(f"http://127.0.0.1:{port}{ready}"):
                if process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"{module} did not start; run 'python -m {module}' to see why")
                time.sleep(0.1)
            yield process.pid

    @contextmanager
    def api(self, module: str = "backend.main", *arguments: str, **environment: str) -> Iterator[tuple[int, int]]:
        """One process that serves reads; returns its port and pid."""
        port = free_port()
        with self.serving(module, port, "/readyz", *arguments, AZAK_API_PORT=str(port), **environment) as pid:
            yield port, pid


async def _ensure_database(url: str) -> None:
    deadline = time.monotonic() + READY_WITHIN_S
    while True:
        try:
            await migrations.ensure_database(url)
        except (TroubleError, asyncpg.PostgresError):  # it starts, or is not there yet
            if time.monotonic() > deadline:
                raise
            await asyncio.sleep(0.2)
        else:
            return


async def _allow_rows_without_references(settings: Settings) -> None:
    """Worlds of a benchmark are filled without triggers and foreign keys, which azak's role may not switch off."""
    password = embedded.admin_password_file(settings.data_dir).read_text().strip()
    url = f"postgresql://{embedded.ADMIN}:{password}@127.0.0.1:{settings.database.port}/postgres"
    connection = await asyncpg.connect(url)
    await connection.execute(f"GRANT SET ON PARAMETER session_replication_role TO {embedded.ROLE}")
    await connection.close()


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=1, trust_env=False).is_success
    except httpx.TransportError:
        return False


def end(process: "subprocess.Popen[bytes]") -> None:
    """SIGINT, and after 20 s SIGKILL to this pid."""
    if process.poll() is not None:
        return
    process.send_signal(signal.SIGINT)
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(10)
