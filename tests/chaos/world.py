"""What the processes under test live in: a PostgreSQL of their own, its settings, and a folder for their logs."""

import asyncio
import ctypes
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg

from alembic import command
from backend.config import Settings
from backend.db import embedded, migrations
from tests.chaos import kinds
from tests.fixtures.database import free_port, new_server_home, wait_until_ready

_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Pace:
    """How fast everything goes. `freeze_s` is longer than both leases, so that a freeze loses them."""

    run_lease_s: float = 5
    leader_ttl_s: float = 6
    freeze_s: float = 8
    reconcile_s: float = 2
    gap_s: tuple[float, float] = (1.5, 5.5)
    runs_per_s: float = 4
    mean_run_s: float = 2
    longest_run_s: float = 8
    drain_s: float = 600  # a limit for what never ends, not for a busy machine
    recovery_p95_s: float = 10
    gives_way: bool = False  # schedulers and models at their default niceness


QUICK = Pace(
    run_lease_s=1.2, leader_ttl_s=1.5, freeze_s=2.2, reconcile_s=0.5, gap_s=(0.3, 1.1), runs_per_s=8,
    mean_run_s=0.7, longest_run_s=2, drain_s=180,
)  # fmt: skip
AS_SHIPPED = Pace(run_lease_s=10, leader_ttl_s=12, freeze_s=14, reconcile_s=5, recovery_p95_s=20, gives_way=True)


def die_with_parent() -> None:
    """For children that are not ours to write: the kernel ends them with the test."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


@dataclass
class World:
    """The database server and the environment of the processes."""

    home: Path
    settings: Settings
    pace: Pace
    server: "subprocess.Popen[bytes] | None" = None
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return self.settings.database_url()

    def start_server(self) -> None:
        with (self.home / "postgres.log").open("ab") as log:
            self.server = subprocess.Popen(
                [sys.executable, "-m", "backend.db.embedded"],
                # Whatever way the others take, this is the server itself.
                env=self.environment | {"AZAK_DATABASE_URL": ""}, stdout=log, stderr=subprocess.STDOUT,
                preexec_fn=die_with_parent,  # noqa: PLW1509  (one call into libc, no lock is taken)
            )  # fmt: skip
        wait_until_ready(f"{self.url.rpartition('/')[0]}/postgres", self.server)

    def stop_server(self, how: signal.Signals) -> None:
        """SIGQUIT is PostgreSQL's immediate stop, as after a crash; SIGINT the fast one."""
        assert self.server is not None
        self.server.send_signal(how)
        self.server.wait(30)


def _environment(settings: Settings, pace: Pace) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AZAK_")}
    if not pace.gives_way:  # beside other work a nice process loads ten times as long, and bodies wait for it
        kept |= {"AZAK_MODELS_NICENESS": "0", "AZAK_SCHEDULER_NICENESS": "0"}
    return kept | {
        "AZAK_DATA_DIR": str(settings.data_dir),
        "AZAK_DATABASE_PORT": str(settings.database.port),
        "AZAK_DATABASE_POOL_SIZE": "6",
        "AZAK_MODELS_ENGINE": "light",
        "AZAK_MODELS_THREADS": "1",
        "AZAK_SCHEDULER_CLOCK": "false",
        "AZAK_SCHEDULER_CONCURRENCY": "4",
        "AZAK_WORKER_CONCURRENCY": "4",
        "AZAK_SCHEDULER_DRAIN_S": "2",
        "AZAK_SCHEDULER_LEASE_TTL_S": str(pace.leader_ttl_s),
        "AZAK_SCHEDULER_RUN_LEASE_S": str(pace.run_lease_s),
        "AZAK_SCHEDULER_RECONCILE_S": str(pace.reconcile_s),
    }


async def _create_tables(url: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(kinds.TABLES)
    await connection.close()


@contextmanager
def chaos_world(pace: Pace) -> Iterator[World]:
    """A migrated database on a server that keeps what it committed when it is killed (but not when the machine is)."""
    home = new_server_home("azak-chaos-")
    settings = Settings()
    settings.general.data_dir = home / "data"
    settings.database.port, settings.database.url, settings.database.pool_size = free_port(), None, 6
    world = World(home, settings, pace, environment=_environment(settings, pace))
    with (embedded.prepare(settings) / "postgresql.conf").open("a") as configuration:
        configuration.write("fsync = off\n")
    try:
        world.start_server()
        asyncio.run(migrations.ensure_database(world.url))
        command.upgrade(migrations.alembic_config(world.url), "head")
        asyncio.run(_create_tables(world.url))
        yield world
    finally:
        if world.server is not None and world.server.poll() is None:
            world.stop_server(signal.SIGINT)
        shutil.rmtree(home)
