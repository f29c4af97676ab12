"""An API instance that is stopped as a whole is named, and killed so that its supervisor starts another."""

import signal
import socket
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from backend.config import Settings
from backend.db.session import Database
from backend.services.operations.health import get_health
from backend.services.operations.watching.frozen import end_frozen
from tests.fixtures.api_process import instances
from tests.fixtures.looking import looks


async def rows(database: Database, *pids: int) -> dict[int, Any]:
    """pid -> its row in health, as soon as each of `pids` has written its first."""
    async for _ in looks(20):
        health = await get_health(database, silent_after_s=30)
        found = {process.pid: process for process in health.processes if process.role == "api"}
        if set(pids) <= set(found):
            return found
    raise AssertionError


async def make_silent(database: Database, pid: int) -> None:
    """Its last sign was 61 s ago, and it had started long before."""
    async with database.write() as session:
        await session.execute(
            text(
                "UPDATE heartbeats SET ts = ts - interval '61 s',"
                " details = jsonb_set(details, '{signs,started_at}', to_jsonb((now() - interval '1 h')::text))"
                " WHERE instance LIKE :name"
            ),
            {"name": f"%:{pid}:%"},
        )


async def end(database: Database, after_s: float = 60) -> list[int]:
    async with database.read() as session:
        return await end_frozen(session, after_s=after_s)


async def test_an_instance_that_is_stopped_is_named_and_ended_and_one_that_is_slow_is_not(
    settings: Settings, database: Database, compiled: dict[str, str]
) -> None:
    with instances(settings, compiled, 2) as (_, (first, second)):
        assert set(await rows(database, first.pid, second.pid)) == {first.pid, second.pid}
        first.send_signal(signal.SIGSTOP)
        for process in (first, second):
            await make_silent(database, process.pid)
        told = [reason.subject for reason in (await get_health(database, silent_after_s=30)).list_reasons()]
        assert f"api {socket.gethostname()}:{first.pid}" in told
        assert await end(database, after_s=0) == []
        assert await end(database, after_s=100) == []
        assert await end(database) == [first.pid]  # the other one is silent, too, and not stopped
        assert first.wait(10) == -signal.SIGKILL
        assert second.poll() is None


async def test_a_pid_that_another_process_has_now_is_left_alone(
    settings: Settings, database: Database, compiled: dict[str, str]
) -> None:
    with instances(settings, compiled, 1) as (_, (process,)):
        await rows(database, process.pid)
        process.send_signal(signal.SIGSTOP)
        await make_silent(database, process.pid)
        async with database.write() as session:
            forged = "UPDATE heartbeats SET details = jsonb_set(details, '{signs,proc_start}', '\"1\"')"
            await session.execute(text(forged))
        assert await end(database) == []
        assert process.poll() is None


@pytest.mark.parametrize("path", ["/livez", "/readyz"])
async def test_an_instance_that_answers_writes_its_row(
    settings: Settings, database: Database, compiled: dict[str, str], path: str
) -> None:
    with instances(settings, compiled, 1) as (address, (process,)):
        assert (await _get(f"{address}{path}")) == 200
        signs = (await rows(database, process.pid))[process.pid].signs
        assert sorted(signs["loops"]) == ["event loop", "heartbeat"]
        assert signs["disk"]["free_mb"] > 0


async def _get(url: str) -> int:
    async with httpx.AsyncClient(verify=False) as client:
        return (await client.get(url)).status_code
