"""Adapter of PgQueuer, the job queue in PostgreSQL. It distributes run ids; the ledger decides what is executed.

A row of the engine has only a run's id, which is also its dedupe key: enqueueing a run again is a no-op while its row
exists. There is one queue (PgQueuer: "entrypoint") per kind of run. An execution that ends without a committed end in
the ledger asks PgQueuer for a retry, because after a plain return or another exception it would drop the run.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
from pgqueuer.adapters.drivers.asyncpg import AsyncpgDriver, AsyncpgPoolDriver
from pgqueuer.adapters.persistence.qb import QueryBuilderEnvironment, QueryQueueBuilder, QuerySchedulerBuilder
from pgqueuer.adapters.persistence.queries import Queries
from pgqueuer.core.qm import QueueManager
from pgqueuer.domain.errors import RetryRequested
from pgqueuer.domain.models import Job
from pgqueuer.domain.settings import DBSettings
from pgqueuer.domain.types import Channel

from backend.config import DatabaseAddress, Settings, parse_database_url
from backend.db.connections.connecting import KEEPALIVE, connect, opener
from backend.db.revision import read_revision, require_schema
from backend.db.session import Session, driver_connection
from backend.db.troubles import tell
from backend.errors import ConfigurationError, TroubleError
from backend.log import get_logger
from backend.loops.registry import NOBODY, Loop, Loops
from backend.trouble import DATABASE_POOLER

# Constant: with a growing back-off, a connection cut every few seconds paused the engine for 30 s (chaos test).
_RESTART_AFTER_S = 1.0
ENGINE, LISTENER = "engine", "listener"  # names of its loops
_PROBE_EVERY_S = 5.0
_RETRY_AFTER_S = 5.0  # after an unexpected error
_SILENT_AFTER_S = 45.0  # longer than the time limit of a statement
_CLOSE_WITHIN_S = 3.0
_CONNECT_WITHIN_S = 10.0
_HEARD_WITHIN_S = 5.0
_PROBE = "azak_probe"
CONNECTIONS = 4
_SETTINGS = DBSettings(db_schema="azak_queue")
_log = get_logger(__name__)

Execute = Callable[[UUID], Awaitable[float | None]]
"""Executes a run. Returns the seconds after which the engine must offer it again, or None when it is done."""

Queues = Mapping[str, int]
"""Queue name -> how many of its runs are executed at once on all machines together; 0 means no limit.

The limits come from the job table, because PgQueuer needs the same limit from every worker.
"""


def _queries(driver: AsyncpgDriver | AsyncpgPoolDriver) -> Queries:
    return Queries(
        driver,
        qbe=QueryBuilderEnvironment(_SETTINGS),
        qbq=QueryQueueBuilder(_SETTINGS),
        qbs=QuerySchedulerBuilder(_SETTINGS),
    )


@dataclass(frozen=True, slots=True)
class Offer:
    """A run to enqueue, in the queue of its kind; higher `priority` first."""

    run_id: UUID
    queue: str
    priority: int


async def enqueue(session: Session, offers: Sequence[Offer]) -> None:
    """Enqueue runs in the transaction of `session`; those that are enqueued already are skipped."""
    if not offers:
        return
    keys = [str(offer.run_id) for offer in offers]
    payloads: list[bytes | None] = [key.encode() for key in keys]
    dedupe: list[str | None] = [*keys]
    queues, priorities = [offer.queue for offer in offers], [offer.priority for offer in offers]
    driver = AsyncpgDriver(await driver_connection(session))
    await _queries(driver).enqueue(queues, payloads, priorities, dedupe_key=dedupe, on_conflict="skip")


async def verify(dsn: str) -> None:
    """Check that the database has the schema of this version, and the engine's tables, and delivers notifications.

    Raises TroubleError or ConfigurationError.
    """
    address = parse_database_url(dsn)
    connection = await connect(address, "engine", timeout_s=_CONNECT_WITHIN_S)
    try:
        require_schema(await read_revision(connection))
        queries = _queries(AsyncpgDriver(connection))
        await QueueManager(queries, Channel(_SETTINGS.channel)).verify_structure()
        await _hear(connection, address)
    except RuntimeError as error:
        raise ConfigurationError(
            f"The job engine's tables are missing or old ({error}); run 'azak db migrate'."
        ) from error
    finally:
        await connection.close()


async def _hear(connection: asyncpg.Connection, address: DatabaseAddress) -> None:
    """Behind a transaction pooler LISTEN is accepted and what another sends never comes. Raises TroubleError then."""
    heard = asyncio.Event()
    await connection.add_listener(_PROBE, lambda *_: heard.set())
    other = await connect(address, "engine", timeout_s=_CONNECT_WITHIN_S)
    try:
        await other.execute(f"NOTIFY {_PROBE}")
        async with asyncio.timeout(_HEARD_WITHIN_S):
            await heard.wait()
    except TimeoutError:
        raise TroubleError(DATABASE_POOLER) from None
    finally:
        await other.close()


class _WatchedDriver(AsyncpgPoolDriver):
    """Driver that signals a lost database at once (`lost`) and knows when the last query was answered.

    PgQueuer ends its loop only when all executions have ended, so one of an hour blocked a worker for an hour. An
    execution that is left behind continues under the lease of the ledger.
    """

    def __init__(self, pool: Any, loop: Loop) -> None:
        super().__init__(pool)
        self._loop = loop
        self.lost = asyncio.Event()
        self.answered_at = time.monotonic()

    async def fetch(self, query: str, *args: object) -> list[dict[str, object]]:
        try:
            rows = await super().fetch(query, *args)
        except Exception as error:
            self.lost.set()
            self._loop.fail(tell(error))
            raise
        self.answered_at = time.monotonic()
        self._loop.turn()
        return rows

    async def until_silent(self) -> None:
        """Return when no query was answered for _SILENT_AFTER_S; the engine sends one every 2 s unless it hangs."""
        while (left_s := self.answered_at + _SILENT_AFTER_S - time.monotonic()) > 0:  # noqa: ASYNC110  (silence is no event)
            await asyncio.sleep(left_s)


async def serve(
    dsn: str,
    execute: Execute,
    queues: Queues,
    *,
    concurrency: int,
    heartbeat_s: float,
    stop: asyncio.Event,
    loops: Loops = NOBODY,
) -> None:
    """Execute runs until `stop` is set. Returns early or raises when the database is lost: call it again.

    The loops "engine" (its queries are answered) and "listener" (a notification to itself comes back) are stamped.

    `dsn` must not go through a transaction pooler, which does not support LISTEN.
    """

    async def handle(job: Job) -> None:
        executing = asyncio.create_task(_execute(execute, job))
        ending = asyncio.create_task(driver.lost.wait())
        try:
            await asyncio.wait({executing, ending}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            ending.cancel()
        delay_s = executing.result() if executing.done() else heartbeat_s
        if delay_s is not None:
            raise RetryRequested(timedelta(seconds=delay_s))

    async with _pool(dsn) as pool:
        driver = _WatchedDriver(pool, loops.find(ENGINE))
        # PgQueuer probes its listener while it begins to listen; a probe that is sent first would end the engine.
        await driver.add_listener(_SETTINGS.channel, lambda _: None)
        manager = QueueManager(_queries(driver), Channel(_SETTINGS.channel))
        for queue, limit in queues.items():
            manager.entrypoint(queue, concurrency_limit=limit, on_failure="hold", accepts_context=False)(handle)
        running = manager.run(
            dequeue_timeout=timedelta(seconds=2),
            # Few slots: dequeue one run at a time, so that workers share; many: several short runs per statement.
            batch_size=max(1, concurrency // 4),
            max_concurrent_tasks=max(2, concurrency),
            shutdown_on_listener_failure=True,
            heartbeat_timeout=timedelta(seconds=heartbeat_s),
            log_aggregation_interval=timedelta(0),  # its statistics are not used: the ledger has them
        )
        # The engine sets its own event when its listener fails, so that event cannot be `stop` itself.
        stopping = asyncio.create_task(_set_after(stop, manager.shutdown))
        failing = asyncio.create_task(_set_after(manager.shutdown, driver.lost, unless=stop))
        probing = asyncio.create_task(_probe_listener(manager, loops.find(LISTENER)))
        try:
            await _unless_silent(running, driver)
        finally:
            stopping.cancel()
            failing.cancel()
            probing.cancel()


async def _probe_listener(manager: QueueManager, loop: Loop) -> None:
    """Stamp `loop` whenever a notification that this engine sent to itself has come back."""
    while True:
        await asyncio.sleep(_PROBE_EVERY_S)
        try:
            await manager.listener_healthy(timedelta(seconds=_PROBE_EVERY_S))
            loop.turn()
        except Exception as error:  # noqa: BLE001  (health tells it; the engine restarts by its own probe)
            loop.fail(tell(error))


@asynccontextmanager
async def _pool(dsn: str) -> AsyncIterator[Any]:
    """The engine's pool. Terminated after _CLOSE_WITHIN_S: asyncpg's close can wait forever after a lost connection."""
    # Rows of the engine may be lost in a crash of the database: the reconciler enqueues the runs again.
    no_flush = {"synchronous_commit": "off"}
    pool = await asyncpg.create_pool(
        connect=opener(parse_database_url(dsn), "engine", timeout_s=_CONNECT_WITHIN_S),
        min_size=1, max_size=CONNECTIONS, command_timeout=30, server_settings=KEEPALIVE | no_flush,
    )  # fmt: skip
    try:
        yield pool
    finally:
        try:
            async with asyncio.timeout(_CLOSE_WITHIN_S):
                await pool.close()
        except Exception as error:  # noqa: BLE001  (the pool is terminated anyway)
            _log.warning("engine_connections_left", error=repr(error))
            pool.terminate()


async def _unless_silent(running: Coroutine[Any, Any, None], driver: _WatchedDriver) -> None:
    """Await the engine's loop. Raises TimeoutError when it hangs; executions continue under the ledger's lease."""
    loop, silence = asyncio.ensure_future(running), asyncio.ensure_future(driver.until_silent())
    try:
        await asyncio.wait({loop, silence}, return_when=asyncio.FIRST_COMPLETED)
        if loop.done():
            return loop.result()
        raise TimeoutError(f"The engine got no answer for {_SILENT_AFTER_S:.0f} s; it is started again.")
    finally:
        silence.cancel()
        if not loop.done():
            driver.lost.set()
            loop.cancel()
            await asyncio.wait({loop}, timeout=_CLOSE_WITHIN_S)


async def keep_serving(
    settings: Settings,
    execute: Execute,
    queues: Queues,
    *,
    concurrency: int,
    stop: asyncio.Event,
    loops: Loops = NOBODY,
) -> None:
    """Serve until `stop` is set; restart the engine whenever it returns or raises."""
    engine = loops.expect(ENGINE)
    loops.expect(LISTENER)
    while not stop.is_set():
        try:
            await serve(
                settings.database_url(direct=True), execute, queues,
                concurrency=concurrency, heartbeat_s=settings.scheduler.run_lease_s, stop=stop,
                loops=loops,
            )  # fmt: skip
        except Exception as error:  # noqa: BLE001  (it is restarted)
            engine.fail(tell(error))
            _log.warning("engine_loop_failed", error=repr(error))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_RESTART_AFTER_S):
                await stop.wait()


async def _execute(execute: Execute, job: Job) -> float | None:
    try:
        return await execute(UUID((job.payload or b"").decode()))
    except Exception:  # noqa: BLE001  (the run must be offered again after any error)
        _log.exception("run_execution_failed", payload=str(job.payload))
        return _RETRY_AFTER_S


async def _set_after(first: asyncio.Event, then: asyncio.Event, *, unless: asyncio.Event | None = None) -> None:
    await first.wait()
    if unless is None or not unless.is_set():
        then.set()
