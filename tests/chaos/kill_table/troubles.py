"""The classes of trouble that can be put into a running azak: how, how it is taken out, and what health must say.

Not here, because they are no state of a running azak: `database-tls`, `-pooler` and `-extension-missing` keep a
process from its work from the start (tests/trouble); `-plan-stale` is asked once more and is over; the data's own
(`job-overdue`, `news-not-seen`, `listing-odd`, `data-missing`, `model-drifts`, `source-quota-gone`) come true after
hours or days.
"""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from typing import TYPE_CHECKING, Final

import asyncpg

from backend.db import embedded

if TYPE_CHECKING:
    from tests.chaos.kill_table.stand import Stand

Injection = Callable[["Stand"], AbstractAsyncContextManager[None]]
_CUT: Final = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'azak.%'"


async def _as_admin(stand: "Stand", *statements: str, database: str = "postgres") -> None:
    world = stand.ground.world
    password = embedded.admin_password_file(world.settings.data_dir).read_text().strip()
    place = f"127.0.0.1:{world.settings.database.port}/{database}"
    connection = await asyncpg.connect(f"postgresql://{embedded.ADMIN}:{password}@{place}")
    for statement in statements:
        await connection.execute(statement)
    await connection.close()


def _by_statements(into: tuple[str, ...], out: tuple[str, ...], database: str = "postgres") -> Injection:
    @asynccontextmanager
    async def inject(stand: "Stand") -> AsyncIterator[None]:
        await _as_admin(stand, *into, _CUT, database=database)
        yield
        await _as_admin(stand, *out, _CUT, database=database)

    return inject


@asynccontextmanager
async def database_away(stand: "Stand") -> AsyncIterator[None]:
    await asyncio.to_thread(stand.ground.world.stop_server, signal.SIGINT)
    yield
    await asyncio.to_thread(stand.ground.world.start_server)


@asynccontextmanager
async def database_full(stand: "Stand") -> AsyncIterator[None]:
    """Its disk, but not that of its write-ahead log: a server without room for that gives up, and is away.

    Counted from the first write of azak that is refused: small ones fit for minutes into the files of before, so that
    nothing has failed yet. A year of prices does not fit.
    """
    await asyncio.to_thread(stand.ground.server_disk.fill)
    filling = asyncio.create_task(_keep_full(stand))
    ordering = asyncio.create_task(stand.orders.finish("load_history", {"days": 365}))
    async with asyncio.timeout(120):
        while not _refusals(stand):  # noqa: ASYNC110  (the server's)
            await asyncio.sleep(0.1)
    stand.came_true_at = time.monotonic()
    yield
    ordering.cancel()
    filling.cancel()
    stand.ground.server_disk.free()
    server = stand.ground.world.server
    if server is not None and server.poll() is not None:
        await asyncio.to_thread(stand.ground.world.start_server)


def _refusals(stand: "Stand") -> list[str]:
    """Writes of azak that found no room, as the server's log has them."""
    lines = (stand.ground.world.home / "postgres.log").read_text(errors="replace").splitlines()
    return [line for line in lines if " azak." in line and "No space left on device" in line]


async def _keep_full(stand: "Stand") -> None:
    while True:
        await asyncio.to_thread(stand.ground.server_disk.fill)
        await asyncio.sleep(1)


@asynccontextmanager
async def database_locked(stand: "Stand") -> AsyncIterator[None]:
    """Somebody holds a lock on what health reads."""
    connection = await asyncpg.connect(stand.ground.world.url)
    transaction = connection.transaction()
    await transaction.start()
    await connection.execute("LOCK TABLE sources IN ACCESS EXCLUSIVE MODE")
    yield
    await transaction.rollback()
    await connection.close()


@asynccontextmanager
async def log_reader_gone(stand: "Stand") -> AsyncIterator[None]:
    assert stand.fleet.reader is not None
    stand.fleet.reader.end()
    yield
    stand.kill("worker")


@asynccontextmanager
async def disk_full(stand: "Stand") -> AsyncIterator[None]:
    await asyncio.to_thread(stand.ground.azak_disk.fill)
    yield
    stand.ground.azak_disk.free()


@asynccontextmanager
async def clock_wrong(stand: "Stand") -> AsyncIterator[None]:
    stand.ground.set_clock(300)
    yield
    stand.ground.set_clock(0)


@asynccontextmanager
async def sources_fail(stand: "Stand") -> AsyncIterator[None]:
    """All sources of filings refuse, as a crawl finds."""
    for source in ("dart", "dart_api", "kind"):
        await stand.plant(source, "500")
    for _ in range(4):
        await stand.orders.finish("crawl_news")
    yield
    await stand.reset_sources()
    await stand.allow_sources()
    await stand.orders.finish("crawl_news")


@asynccontextmanager
async def models_crash(stand: "Stand") -> AsyncIterator[None]:
    """The worker's model process dies as soon as it is there."""
    killing = asyncio.create_task(_kill_models(stand))
    yield
    killing.cancel()
    stand.kill("worker")  # else the ten minutes of its restarts are waited for


async def _kill_models(stand: "Stand") -> None:
    while True:
        pid = stand.member("worker").model_pid()
        if pid is not None:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        await asyncio.sleep(0.2)


@asynccontextmanager
async def worker_frozen(stand: "Stand") -> AsyncIterator[None]:
    worker = stand.member("worker")
    worker.signal(signal.SIGSTOP)
    yield
    stand.fleet.thaw(worker)


@asynccontextmanager
async def scheduler_gone(stand: "Stand") -> AsyncIterator[None]:
    stand.held.add("scheduler")
    stand.kill("scheduler")
    yield
    stand.held.clear()


@asynccontextmanager
async def channel_fails(stand: "Stand") -> AsyncIterator[None]:
    """The second channel; the first one is told. Something has to be sent to it, so a log is gone as well.

    Counted from its first refusal: a channel that nothing was sent to has not failed.
    """
    stand.second.status, before = 500, len(stand.second.told)
    assert stand.fleet.reader is not None
    stand.fleet.reader.end()
    while len(stand.second.told) == before:  # noqa: ASYNC110  (azak's processes send it)
        await asyncio.sleep(0.1)
    stand.came_true_at = time.monotonic()
    yield
    stand.second.status = 204
    stand.kill("worker")


SINK_DOWN_S: Final = 300.0


@asynccontextmanager
async def sink_down(stand: "Stand") -> AsyncIterator[None]:
    """Every channel answers 500 for five minutes while something begins; the alarm is counted from the recovery."""
    stand.channel.status = stand.second.status = 500
    assert stand.fleet.reader is not None
    stand.fleet.reader.end()
    await asyncio.sleep(SINK_DOWN_S)  # the length of the outage itself
    stand.channel.status = stand.second.status = 204
    stand.recovered_at = time.monotonic()
    yield
    stand.kill("worker")


def _of_schema(revision: str) -> Injection:
    kept, back = "SELECT version_num FROM alembic_version", "(SELECT version_num FROM kept)"
    return _by_statements(
        (f"CREATE TABLE kept AS {kept}", f"UPDATE alembic_version SET version_num = '{revision}'"),
        (f"UPDATE alembic_version SET version_num = {back}", "DROP TABLE kept"),
        database="azak",
    )


_read_only = _by_statements(
    ("ALTER DATABASE azak SET default_transaction_read_only = on",),
    ("ALTER DATABASE azak RESET default_transaction_read_only",),
)
_no_login = _by_statements(("ALTER ROLE azak NOLOGIN",), ("ALTER ROLE azak LOGIN",))
_no_connection = _by_statements(
    ("ALTER DATABASE azak CONNECTION LIMIT 0",), ("ALTER DATABASE azak CONNECTION LIMIT -1",)
)
_renamed = _by_statements(
    ("ALTER DATABASE azak ALLOW_CONNECTIONS false", _CUT, "ALTER DATABASE azak RENAME TO gone"),
    ("ALTER DATABASE gone RENAME TO azak", "ALTER DATABASE azak ALLOW_CONNECTIONS true"),
)
_no_rights = _by_statements(
    ("ALTER TABLE heartbeats OWNER TO postgres", "REVOKE ALL ON heartbeats FROM azak"),
    ("ALTER TABLE heartbeats OWNER TO azak",),
    database="azak",
)
# Name -> (how, the code that health must name).
TROUBLES: Final[dict[str, tuple[Injection, str]]] = {
    "database away": (database_away, "database-unavailable"),
    "database read-only": (_read_only, "database-read-only"),
    "login refused": (_no_login, "database-refuses-login"),
    "no connection left": (_no_connection, "database-too-many-clients"),
    "database renamed": (_renamed, "database-missing"),
    "rights taken": (_no_rights, "database-rights"),
    "schema newer": (_of_schema("9999"), "database-schema-newer"),
    "schema older": (_of_schema("0001"), "database-schema-older"),
    "database locked": (database_locked, "database-busy"),
    "database's disk full": (database_full, "database-full"),
    "azak's disk full": (disk_full, "disk-low"),
    "log reader gone": (log_reader_gone, "log-gone"),
    "clock 5 min ahead": (clock_wrong, "clock-wrong"),
    "sources of filings fail": (sources_fail, "sources-failed"),
    "models crash": (models_crash, "model-process"),
    "worker frozen": (worker_frozen, "process-silent"),
    "scheduler gone": (scheduler_gone, "scheduler-unavailable"),
    "one channel fails": (channel_fails, "channel-failing"),
    "every channel down for 5 min": (sink_down, "log-gone"),
}
