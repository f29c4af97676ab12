"""Services of `azak up`. Order of starting: database, migration, then stand-in, scheduler and API together."""

import asyncio
import errno
import socket
import sys
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import asyncpg
import httpx

from backend.cli.environment import DemoState, demo_url, local_host
from backend.cli.start.children import ChildFailedError, Service
from backend.config import Settings
from backend.db.connections.connecting import connect
from backend.errors import AzakError, ConfigurationError

# Seconds that a stop may take. The API ends open requests within its; the scheduler's is its drain time and more.
API_STOP_S, STANDIN_STOP_S, DATABASE_STOP_S = 10, 5, 30
READY_WITHIN_S = 60


def _answers(url: str) -> Callable[[], Awaitable[bool]]:
    async def is_ready() -> bool:
        try:
            async with httpx.AsyncClient(timeout=2, trust_env=False, verify=False) as client:  # noqa: S501  (plain HTTP)
                return (await client.get(url)).is_success
        except httpx.TransportError:
            return False

    return is_ready


def _accepts_login(settings: Settings) -> Callable[[], Awaitable[bool]]:
    async def is_ready() -> bool:
        address = replace(settings.database_address(), database="postgres")
        try:
            connection = await connect(address, "start", timeout_s=2)
        except (AzakError, asyncpg.PostgresError):
            return False
        await connection.close()
        return True

    return is_ready


def database_service(settings: Settings) -> Service:
    arguments = ("-m", "backend.db.embedded")
    return Service("database", arguments, _accepts_login(settings), READY_WITHIN_S, DATABASE_STOP_S)


def scheduler_service(settings: Settings) -> Service:
    """The scheduler; ready when it is alive, because models load in the background and jobs wait for them."""
    address = f"http://{settings.scheduler.host}:{settings.scheduler.port}/livez"
    arguments = ("-m", "backend.scheduler_main")
    return Service("scheduler", arguments, _answers(address), READY_WITHIN_S, scheduler_stop_s(settings))


def scheduler_stop_s(settings: Settings) -> float:
    """Seconds that the scheduler may take to stop."""
    return settings.scheduler.drain_s + 10


def api_services(settings: Settings) -> list[Service]:
    address = f"http://{local_host(settings)}:{settings.api.port}/readyz"
    return [
        Service(f"api-{number}", ("-m", "backend.main"), _answers(address), READY_WITHIN_S, API_STOP_S)
        for number in range(settings.api.instances)
    ]


def standin_service(state: DemoState) -> Service:
    url = httpx.URL(demo_url())
    arguments = (
        "-m", "backend.demo", "--port", str(url.port or 80), "--start", state.start,
        "--session-minutes", str(state.session_minutes), "--seed", str(state.seed),
        *(() if state.effects else ("--no-effects",)),
    )  # fmt: skip
    return Service("standin", arguments, _answers(f"{url}/livez"), READY_WITHIN_S, STANDIN_STOP_S)


def ports_needed(settings: Settings, *, demo: bool) -> dict[int, str]:
    """Ports that azak listens on -> the setting of each."""
    ports = {settings.api.port: "AZAK_API_PORT", settings.scheduler.port: "AZAK_SCHEDULER_PORT"}
    if settings.database.url is None:
        ports[settings.database.port] = "AZAK_DATABASE_PORT"
    if demo:
        ports[httpx.URL(demo_url()).port or 80] = "AZAK_SOURCES_DEMO_URL"
    return ports


def is_free(port: int) -> bool:
    """Whether no process listens on this port of the loopback address."""
    with socket.socket() as probe:
        # So that connections in TIME_WAIT of the last run do not count, as for a server.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            if error.errno in {errno.EADDRINUSE, errno.EACCES}:
                return False
            raise
    return True


def refuse_taken_ports(settings: Settings, *, demo: bool) -> None:
    for port, setting in ports_needed(settings, demo=demo).items():
        if not is_free(port):
            raise ConfigurationError(
                f"Port {port} is taken; stop what listens there (another 'azak up'?) or change {setting}."
            )


async def migrate(log_dir: Path) -> None:
    """Run `azak db migrate` in a child process, so that the supervisor does not keep Alembic in memory."""
    log_path = log_dir / "migrate.log"
    with log_path.open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "backend.cli", "db", "migrate", stdout=log, stderr=asyncio.subprocess.STDOUT
        )
        code = await process.wait()
    if code != 0:
        lines = log_path.read_text().strip().splitlines()
        raise ChildFailedError(f"The migration failed: {lines[-1][:300] if lines else code}; see {log_path}.")
