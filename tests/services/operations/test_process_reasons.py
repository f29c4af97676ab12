"""What the rows of processes say: a silent one, loops, models in a crash loop, clocks, disks and logs."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import asyncpg
import pytest
from sqlalchemy import text

from backend import clock
from backend.config import Settings
from backend.db.session import Database
from backend.domain.operations import Reason
from backend.loops.pulse import Pulse
from backend.loops.registry import Loops
from backend.services.operations import process_reasons, processes
from backend.services.operations.health import get_health
from backend.services.operations.process_reasons import Process
from backend.services.operations.processes import WorkerSign
from backend.services.operations.watching.presence import Presence
from backend.services.operations.watching.signs import Signs
from tests.factories import add_heartbeat
from tests.fixtures.page_words import list_unworded

NOW = datetime(2026, 10, 7, 4, 2, 30, tzinfo=UTC)
FINE = {"age_s": 1.0, "within_s": 25.0, "error": None}


def process(role: str = "api", age_s: float = 1, models: dict[str, Any] | None = None, **signs: Any) -> Process:
    state = "serving" if role == "api" else "active"
    return Process(role, "seoul", 10, state, age_s, signs, models or {})


def list_reasons(found: Sequence[Process], now: datetime) -> list[Reason]:
    """Those of the processes; the page has words for each."""
    reasons = process_reasons.list_reasons(found, now)
    assert list_unworded(reasons) == []
    return reasons


def codes(*found: Process) -> list[str]:
    return [reason.code for reason in list_reasons(found, NOW)]


@pytest.mark.parametrize(
    ("age_s", "row_age_s", "stopped"), [(25, 0, False), (26, 0, True), (21, 5, True), (20, 24, False), (1, 24, False)]
)
def test_a_loop_is_as_old_as_it_was_and_at_most_one_beat_of_its_row(
    age_s: float, row_age_s: float, stopped: bool
) -> None:
    """A row that is not written any more is a silent process, not many stopped loops."""
    loops = {"outbox": FINE | {"age_s": age_s, "error": "ConnectionError: no"}, "watchdog": FINE}
    found = list_reasons([process(age_s=row_age_s, loops=loops)], NOW)
    assert [reason.subject for reason in found] == (["outbox of api seoul:10"] if stopped else [])
    assert not stopped or found[0].sentence.endswith("(ConnectionError: no)")


@pytest.mark.parametrize(("role", "age_s", "expected"), [
    ("api", 25, []), ("api", 26, ["process-silent"]), ("worker", 26, ["process-silent"]), ("scheduler", 26, []),
])  # fmt: skip
def test_a_process_is_silent_25_seconds_after_its_last_sign(role: str, age_s: float, expected: list[str]) -> None:
    """A scheduler that stood by is missed by nobody, and whether one is active is a reason of its own."""
    assert codes(process(role, age_s, loops={"engine": FINE | {"age_s": 99}} if expected else {})) == expected


@pytest.mark.parametrize(("ahead_s", "words"), [(5, None), (-300, "is behind"), (36000, "is ahead")])
def test_a_clock_apart_from_the_databases_is_told(ahead_s: float, words: str | None) -> None:
    found = list_reasons([process(clock_ahead_s=ahead_s)], NOW)
    assert [words in reason.sentence for reason in found if words] == ([True] if words else [])
    assert [reason.code for reason in found] == (["clock-wrong"] if words else [])


def test_disk_and_log_are_told() -> None:
    disk = {"path": "/data", "free_mb": 499, "least_mb": 500}
    full = process(disk=disk, log={"dropped": 7, "error": "OSError: [Errno 28] No space left on device"})
    assert [reason.sentence for reason in list_reasons([full], NOW)] == [
        "Only 499 MB are free where /data is; free some space there.",
        (
            "The log cannot be written, 7 lines are lost so far; free its disk, or start the process again if nobody "
            "reads its output. The work goes on."
            " (api seoul:10: OSError: [Errno 28] No space left on device)"
        ),
    ]
    assert codes(process(disk=disk | {"free_mb": 500}, log={"dropped": 7, "error": None})) == []


@pytest.mark.parametrize(
    ("models", "told"),
    [
        ({"state": "loading", "not_ready_since": "2026-10-07T04:00:31+00:00"}, False),
        ({"state": "loading", "not_ready_since": "2026-10-07T04:00:29+00:00"}, True),
        # It starts again each 20 s: its own `since` is new each time.
        ({"state": "restarting", "since": "2026-10-07T04:02:20+00:00", "restarts_since_ready": 1}, False),
        ({"state": "restarting", "since": "2026-10-07T04:02:20+00:00", "restarts_since_ready": 2}, True),
        # It gets ready each time and dies at the first call.
        ({"state": "ready", "recent_restarts": 2}, False),
        ({"state": "ready", "recent_restarts": 3, "since": "2026-10-07T04:02:20+00:00"}, True),
        ({"state": "stopped"}, False),
        ({}, False),
    ],
)
def test_models_in_a_loop_of_crashes_are_told(models: dict[str, Any], told: bool) -> None:
    assert codes(process("scheduler", models=models)) == (["model-process"] if told else [])


def presence(settings: Settings, database: Database, instance: str) -> Presence:
    loops = Loops()
    loop = loops.expect("heartbeat")
    return Presence(database, instance, Signs(settings, instance, loops, Pulse(loops.expect("event loop"))), loop)


async def age_rows(database: Database, instance: str, seconds: float) -> None:
    async with database.write() as session:
        await session.execute(
            text("UPDATE heartbeats SET ts = ts - make_interval(secs => :s) WHERE instance = :i"),
            {"s": seconds, "i": instance},
        )


async def test_a_frozen_instance_is_named_until_another_replaced_it(
    settings: Settings, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with database.write() as session:
        await add_heartbeat(session)
    an_hour_ago = clock.now() - timedelta(hours=1)
    monkeypatch.setattr(clock, "now", lambda: an_hour_ago)
    both = [presence(settings, database, instance) for instance in ("seoul:10:a", "seoul:11:b")]
    monkeypatch.undo()
    for one in both:
        await one._beat("serving")
    await age_rows(database, "seoul:10:a", 31)
    (told,) = (await get_health(database, silent_after_s=30)).list_sentences()
    assert re.match(r"The api seoul:10 is silent for 3\d s", told)
    started = clock.now() + timedelta(minutes=1)
    monkeypatch.setattr(clock, "now", lambda: started)
    later = presence(settings, database, "seoul:12:c")
    monkeypatch.undo()
    await later._beat("serving")
    assert (await get_health(database, silent_after_s=30)).list_sentences() == []
    await later.stop()
    assert {one.pid for one in (await get_health(database, silent_after_s=30)).processes} == {0, 10, 11}


def row(pid: int, *, started_s: float, seen_s: float, ahead_s: float = 0.0) -> SimpleNamespace:
    """The row of an API instance that started and gave its last sign so many seconds before NOW."""
    started = (NOW - timedelta(seconds=started_s) + timedelta(seconds=ahead_s)).isoformat()
    signs = {"started_at": started, "clock_ahead_s": ahead_s}
    return SimpleNamespace(
        component="api", instance=f"seoul:{pid}:x", state="serving", age_s=seen_s, ts=NOW - timedelta(seconds=seen_s),
        details={"signs": signs},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "silent"),
    [
        # An older instance freezes beside one that was started again an hour ago: that one is none of its followers.
        ([row(10, started_s=7200, seen_s=40), row(11, started_s=3600, seen_s=1)], [10]),
        ([row(10, started_s=7200, seen_s=40), row(12, started_s=38, seen_s=1)], []),
        # Two died and one came back: one is still missing.
        (
            [row(10, started_s=7200, seen_s=40), row(11, started_s=7200, seen_s=40), row(12, started_s=38, seen_s=1)],
            [11],
        ),
        # One that replaced another falls silent itself: its predecessor stays replaced.
        ([row(10, started_s=7200, seen_s=600), row(11, started_s=598, seen_s=40)], [11]),
        # Of a machine whose clock is five minutes behind, and one whose clock is ahead.
        ([row(10, started_s=7200, seen_s=40), row(12, started_s=38, seen_s=1, ahead_s=-300)], []),
        ([row(10, started_s=7200, seen_s=40), row(11, started_s=60, seen_s=1, ahead_s=300)], [10]),
    ],
)
def test_a_silent_instance_is_replaced_by_one_that_began_after_its_last_sign(
    rows: list[SimpleNamespace], silent: list[int]
) -> None:
    found = process_reasons.list_processes(rows, [])
    assert sorted(one.pid for one in found if one.is_silent) == silent


async def test_the_clock_is_measured_against_the_databases(
    settings: Settings, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = presence(settings, database, "seoul:10:a")
    await one._beat("serving")
    real = clock.now

    def ahead() -> datetime:
        return real().replace(microsecond=0) + (NOW - NOW.replace(hour=3))  # an hour and some

    monkeypatch.setattr(clock, "now", ahead)
    async with database.read() as session:
        await one._signs.measure_clock(session)
    measured = one._signs.read()["clock_ahead_s"]
    assert 3598 < measured < 3601


async def test_kinds_that_nobody_executes_paused_jobs_and_used_quotas_are_told(database: Database) -> None:
    async with database.write() as session:
        await add_heartbeat(session)
        await processes.record_worker(session, WorkerSign("seoul:1:s", "scheduler", ["crawl_news"], "active", {}))
        for statement in (
            "INSERT INTO jobs (id, cron) VALUES ('crawl_news', ''), ('train_models', '')",
            "INSERT INTO jobs (id, cron, paused_at, paused_by) VALUES ('embed_news', '', '2026-10-01', 'kim')",
            (
                "INSERT INTO sources (id, kind, quota_date, quota_used, quota_limit, last_ok_at)"
                " VALUES ('naver_hub', 'news', (now() AT TIME ZONE 'Asia/Seoul')::date, 22500, 25000, now()),"
                " ('dart', 'filings', (now() AT TIME ZONE 'Asia/Seoul')::date - 1, 20000, 20000, now())"
            ),
        ):
            await session.execute(text(statement))
    health = await get_health(database, silent_after_s=30)
    assert [(reason.code, reason.subject) for reason in health.list_reasons()] == [
        ("queue-unserved", "train_models"), ("source-quota-gone", "naver_hub"),
    ]  # fmt: skip
    assert list_unworded(health.list_reasons()) == []
    assert "has used its quota of today (22500 of 25000)" in health.list_sentences()[1]
    assert health.list_notices() == [
        "kim has paused the job embed_news on 2026-10-01; go on with 'azak jobs resume embed_news'."
    ]
    async with database.write() as session:
        everything = ["crawl_news", "unknown"]
        await processes.record_worker(session, WorkerSign("seoul:2:w", "worker", everything, "working", {}))
    assert (await get_health(database, silent_after_s=30)).unserved == []


@pytest.mark.parametrize(("revision", "code"), [("9999", "database-schema-newer"), ("0001", "database-schema-older")])
async def test_a_schema_of_another_version_is_told(database: Database, revision: str, code: str) -> None:
    async with database.write() as session:
        await session.execute(text("UPDATE alembic_version SET version_num = :revision"), {"revision": revision})
    (reason,) = (await get_health(database, silent_after_s=30)).list_reasons()
    assert (reason.code, list_unworded([reason])) == (code, [])


async def test_a_write_that_found_no_room_is_told_though_the_row_itself_fits(
    settings: Settings, database: Database
) -> None:
    """On a full disk what fits into pages that are there is written, as the rows of the processes are."""
    loops = Loops()
    signs = Signs(settings, "api seoul:10", loops, Pulse(loops.expect("event loop")))
    signs.database = database
    assert signs.read()["database_full"] is False
    with pytest.raises(asyncpg.DiskFullError):
        async with database.write():
            raise asyncpg.DiskFullError("could not extend file: No space left on device")
    assert codes(process(**signs.read() | {"loops": {}})) == ["database-full"]
