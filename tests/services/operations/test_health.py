"""What /api/health complains about: jobs, workers, models, live prices."""

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from backend import clock
from backend.db.session import Database
from backend.domain.runs import Origin
from backend.errors import SourceTemporaryError
from backend.services.operations import processes
from backend.services.operations.health import get_health
from backend.services.operations.processes import WorkerSign
from backend.services.operations.sources import record_source_error, record_source_ok
from backend.services.runs import jobs, runs
from tests.factories import add_heartbeat
from tests.fixtures.page_words import list_unworded

MODELS = {"state": "ready", "since": "2026-01-01T00:00:00+00:00", "error": None}


async def write(database: Database, statement: str, **values: Any) -> None:
    async with database.write() as session:
        await session.execute(text(statement), values)


async def fetch(database: Database, query: str) -> list[tuple[Any, ...]]:
    async with database.read() as session:
        return [tuple(row) for row in await session.execute(text(query))]


async def reasons(database: Database) -> str:
    """Their sentences; the page has words for each, too."""
    found = (await get_health(database, silent_after_s=30)).list_reasons()
    assert list_unworded(found) == []
    return " ".join(reason.sentence for reason in found)


@pytest.fixture
async def well(database: Database) -> Database:
    """An active scheduler, and a job that was started a minute ago and is due in nine."""
    async with database.write() as session:
        await add_heartbeat(session)
        await processes.record_worker(session, WorkerSign("seoul:1:s", "scheduler", ["crawl_news"], "active", {}))
        await jobs.upsert_jobs(session, {"crawl_news": "*/10 * * * *"})
    await tick(database, minutes_ago=1)
    assert await reasons(database) == ""
    return database


async def tick(database: Database, *, minutes_ago: float) -> None:
    await write(
        database,
        "UPDATE jobs SET last_scheduled_for = now() - :ago * interval '1 minute',"
        " next_run_at = now() + (10 - :ago) * interval '1 minute'",
        ago=minutes_ago,
    )


async def add_run(database: Database, state: str, *, minutes_ago: float) -> None:
    async with database.write() as session:
        run = await runs.accept(session, kind="crawl_news", arguments={}, origin=Origin.CLOCK)
    await write(
        database,
        "UPDATE runs SET state = :state, created_at = now() - :ago * interval '1 minute',"
        """ error = '{"message": "The feed is away."}' WHERE id = :id""",
        state=state, ago=minutes_ago, id=run.id,
    )  # fmt: skip


async def test_a_job_is_overdue_at_twice_its_interval(well: Database) -> None:
    await tick(well, minutes_ago=19)
    assert await reasons(well) == ""
    await tick(well, minutes_ago=21)
    assert "crawl_news was due 11 min ago" in await reasons(well)
    await write(well, "UPDATE jobs SET paused_at = now(), paused_by = 'kim'")
    assert await reasons(well) == ""


async def test_a_run_that_does_not_end_is_told(well: Database) -> None:
    await add_run(well, "running", minutes_ago=19)
    assert await reasons(well) == ""
    await write(well, "UPDATE runs SET created_at = now() - interval '21 minutes'")
    assert "open for 21 min; see it with 'azak jobs logs crawl_news'" in await reasons(well)


async def test_one_failure_is_none_two_are_told_and_a_success_ends_it(well: Database) -> None:
    await add_run(well, "failed", minutes_ago=20)
    assert await reasons(well) == ""
    await add_run(well, "dead", minutes_ago=10)
    assert "failed twice in a row (The feed is away.)" in await reasons(well)
    await add_run(well, "succeeded", minutes_ago=1)
    assert await reasons(well) == ""


async def test_a_run_that_could_do_nothing_is_no_failure_and_a_tick_without_a_run_ends_none(well: Database) -> None:
    for minutes, state in ((40, "failed"), (30, "failed"), (20, "skipped")):
        await add_run(well, state, minutes_ago=minutes)
    assert "failed twice in a row" in await reasons(well)
    await write(well, "UPDATE runs SET started_at = created_at WHERE state = 'skipped'")
    assert await reasons(well) == ""


async def test_a_worker_is_silent_25_s_after_its_last_heartbeat(well: Database) -> None:
    details = {"running": 0, "concurrency": 4, "models": MODELS}
    async with well.write() as session:
        await processes.record_worker(session, WorkerSign("seoul:10:a", "worker", [], "working", details))
    await write(well, "UPDATE workers SET heartbeat_at = now() - interval '15 s'")
    assert await reasons(well) == ""
    await write(well, "UPDATE workers SET heartbeat_at = now() - interval '26 s'")
    assert "worker seoul:10 is silent" in await reasons(well)


async def test_a_silent_worker_is_told_until_it_is_replaced_or_said_good_bye(well: Database) -> None:
    details = {"running": 1, "concurrency": 4, "models": MODELS}
    for name, state in (("seoul:10:a", "working"), ("busan:11:b", "stopped")):
        async with well.write() as session:
            await processes.record_worker(session, WorkerSign(name, "worker", ["embed_news"], state, details))
    await write(well, "UPDATE workers SET heartbeat_at = now() - interval '1 minute' WHERE role = 'worker'")
    assert "worker seoul:10 is silent for 60 s" in await reasons(well)
    assert "busan" not in await reasons(well)
    async with well.write() as session:
        await processes.record_worker(session, WorkerSign("seoul:12:c", "worker", [], "working", details))
    assert await reasons(well) == ""
    async with well.read() as session:
        assert {worker.pid for worker in await processes.list_workers(session)} == {1, 11, 12}


async def test_models_that_do_not_come_are_told_with_their_reason(well: Database) -> None:
    models = MODELS | {"state": "restarting", "error": "no memory"}
    async with well.write() as session:
        sign = WorkerSign("seoul:10:a", "worker", [], "working", {"models": models})
        await processes.record_worker(session, sign)
    assert "models of the worker seoul:10 are restarting" in await reasons(well)
    assert "no memory" in await reasons(well)


async def open_market(database: Database, *, minutes_ago: float) -> None:
    """The exchange opened so long ago, two sources of live prices are on, and six stocks are watched."""
    since, until = (clock.now() + timedelta(minutes=m) for m in (-minutes_ago, 120))
    market = {"market": {"state": "open", "since": since.isoformat(), "until": until.isoformat()}}
    await write(database, "UPDATE heartbeats SET details = CAST(:told AS jsonb)", told=json.dumps(market))
    await write(
        database,
        "INSERT INTO stocks (code, name, market) SELECT '00000' || n, n::text, 'KOSPI' FROM generate_series(1, 6) AS n"
        " ON CONFLICT DO NOTHING",
    )


async def read_prices(database: Database, *, minutes_ago: float, read: int = 22, state: str = "succeeded") -> None:
    await write(
        database,
        "INSERT INTO runs (id, kind, active_key, origin, state, created_at, finished_at, counts) SELECT"
        " gen_random_uuid(), 'collect_prices', CAST(gen_random_uuid() AS text), 'clock', :state, at, at,"
        " jsonb_build_object('read', CAST(:read AS int)) FROM (SELECT now() - :ago * interval '1 minute' AS at) AS t",
        ago=minutes_ago, read=read, state=state,
    )  # fmt: skip


async def test_live_prices_that_are_old_in_a_session_are_told(well: Database) -> None:
    """However well the sources of closes are: four minutes without a live price are told, and from the opening on."""
    async with well.write() as session:
        await record_source_error(session, "naver_polling", "prices", SourceTemporaryError("500"))
        await record_source_ok(session, "naver_chart", "prices", items=3)
    await open_market(well, minutes_ago=2)
    assert await reasons(well) == ""
    await open_market(well, minutes_ago=60)
    await read_prices(well, minutes_ago=4)
    await read_prices(well, minutes_ago=1, read=0)
    await read_prices(well, minutes_ago=1.5, state="failed")
    expected = "No live price came for 4 min while the exchange is open: naver_polling failing; ask the sources with"
    assert expected in await reasons(well)
    await write(well, "INSERT INTO jobs (id, cron, paused_at, paused_by) VALUES ('collect_prices', '', now(), 'kim')")
    assert "kim has paused collect_prices; go on with 'azak jobs resume collect_prices'" in await reasons(well)
    await read_prices(well, minutes_ago=2)
    assert "The newest live price is 60 min old in a session" in await reasons(well)
    await write(
        well,
        "INSERT INTO quotes (stock_code, last_price_krw, previous_close_krw, volume, ts, source)"
        " VALUES ('000001', 1, 1, 1, now() - interval '5 minutes', 'naver_polling')",
    )
    assert await reasons(well) == ""


async def test_a_reason_says_since_when(well: Database) -> None:
    """A job since it was due, data since a source of it last answered, a scheduler since its last sign."""
    await tick(well, minutes_ago=21)
    answered_at = clock.now()
    async with well.write() as session:
        await record_source_ok(session, "naver_chart", "prices")
        for source in ("naver_chart", "public_data"):
            await record_source_error(session, source, "prices", SourceTemporaryError("500"))
    found = {reason.code: reason for reason in (await get_health(well, silent_after_s=30)).list_reasons()}
    late, failed = found["job-overdue"].since, found["sources-failed"].since
    assert late is not None
    assert timedelta(minutes=11) <= clock.now() - late < timedelta(minutes=12)
    assert failed is not None
    assert answered_at <= failed <= clock.now()
    await write(well, "UPDATE heartbeats SET ts = now() - interval '5 minutes'")
    found = {reason.code: reason for reason in (await get_health(well, silent_after_s=30)).list_reasons()}
    [(seen_at,)] = await fetch(well, "SELECT max(ts) FROM heartbeats WHERE component = 'scheduler'")
    assert found["scheduler-unavailable"].since == seen_at
