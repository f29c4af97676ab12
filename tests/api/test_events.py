"""The event stream of real API processes: nothing is missed, whichever instance answers and whatever dies."""

import asyncio
import json
import signal
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from backend.config import Settings
from backend.db.session import Database
from backend.domain.runs import Origin
from backend.services.runs import runs
from tests.fixtures.api_process import instances

PATIENCE_S = 20
LISTENERS = text(
    "SELECT pid FROM pg_stat_activity WHERE application_name = 'azak.api.events' AND datname = current_database()"
)
Message = dict[str, Any]


async def next_message(lines: AsyncIterator[str]) -> Message:
    """The next event of a stream, with its id and decoded data; keep-alive comments are passed over."""
    fields: Message = {}
    async with asyncio.timeout(PATIENCE_S):
        async for line in lines:
            if not line and "event" in fields:
                return fields | {"data": json.loads(fields["data"])}
            name, _, value = line.partition(": ")
            if name:
                fields[name] = value
    raise AssertionError("the stream ended")


@asynccontextmanager
async def opened(address: str, last: str | None = None) -> AsyncIterator[AsyncIterator[str]]:
    """The lines of a stream whose `hello` has been read."""
    headers = {} if last is None else {"Last-Event-ID": last}
    async with (
        httpx.AsyncClient(timeout=PATIENCE_S, verify=False) as client,
        client.stream("GET", f"{address}/api/events", headers=headers) as answer,
    ):
        assert (answer.status_code, answer.headers["content-type"].split(";")[0]) == (200, "text/event-stream")
        lines = answer.aiter_lines()
        assert (await next_message(lines))["event"] == "hello"
        yield lines


async def add_run(database: Database, kind: str) -> uuid.UUID:
    async with database.write() as session:
        return (await runs.accept(session, kind=kind, arguments={}, origin=Origin.API)).id


async def listeners(database: Database) -> list[int]:
    async with database.read() as session:
        return list((await session.execute(LISTENERS)).scalars())


async def until_listeners(database: Database, count: int) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while len(await listeners(database)) != count:  # noqa: ASYNC110  (another process's state: nothing to wait on)
            await asyncio.sleep(0.05)


async def test_changes_of_a_run_arrive_and_one_connection_serves_all_streams(
    settings: Settings, database: Database, compiled: dict[str, str]
) -> None:
    with instances(settings, compiled) as (address, _):
        async with opened(address) as first, opened(address) as second:
            await until_listeners(database, 1)
            run_id = await add_run(database, "crawl_news")
            async with database.write() as session:
                await session.execute(text("UPDATE runs SET progress = 0.5, message = 'half' WHERE true"))
                await session.execute(text("UPDATE runs SET heartbeat_at = now() WHERE true"))
            expected = [
                {"id": str(run_id), "kind": "crawl_news", "state": "queued", "progress": progress}
                for progress in (0, 0.5)
            ]
            for lines in (first, second):
                assert [(await next_message(lines))["data"] for _ in range(2)] == expected
        await until_listeners(database, 0)


async def test_a_transaction_that_commits_late_is_not_jumped_over(
    settings: Settings, database: Database, compiled: dict[str, str]
) -> None:
    with instances(settings, compiled) as (address, _):
        async with opened(address) as lines:
            async with database.write() as slow:
                await runs.accept(slow, kind="slow", arguments={}, origin=Origin.API)
                await add_run(database, "quick")
            arrived = [await next_message(lines) for _ in range(2)]
        assert [message["data"]["kind"] for message in arrived] == ["slow", "quick"]


async def test_another_instance_replays_what_was_missed(
    settings: Settings, database: Database, compiled: dict[str, str]
) -> None:
    with instances(settings, compiled) as (address, (process,)):
        async with opened(address) as lines:
            await add_run(database, "seen")
            last = (await next_message(lines))["id"]
            process.send_signal(signal.SIGINT)
            assert (await next_message(lines))["event"] == "bye"
        assert process.wait(PATIENCE_S) == 0
    await add_run(database, "missed")
    with instances(settings, compiled) as (address, _):
        async with opened(address, last) as lines:
            assert (await next_message(lines))["data"]["kind"] == "missed"
            await add_run(database, "new")
            assert (await next_message(lines))["data"]["kind"] == "new"
        async with opened(address, "999999999999-1") as lines:  # the cursor of another database
            assert (await next_message(lines))["event"] == "reset"


async def test_stream_goes_on_when_its_connection_is_cut(
    settings: Settings, database: Database, compiled: dict[str, str]
) -> None:
    with instances(settings, compiled) as (address, _):
        async with opened(address) as lines:
            await until_listeners(database, 1)
            async with database.write() as session:
                (pid,) = (await session.execute(LISTENERS)).scalars()
                await session.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
            await add_run(database, "meanwhile")
            assert (await next_message(lines))["data"]["kind"] == "meanwhile"


async def test_one_stream_too_many_is_told_to_poll(
    settings: Settings, database: Database, compiled: dict[str, str]
) -> None:
    with instances(settings, compiled | {"AZAK_API_EVENT_STREAMS": "1"}) as (address, _):
        async with opened(address), httpx.AsyncClient(verify=False) as client:
            refused = await client.get(f"{address}/api/events")
            assert (refused.status_code, refused.headers["retry-after"]) == (503, "30")
            assert "AZAK_API_EVENT_STREAMS" in refused.json()["detail"]
        await until_listeners(database, 0)
        async with opened(address):
            pass


@pytest.mark.parametrize("cursor", ["x", "1", "-1-2", "1-2'", "9" * 30 + "-1"])
async def test_strange_cursor_is_refused(client: httpx.AsyncClient, cursor: str) -> None:
    assert (await client.get("/api/events", headers={"Last-Event-ID": cursor})).status_code == 422
