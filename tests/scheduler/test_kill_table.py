"""A running scheduler whose loops are ended one by one: health of another process names each, and nothing else.

Beats and allowed times are shortened; each loop is waited for by looking, up to the 30 s that it may take in the field.
"""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from backend.config import Settings
from backend.db.session import Database
from backend.scheduler.engine import ENGINE, LISTENER
from backend.scheduler.service import SchedulerService
from backend.services.operations.health import Health, get_health
from tests.fixtures.looking import looks

OF_THE_SERVICE = ("lease", "calendar", "neighbours", "watchdog", "outbox", "event loop")
WITHIN_S = 4.0  # twice the longest turn, that of the engine
NAMED_WITHIN_S = 30


@pytest.fixture
async def service(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[SchedulerService]:
    monkeypatch.setattr("backend.scheduler.service._HEARTBEAT_S", 0.2)
    monkeypatch.setattr("backend.scheduler.service._FOLLOW_S", 0.2)
    monkeypatch.setattr("backend.scheduler.service._CALENDAR_S", 0.2)
    monkeypatch.setattr("backend.scheduler.engine._PROBE_EVERY_S", 0.3)
    monkeypatch.setattr("backend.services.operations.delivery.sender.EVERY_S", 0.2)
    settings.general.data_dir = tmp_path
    settings.models.engine, settings.models.niceness = "light", 0
    settings.watchdog.ping = SecretStr("http://127.0.0.1:1/")  # a private address: never asked
    settings.watchdog.every_s = 0.2
    settings.scheduler.lease_ttl_s = 4
    settings.scheduler.reconcile_s = 0.2
    settings.sources.off = ""
    service = SchedulerService(settings)
    await service.start()
    service.executor.models._ping_s, service.executor.models._silence_s = 0.2, 60
    yield service
    await service.stop()


async def named(database: Database) -> dict[str, str]:
    """Loops and processes in trouble, by subject."""
    health = await get_health(database, silent_after_s=2)
    return {reason.subject: reason.sentence for reason in health.list_reasons() if reason.code in OF_LOOPS}


OF_LOOPS = ("loop-stopped", "process-silent", "scheduler-unavailable")


async def until(found: Callable[[], Any]) -> None:
    async for _ in looks(NAMED_WITHIN_S):
        if found():
            return
    raise AssertionError("it did not come")


async def ready(service: SchedulerService) -> None:
    """Active, its models loaded and its clock running."""
    await until(lambda: service.is_ready and service.loops.find("clock").within_s == 25)
    for name in service.loops.snapshot():
        service.loops.find(name).within_s = WITHIN_S
        service.loops.find(name).turn()


def task_of(service: SchedulerService, name: str) -> "asyncio.Task[None]":
    """The task whose coroutine stamps the loop `name`."""
    own = {"watchdog": "Watchdog.run", "outbox": "Sender.run", "event loop": "Pulse.run"}
    for task in [*service._loops, *service._active]:
        coroutine: Any = task.get_coro()
        if name in own and coroutine.__qualname__ == own[name]:
            return task
        loop = coroutine.cr_frame.f_locals.get("loop") if coroutine.cr_frame else None
        started = service.loops.find(name)
        if coroutine.__name__ == "_keep" and (
            loop is started or (name == "clock" and coroutine.cr_frame.f_locals["step"].__name__ == "_run_clock")
        ):
            return task
    raise AssertionError(f"no task stamps {name}")


async def test_each_loop_that_ended_is_named_and_no_other(service: SchedulerService, database: Database) -> None:
    await ready(service)
    assert await named(database) == {}
    for name in (*OF_THE_SERVICE, "reconciler", "clock"):
        task_of(service, name).cancel()
    told = {}
    async for _ in looks(NAMED_WITHIN_S):
        told = await named(database)
        if len(told) >= len(OF_THE_SERVICE) + 2:
            break
    ended = {*OF_THE_SERVICE, "reconciler", "clock"}
    assert {subject.partition(" of scheduler ")[0] for subject in told} == ended
    pid = service.executor.models.state()["pid"]
    os.kill(pid, signal.SIGSTOP)
    try:
        assert service.executor._serving is not None
        service.executor._serving.cancel()
        async for _ in looks(NAMED_WITHIN_S):
            told = await named(database)
            if len(told) >= len(ended) + 3:
                break
    finally:
        os.kill(pid, signal.SIGCONT)
    assert {subject.partition(" of scheduler ")[0] for subject in told} == ended | {ENGINE, LISTENER, "model process"}
    (clock,) = (sentence for subject, sentence in told.items() if subject.startswith("clock"))
    assert clock.startswith("The loop 'clock' of the scheduler ")


async def test_an_engine_that_fails_each_time_is_named_with_its_error(
    service: SchedulerService, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As behind a transaction pooler without its direct URL: it starts again every second and never works."""
    await ready(service)

    async def fails(*_: object, **__: object) -> None:
        raise ConnectionError("unsupported startup parameter: synchronous_commit")

    monkeypatch.setattr("backend.scheduler.engine.serve", fails)
    async with database.write() as session:
        await session.execute(
            text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
                 " AND application_name LIKE '%engine%' AND pid <> pg_backend_pid()")
        )  # fmt: skip
    await service.executor.stop(drain_s=0)  # awaited: an engine that ends later would take the new one's loops along
    assert not {ENGINE, LISTENER, "model process"} & service.loops.snapshot().keys()
    await service.executor.start()
    await until(lambda: ENGINE in service.loops.snapshot())
    service.loops.find(ENGINE).within_s = WITHIN_S
    async for _ in looks(NAMED_WITHIN_S):
        told = [sentence for sentence in (await named(database)).values() if "startup parameter" in sentence]
        if told:
            break
    assert told


async def test_a_scheduler_without_a_heartbeat_is_named(service: SchedulerService, database: Database) -> None:
    await ready(service)
    task_of(service, "heartbeat").cancel()
    async for _ in looks(NAMED_WITHIN_S):
        told = await named(database)
        if told:
            break
    assert "No scheduler is active: silent" in told[""]


async def test_a_database_that_takes_no_writes_ends_the_role_and_is_named(
    service: SchedulerService, database: Database
) -> None:
    await ready(service)
    async with database.read() as session:
        name = await session.scalar(text("SELECT current_database()"))
    async with database.write() as session:
        await session.execute(text(f"ALTER DATABASE {name} SET default_transaction_read_only = on"))
        await session.execute(
            text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                 " WHERE datname = current_database() AND pid <> pg_backend_pid()")
        )  # fmt: skip
    own: list[str] = []
    async for _ in looks(NAMED_WITHIN_S):
        own = [reason.code for reason in service.signs.list_reasons()]
        if service.role == "waiting" and "database-read-only" in own:
            break
    assert service.role == "waiting"
    assert "database-read-only" in own
    health: Health = await get_health(database, silent_after_s=2, own=service.signs.list_reasons())
    assert "The database takes no writes" in " ".join(health.list_sentences())
    async with database.write() as session:
        await session.execute(text("SET TRANSACTION READ WRITE"))
        await session.execute(text(f"ALTER DATABASE {name} RESET default_transaction_read_only"))
        await session.execute(
            text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                 " WHERE datname = current_database() AND pid <> pg_backend_pid()")
        )  # fmt: skip
    await until(lambda: service.role == "active" and not service.signs.list_reasons())
