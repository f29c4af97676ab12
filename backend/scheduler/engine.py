"""The one file that knows PgQueuer. It distributes run ids; the ledger decides what may happen.

The engine row holds only a run's id, with the id as its dedupe key, so enqueueing again is a no-op while
a live row exists. Each kind of run is a queue (an "entrypoint") of its own. Every end of a body that is not a
committed state of the ledger asks the engine for a retry: a plain return or a foreign exception would make it
forget the run (measured, runs.md 2).
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

from backend.config import Settings
from backend.db.session import Session, driver_connection
from backend.errors import ConfigurationError
from backend.log import get_logger

# Not a growing back-off: a cut every few seconds let the engine rest for 30 s (found by the chaos test).
_NEXT_LIFE_AFTER_S = 1.0
_UNKNOWN_AGAIN_S = 5.0
_SILENT_AFTER_S = 45.0  # longer than the time limit of a statement
_CLOSE_WITHIN_S = 3.0
_SETTINGS = DBSettings(db_schema="azak_queue")
_log = get_logger(__name__)

Execute = Callable[[UUID], Awaitable[float | None]]
"""Executes a run; gives the seconds after which the engine must offer it again, or None when it is done."""

Queues = Mapping[str, int]
"""Name -> how many of its runs are executed at once, on all machines together; 0 is as many as there are slots.

The limits stand in the job table, so that every worker says the same (PgQueuer knows no mixed ones).
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
    """A run that the engine is told of: in the queue of its kind, higher `priority` first."""

    run_id: UUID
    queue: str
    priority: int


async def enqueue(session: Session, offers: Sequence[Offer]) -> None:
    """Tell the engine of runs, in the transaction of `session`. Harmless for those that it knows already."""
    if not offers:
        return
    keys = [str(offer.run_id) for offer in offers]
    payloads: list[bytes | None] = [key.encode() for key in keys]
    dedupe: list[str | None] = [*keys]
    queues, priorities = [offer.queue for offer in offers], [offer.priority for offer in offers]
    driver = AsyncpgDriver(await driver_connection(session))
    await _queries(driver).enqueue(queues, payloads, priorities, dedupe_key=dedupe, on_conflict="skip")


async def verify(dsn: str) -> None:
    """Check at boot that the engine's tables are there and are what this version needs."""
    connection = await asyncpg.connect(dsn)
    try:
        queries = _queries(AsyncpgDriver(connection))
        await QueueManager(queries, Channel(_SETTINGS.channel)).verify_structure()
    except RuntimeError as error:
        raise ConfigurationError(
            f"The job engine's tables are missing or old ({error}); run 'azak db migrate'."
        ) from error
    finally:
        await connection.close()


class _WatchedDriver(AsyncpgPoolDriver):
    """Says at once (`lost`) that the database went away, and when the engine last got an answer.

    PgQueuer ends its loop only after every body has ended, so one of an hour kept a worker from all other
    work for an hour. A body that is left behind goes on under the ledger's lease and ends there.
    """

    def __init__(self, pool: Any) -> None:
        super().__init__(pool)
        self.lost = asyncio.Event()
        self.answered_at = time.monotonic()

    async def fetch(self, query: str, *args: object) -> list[dict[str, object]]:
        try:
            rows = await super().fetch(query, *args)
        except Exception:
            self.lost.set()
            raise
        self.answered_at = time.monotonic()
        return rows

    async def until_silent(self) -> None:
        """Return when the engine, which asks every 2 s at least, has got no answer for long: it hangs somewhere."""
        while (left_s := self.answered_at + _SILENT_AFTER_S - time.monotonic()) > 0:  # noqa: ASYNC110  (silence is no event)
            await asyncio.sleep(left_s)


async def serve(
    dsn: str, execute: Execute, queues: Queues, *, concurrency: int, heartbeat_s: float, stop: asyncio.Event
) -> None:
    """Execute runs until `stop` is set. Returns early or raises when the database goes away: call it again.

    `dsn` must not go through a transaction pooler, which would swallow the LISTEN.
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
        driver = _WatchedDriver(pool)
        manager = QueueManager(_queries(driver), Channel(_SETTINGS.channel))
        for queue, limit in queues.items():
            manager.entrypoint(queue, concurrency_limit=limit, on_failure="hold", accepts_context=False)(handle)
        running = manager.run(
            dequeue_timeout=timedelta(seconds=2),
            # With few slots one at a time, so that workers share; with many, a statement for several short runs.
            batch_size=max(1, concurrency // 4),
            max_concurrent_tasks=max(2, concurrency),
            shutdown_on_listener_failure=True,
            heartbeat_timeout=timedelta(seconds=heartbeat_s),
            log_aggregation_interval=timedelta(0),  # nobody reads its statistics: the ledger has them
        )
        # The engine sets its own event when its listener fails, so that event cannot be `stop` itself.
        stopping = asyncio.create_task(_set_after(stop, manager.shutdown))
        failing = asyncio.create_task(_set_after(manager.shutdown, driver.lost, unless=stop))
        try:
            await _unless_silent(running, driver)
        finally:
            stopping.cancel()
            failing.cancel()


@asynccontextmanager
async def _pool(dsn: str) -> AsyncIterator[Any]:
    """The engine's connections. asyncpg's own close waits for ever for one that a cut left unreturned (measured)."""
    # What only the engine writes need not survive a crash of the database: the ledger tells it again.
    unhurried = {"synchronous_commit": "off"}
    pool = await asyncpg.create_pool(
        dsn, min_size=1, max_size=4, command_timeout=30, timeout=10, server_settings=unhurried
    )
    try:
        yield pool
    finally:
        try:
            async with asyncio.timeout(_CLOSE_WITHIN_S):
                await pool.close()
        except Exception as error:  # noqa: BLE001  (what is left of them is of no interest)
            _log.warning("engine_connections_left", error=repr(error))
            pool.terminate()


async def _unless_silent(running: Coroutine[Any, Any, None], driver: _WatchedDriver) -> None:
    """Await the engine's loop; raises TimeoutError when it hangs. The bodies go on under the ledger's lease."""
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
    settings: Settings, execute: Execute, queues: Queues, *, concurrency: int, stop: asyncio.Event
) -> None:
    """Serve until `stop` is set, whatever the engine dies of: returning is a failure as much as raising is."""
    while not stop.is_set():
        try:
            await serve(
                settings.database_url(direct=True), execute, queues,
                concurrency=concurrency, heartbeat_s=settings.scheduler.run_lease_s, stop=stop,
            )  # fmt: skip
        except Exception as error:  # noqa: BLE001  (it is started again)
            _log.warning("engine_loop_failed", error=repr(error))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_NEXT_LIFE_AFTER_S):
                await stop.wait()


async def _execute(execute: Execute, job: Job) -> float | None:
    try:
        return await execute(UUID((job.payload or b"").decode()))
    except Exception:  # noqa: BLE001  (edge of the engine: whatever happened, the run must be offered again)
        _log.exception("run_execution_failed", payload=str(job.payload))
        return _UNKNOWN_AGAIN_S


async def _set_after(first: asyncio.Event, then: asyncio.Event, *, unless: asyncio.Event | None = None) -> None:
    await first.wait()
    if unless is None or not unless.is_set():
        then.set()
