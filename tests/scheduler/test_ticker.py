"""The clock over outages, pauses and changes: every due moment is a row, and what was missed is caught up once."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from backend import clock
from backend.db.session import Database
from backend.domain.runs import Origin
from backend.errors import LeaseLostError, TroubleError
from backend.krx import KrxCalendar
from backend.scheduler.lease import Lease
from backend.scheduler.registry import KINDS
from backend.scheduler.ticker import Ticker
from backend.scheduler.unstarted import OVERLAP
from backend.services.runs import jobs, runs
from backend.services.runs.jobs import CustomSchedule
from backend.trouble import DATABASE_AWAY
from tests.fixtures.logged import Line

NOW = datetime(2026, 10, 7, 4, 2, 30, tzinfo=UTC)  # a Wednesday, 13:02:30 in Seoul
SCHEDULED = {kind.id for kind in KINDS.values() if kind.schedules}


@pytest.fixture
async def lease(database: Database) -> Lease:
    lease = Lease(database, "me:1:a", ttl_s=60)
    assert await lease.renew()
    return lease


@pytest.fixture
async def ticker(database: Database, lease: Lease, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Ticker]:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    ticker = Ticker(database, KrxCalendar(), lease)
    await ticker.list_jobs()
    yield ticker
    ticker.stop()


async def rows(database: Database) -> dict[str, list[tuple[str, str, datetime]]]:
    """Kind -> its runs as (state, origin, due moment)."""
    found: dict[str, list[tuple[str, str, datetime]]] = {}
    async with database.read() as session:
        for run in await runs.list_runs(session, limit=200):
            found.setdefault(run.kind, []).append((run.state, run.origin, run.scheduled_for))
    return found


async def test_after_three_hours_away_each_job_is_caught_up_once(ticker: Ticker, database: Database) -> None:
    async with database.write() as session:
        for job_id in SCHEDULED:
            since = NOW - timedelta(hours=3)
            await jobs.record_tick(session, job_id, scheduled_for=since, next_run_at=None)
    await ticker.start()
    ticker.stop()
    found = await rows(database)
    assert {kind: len(made) for kind, made in found.items()} == dict.fromkeys(found, 1)
    assert set(found) == {"crawl_news", "collect_prices", "generate_reports"}  # the others were not due at noon
    assert found["crawl_news"] == [("queued", "catchup", NOW.replace(minute=0, second=0))]
    assert found["collect_prices"] == [("queued", "catchup", NOW.replace(second=0))]


async def test_a_second_clock_catches_up_nothing_more(ticker: Ticker, database: Database, lease: Lease) -> None:
    async with database.write() as session:
        await jobs.record_tick(session, "crawl_news", scheduled_for=NOW - timedelta(hours=3), next_run_at=None)
    await ticker.start()
    ticker.stop()
    other = Ticker(database, KrxCalendar(), lease)
    await other.start()
    other.stop()
    assert len((await rows(database))["crawl_news"]) == 1


async def test_a_changed_schedule_is_followed_and_survives_a_restart(
    ticker: Ticker, database: Database, lease: Lease
) -> None:
    await ticker.start()
    async with database.write() as session:
        await jobs.change_schedule(session, "crawl_news", CustomSchedule(interval_minutes=7), changed_by="kim")
        await jobs.change_schedule(session, "train_models", CustomSchedule(cron="30 4 * * sat,sun"), changed_by="kim")
    await ticker.follow()
    async with database.read() as session:
        stored = {job.id: job.next_run_at for job in await jobs.list_jobs(session)}
    restarted = Ticker(database, KrxCalendar(), lease)
    await restarted.list_jobs()
    await restarted.start()
    for one in (ticker, restarted):
        saturday = one.next_run_at("train_models")
        assert saturday is not None
        assert f"{saturday.astimezone(clock.KST):%a %H:%M}" in {"Sat 04:30", "Sun 04:30"}
        assert one.next_run_at("crawl_news") == stored["crawl_news"] is not None
    restarted.stop()
    async with database.write() as session:
        await jobs.change_schedule(session, "crawl_news", CustomSchedule(), changed_by="kim")
    await ticker.follow()
    following = ticker.next_run_at("crawl_news")
    assert following is not None
    assert following.minute % 10 == 0


async def test_ticks_that_are_no_work_are_rows_with_their_reason(ticker: Ticker, database: Database) -> None:
    async with database.write() as session:
        await jobs.pause_job(session, "crawl_news", paused_by="kim")
    await ticker._on_tick("crawl_news#0", NOW)
    await ticker._on_tick("collect_prices#0", NOW - timedelta(minutes=2))
    await ticker._on_tick("generate_reports#0", NOW)
    await ticker._on_tick("generate_reports#0", NOW + timedelta(seconds=1))
    assert {kind: sorted(state for state, _, _ in made) for kind, made in (await rows(database)).items()} == {
        "crawl_news": ["skipped"],
        "collect_prices": ["missed"],
        "generate_reports": ["queued", "skipped"],
    }


async def test_a_clock_that_stood_still_makes_one_run_and_a_row_of_each_other_moment(
    ticker: Ticker, database: Database
) -> None:
    moments = [NOW - timedelta(minutes=ago) for ago in (3, 2, 1, 0)]
    await ticker._on_ticks("collect_prices#0", moments)
    made = sorted((due, state) for state, _, due in (await rows(database))["collect_prices"])
    assert made == list(zip(moments, ["missed", "missed", "missed", "queued"], strict=True))


async def test_a_catch_up_after_the_next_tick_does_not_set_the_clock_back(ticker: Ticker, database: Database) -> None:
    await ticker._on_tick("crawl_news#0", NOW)
    await ticker._store_tick("crawl_news#0", NOW - timedelta(minutes=10), Origin.CATCHUP)
    async with database.read() as session:
        assert (await jobs.list_ticks(session))["crawl_news"] == NOW


@pytest.mark.parametrize(("late_s", "state"), [(0, "queued"), (300, "queued"), (301, "missed")])
async def test_the_rule_of_grace_a_tick_is_work_up_to_the_end_of_its_grace(
    ticker: Ticker, database: Database, late_s: int, state: str
) -> None:
    """crawl_news may begin five minutes late and not a second more."""
    assert ticker._schedules["crawl_news#0"].grace == timedelta(minutes=5)
    due = NOW - timedelta(seconds=late_s)
    await ticker._on_tick("crawl_news#0", due)
    assert (await rows(database))["crawl_news"] == [(state, "clock", due)]


async def test_the_rule_of_grace_a_catch_up_is_work_however_late_it_is(ticker: Ticker, database: Database) -> None:
    due = NOW - timedelta(days=1)
    await ticker._store_tick("crawl_news#0", due, Origin.CATCHUP)
    assert (await rows(database))["crawl_news"] == [("queued", "catchup", due)]


@pytest.mark.parametrize(("late_s", "tries"), [(301, 1), (290, 3)])
async def test_the_rule_of_grace_a_tick_without_its_database_is_tried_until_its_grace_is_over(
    ticker: Ticker, monkeypatch: pytest.MonkeyPatch, logged: list[Line], late_s: int, tries: int
) -> None:
    """Each try takes six seconds here: ten seconds before the end of its grace there are three."""
    moments = iter(NOW + timedelta(seconds=6 * n) for n in range(100))
    asked: list[datetime] = []

    async def away(*_: object) -> None:
        asked.append(NOW)
        raise TroubleError(DATABASE_AWAY)

    async def sleep(_: float) -> None:
        pass

    monkeypatch.setattr(ticker, "_store_tick", away)
    monkeypatch.setattr("backend.scheduler.ticker.asyncio.sleep", sleep)
    monkeypatch.setattr(clock, "now", lambda: next(moments))
    due = NOW - timedelta(seconds=late_s)
    await ticker._on_tick("crawl_news#0", due)
    assert len(asked) == tries
    late = {"event": "tick_late", "log_level": "error", "job": "crawl_news#0", "scheduled_for": due.isoformat()}
    assert logged == [late]


async def test_a_tick_that_raises_is_a_failed_row_and_has_its_traceback_in_the_log(
    ticker: Ticker, database: Database, monkeypatch: pytest.MonkeyPatch, logged: list[Line]
) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise KeyError("a bug")

    monkeypatch.setattr("backend.scheduler.ticker.accept", broken)
    await ticker._on_tick("crawl_news#0", NOW)
    assert (await rows(database))["crawl_news"][0][0] == "failed"
    (line,) = logged
    assert (line["event"], line["log_level"], line["job"]) == ("tick_failed", "error", "crawl_news#0")
    assert line["scheduled_for"] == NOW.isoformat()
    assert isinstance(line["exc_info"], KeyError)


async def test_a_schedule_that_the_clock_does_not_take_leaves_the_old_one_and_is_logged(
    ticker: Ticker, logged: list[Line]
) -> None:
    before = ticker.next_run_at("train_models")
    ticker._arrange("train_models", CustomSchedule(cron="61 25 * * *"))
    assert ticker.next_run_at("train_models") == before
    (line,) = logged
    assert (line["event"], line["log_level"], line["job"]) == ("schedule_refused", "error", "train_models")
    assert line["cron"] == "61 25 * * *"
    assert line["error"]


async def test_a_tick_that_started_no_work_and_cannot_be_stored_is_logged(
    ticker: Ticker, monkeypatch: pytest.MonkeyPatch, logged: list[Line]
) -> None:
    async def away(*_: object) -> None:
        raise TroubleError(DATABASE_AWAY)

    monkeypatch.setattr(ticker, "_record_not_run", away)
    await ticker._record("crawl_news#0", NOW, OVERLAP)
    assert logged == [
        {
            "event": "tick_not_stored", "log_level": "error", "job": "crawl_news#0", "scheduled_for": NOW.isoformat(),
        }
    ]  # fmt: skip

    async def broken(*_: object) -> None:
        raise KeyError("a bug")

    monkeypatch.setattr(ticker, "_record_not_run", broken)
    with pytest.raises(KeyError):
        await ticker._record("crawl_news#0", NOW, OVERLAP)


async def test_a_clock_that_lost_its_lease_stores_nothing(ticker: Ticker, database: Database) -> None:
    async with database.write() as session:
        await session.execute(text("UPDATE leader SET holder = 'other', epoch = 2"))
    await ticker._on_tick("crawl_news#0", NOW)
    with pytest.raises(LeaseLostError):
        await ticker.list_jobs()
    assert await rows(database) == {}


async def test_jobs_that_the_code_does_not_know_are_no_longer_listed(ticker: Ticker, database: Database) -> None:
    async with database.write() as session:
        await session.execute(text("INSERT INTO jobs (id, cron) VALUES ('of_another_version', '')"))
    await ticker.list_jobs()
    async with database.read() as session:
        assert {job.id for job in await jobs.list_jobs(session)} == SCHEDULED
