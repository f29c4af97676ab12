"""What fails beside the work and is tried again leaves a line in the log: the event, who it is about, and why."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

import pytest
from pydantic import SecretStr

from backend.config import Settings
from backend.db.session import Database
from backend.domain.operations import Reason
from backend.loops.pulse import Pulse
from backend.loops.registry import Loops
from backend.services.operations.watching.presence import Presence
from backend.services.operations.watching.signs import Signs
from tests.fixtures.database import free_port, settings_for
from tests.fixtures.logged import Line
from tests.fixtures.looking import looks
from tests.services.operations.receiver import Receiver
from tests.services.operations.test_outbox import (  # noqa: F401  (fixtures)
    DISK,
    Process,
    execute,
    hook,
    make_due,
    slack,
    told,
    well,
)


@pytest.fixture
async def away(settings: Settings) -> AsyncIterator[Database]:
    """A database that does not answer."""
    nowhere = settings_for(f"postgresql://azak:none@127.0.0.1:{free_port()}/azak")
    database = Database(nowhere, "test")
    yield database
    await database.close()


async def first_line(logged: list[Line], work: Callable[[], Coroutine[Any, Any, None]]) -> Line:
    """The first line that work which never ends writes."""
    task = asyncio.create_task(work())
    async for _ in looks(20):
        if logged:
            break
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    return logged[0]


async def test_a_channel_that_refuses_is_named_and_so_is_one_that_took_its_lines(
    told: Settings,  # noqa: F811
    well: Database,  # noqa: F811
    slack: Receiver,  # noqa: F811
    logged: list[Line],
) -> None:
    told.watchdog.webhook = None
    slack.status = 500
    one = Process(told, well, "api 1")
    one.own = [DISK]
    await one.turn()
    await one.turn()
    assert logged == [
        {"event": "not_delivered", "log_level": "warning", "channel": "slack", "error": "It answered 500."}
    ]
    slack.status = 200
    await make_due(well)
    await one.sender.turn()
    assert logged[1:] == [{"event": "delivered", "log_level": "info", "channel": "slack", "lines": 1}]


async def test_a_channel_that_refuses_an_outage_is_named(
    told: Settings,  # noqa: F811
    away: Database,
    slack: Receiver,  # noqa: F811
    logged: list[Line],
) -> None:
    told.watchdog.webhook = None
    slack.status = 500
    one = Process(told, away, "api 1")
    await one.watchdog.look()
    await one.watchdog.look()
    assert logged == [
        {"event": "not_delivered", "log_level": "warning", "channel": "slack", "error": "It answered 500."}
    ]
    one.watchdog._outage.close()


async def test_a_dead_mans_switch_that_refuses_is_told(
    told: Settings,  # noqa: F811
    well: Database,  # noqa: F811
    hook: Receiver,  # noqa: F811
    logged: list[Line],
) -> None:
    told.watchdog.webhook = told.watchdog.slack = None
    told.watchdog.ping = SecretStr(hook.url("/ping/uuid"))
    hook.status = 404
    one = Process(told, well, "api 1")
    await one.turn()
    await one.turn()
    assert [(line["event"], line["log_level"], line["error"]) for line in logged] == [
        ("ping_failed", "warning", "It refused with 404; check its address and key.")
    ]


async def test_loops_that_go_on_after_a_failure_say_why(
    told: Settings,  # noqa: F811
    well: Database,  # noqa: F811
    away: Database,
    logged: list[Line],
) -> None:
    one = Process(told, away, "api 1")
    waits = await first_line(logged, one.sender.run)
    assert (waits["event"], waits["log_level"]) == ("outbox_waits", "warning")
    assert "The database does not answer" in waits["error"]
    logged.clear()
    broken = Process(told, well, "api 1")

    def fail() -> list[Reason]:
        raise RuntimeError("a fault of azak")

    broken.watchdog._own = fail
    failed = await first_line(logged, broken.watchdog.run)
    assert (failed["event"], failed["log_level"], failed["exc_info"]) == ("watchdog_failed", "error", True)
    assert failed["error"] == "RuntimeError('a fault of azak')"


async def test_a_row_that_could_not_be_written_is_told_also_at_the_end(
    settings: Settings, away: Database, logged: list[Line]
) -> None:
    loops = Loops()
    signs = Signs(settings, "seoul:10:a", loops, Pulse(loops.expect("event loop")))
    presence = Presence(away, "seoul:10:a", signs, loops.expect("heartbeat"))
    beat = await first_line(logged, presence.run)
    assert (beat["event"], beat["log_level"], beat["exc_info"]) == ("heartbeat_not_stored", "warning", False)
    logged.clear()
    await presence.stop()
    assert [line["event"] for line in logged] == ["heartbeat_not_stored"]
