"""Clocks that step: forward over a sleep, back by a person, and moments that another clock has stored."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from backend import clock
from backend.db.session import Database
from backend.domain.runs import Origin
from backend.errors import TroubleError
from backend.krx import KrxCalendar
from backend.loops.pulse import Jump, JumpWatch
from backend.scheduler.lease import Lease
from backend.scheduler.ticker import ClockLateError, Ticker
from backend.scheduler.triggers import Repetition
from backend.services.runs import jobs, leader, run_attempts, runs
from backend.services.runs.run_attempts import Claim
from backend.trouble import DATABASE_AWAY
from tests.fixtures.logged import Line

NOW = datetime(2026, 10, 7, 6, 45, tzinfo=UTC)  # a Wednesday, 15:45 in Seoul


class Time:
    """The wall clock and the monotonic one, each set by hand."""

    def __init__(self) -> None:
        self.wall, self.steady = NOW, 1000.0

    def pass_s(self, seconds: float) -> None:
        self.wall += timedelta(seconds=seconds)
        self.steady += seconds


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Time:
    time = Time()
    monkeypatch.setattr(clock, "now", lambda: time.wall)
    return time


@pytest.fixture
async def ticker(database: Database, time: Time, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Ticker]:
    monkeypatch.setattr("backend.scheduler.ticker.JumpWatch", lambda: JumpWatch(lambda: time.steady))
    lease = Lease(database, "me:1:a", ttl_s=60)
    assert await lease.renew()
    ticker = Ticker(database, KrxCalendar(), lease)
    await ticker.list_jobs()
    yield ticker
    ticker.stop()


async def rows(database: Database, kind: str) -> list[tuple[datetime, str, str]]:
    async with database.read() as session:
        found = [run for run in await runs.list_runs(session, limit=200) if run.kind == kind]
    return sorted((run.scheduled_for, run.state, run.origin) for run in found)


async def execute(database: Database, statement: str) -> None:
    async with database.write() as session:
        await session.execute(text(statement))


def test_a_jump_is_the_wall_clock_against_the_time_that_passed(time: Time) -> None:
    watch = JumpWatch(lambda: time.steady)
    time.pass_s(3600)
    assert watch.look() is None
    time.wall += timedelta(hours=10)
    assert watch.look() == Jump(36000, NOW + timedelta(hours=1))
    assert watch.look() is None
    time.wall -= timedelta(hours=1)
    time.pass_s(2)
    assert watch.look() == Jump(-3600, NOW + timedelta(hours=11, seconds=2))
    time.wall += timedelta(seconds=5)
    assert watch.look() is None  # what NTP may slew


async def test_after_a_sleep_of_ten_hours_each_job_runs_once(ticker: Ticker, database: Database, time: Time) -> None:
    """From 15:45 to 01:45: the closes, the impacts and the evaluation of the day are done, and once."""
    time.wall += timedelta(hours=10)
    seoul = NOW.replace(hour=0, minute=0)  # 09:00 in Seoul
    missed = {
        "collect_daily_bars#0": [seoul + timedelta(hours=6, minutes=50)],
        "collect_daily_bars#1": [seoul + timedelta(hours=7, minutes=50)],
        "evaluate_predictions#0": [seoul + timedelta(hours=7)],
        "evaluate_predictions#1": [seoul + timedelta(hours=8)],
        "embed_news#0": [seoul + timedelta(hours=7, minutes=20)],
        "crawl_news#0": [seoul + timedelta(hours=7, minutes=10 * n) for n in range(59)],
    }
    for tick_id, moments in missed.items():
        await ticker._on_ticks(tick_id, moments)
    assert await rows(database, "collect_daily_bars") == [
        (seoul + timedelta(hours=6, minutes=50), "missed", "clock"),
        (seoul + timedelta(hours=7, minutes=50), "queued", "catchup"),
    ]
    assert await rows(database, "evaluate_predictions") == [
        (seoul + timedelta(hours=7), "missed", "clock"),
        (seoul + timedelta(hours=8), "queued", "catchup"),
    ]
    assert [state for _, state, _ in await rows(database, "embed_news")] == ["queued"]
    crawls = await rows(database, "crawl_news")
    assert ([state for _, state, _ in crawls], crawls[-1][2]) == (
        ["missed"] * 58 + ["queued"],
        "clock",
    )  # the last is within its grace


async def test_after_a_step_back_the_plan_is_made_anew_and_moments_that_come_again_are_work(
    ticker: Ticker, database: Database, time: Time, logged: list[Line]
) -> None:
    await ticker.start()
    time.wall = NOW + timedelta(minutes=15)
    time.steady += 900
    await ticker.follow()
    await ticker._on_tick("crawl_news#0", NOW + timedelta(minutes=15))
    await execute(database, "UPDATE runs SET state = 'succeeded'")
    for job in ticker._jobs_of("crawl_news"):  # as APScheduler planned it by the wrong clock
        job.modify(next_run_time=datetime.now(UTC) + timedelta(hours=1))  # noqa: TID251
    time.wall -= timedelta(hours=1)
    await ticker.follow()
    (jump,) = (line for line in logged if line["event"] == "clock_jumped")
    assert (jump["log_level"], jump["by_s"]) == ("warning", -3600)
    assert jump["was"] == (NOW + timedelta(minutes=15)).isoformat()
    planned = ticker.next_run_at("crawl_news")
    assert planned is not None
    assert planned < datetime.now(UTC) + timedelta(minutes=11)  # noqa: TID251
    time.wall = NOW + timedelta(minutes=15)
    await ticker._on_tick("crawl_news#0", NOW + timedelta(minutes=15))
    assert await rows(database, "crawl_news") == [
        (NOW + timedelta(minutes=15), "queued", "clock"),
        (NOW + timedelta(minutes=15), "succeeded", "clock"),
    ]


async def test_a_moment_that_another_clock_stored_is_replaced_and_catches_up_nothing(
    ticker: Ticker, database: Database
) -> None:
    async with database.write() as session:
        ahead = NOW + timedelta(hours=10)
        await jobs.record_tick(session, "crawl_news", scheduled_for=ahead, next_run_at=ahead)
    await ticker.start()
    assert await rows(database, "crawl_news") == []
    await ticker._on_tick("crawl_news#0", NOW)
    async with database.read() as session:
        assert (await jobs.list_ticks(session))["crawl_news"] == NOW


async def test_ticks_that_the_database_was_away_for_are_caught_up_while_the_clock_runs(
    ticker: Ticker, database: Database, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ticker._on_tick("crawl_news#0", NOW - timedelta(minutes=5))
    await execute(database, "UPDATE runs SET state = 'succeeded'")
    store = ticker._store_tick

    async def away(*_: object) -> None:
        time.pass_s(301)
        raise TroubleError(DATABASE_AWAY)

    monkeypatch.setattr(ticker, "_store_tick", away)
    await ticker._on_tick("crawl_news#0", NOW)
    monkeypatch.setattr(ticker, "_store_tick", store)
    await ticker.follow()
    due = NOW + timedelta(minutes=5)
    assert (due, "queued", "catchup") in await rows(database, "crawl_news")
    await ticker.follow()
    assert len(await rows(database, "crawl_news")) == 2


async def test_a_clock_that_does_not_fire_says_so(ticker: Ticker, time: Time) -> None:
    await ticker.start()
    await ticker.follow()
    planned = [at for kind in ticker._custom if (at := ticker.next_run_at(kind)) is not None]
    time.wall = min(planned) + timedelta(seconds=21)
    with pytest.raises(ClockLateError, match="A moment of 21 s ago was not fired"):
        await ticker.follow()


def test_only_what_comes_again_has_another_key() -> None:
    again = Repetition().after(NOW)
    assert [again.mark(NOW), again.mark(NOW + timedelta(minutes=1))] == ["~1", ""]
    assert again.after(NOW - timedelta(hours=2)).mark(NOW) == "~2"
    assert Repetition().mark(NOW) == ""


@pytest.mark.parametrize(("ahead", "is_free"), [("59 s", False), ("61 s", True), ("10 hours", True)])
async def test_a_lease_that_ends_too_far_ahead_is_free(database: Database, ahead: str, is_free: bool) -> None:
    async with database.write() as session:
        assert await leader.take_or_renew(session, holder="set back", ttl_s=12) == 1
    await execute(database, f"UPDATE leader SET expires_at = clock_timestamp() + interval '{ahead}'")
    async with database.write() as session:
        assert (await leader.take_or_renew(session, holder="other", ttl_s=12) == 2) is is_free


@pytest.mark.parametrize(("ahead", "is_free"), [("9 minutes", False), ("11 minutes", True)])
async def test_a_run_whose_lease_ends_too_far_ahead_is_orphaned(database: Database, ahead: str, is_free: bool) -> None:
    async with database.write() as session:
        run = await runs.accept(session, kind="crawl_news", arguments={}, origin=Origin.API)
        await run_attempts.claim(session, run.id, worker="set back", lease_s=10)
    await execute(database, f"UPDATE runs SET lease_until = clock_timestamp() + interval '{ahead}'")
    async with database.write() as session:
        due = [row.id for row in await run_attempts.list_due(session)]
        claim = await run_attempts.claim(session, run.id, worker="other", lease_s=10)
    assert (due == [run.id], isinstance(claim, Claim)) == (is_free, is_free)


@pytest.mark.parametrize(("ahead", "is_due"), [("1 day", False), ("3 days", True)])
async def test_a_retry_that_is_too_far_ahead_is_due(database: Database, ahead: str, is_due: bool) -> None:
    async with database.write() as session:
        run = await runs.accept(session, kind="crawl_news", arguments={}, origin=Origin.API)
    await execute(database, f"UPDATE runs SET not_before = clock_timestamp() + interval '{ahead}'")
    async with database.read() as session:
        assert [row.id for row in await run_attempts.list_due(session)] == ([run.id] if is_due else [])


@pytest.mark.parametrize("apart", [timedelta(minutes=5), timedelta(minutes=-5)], ids=["first ahead", "first behind"])
async def test_two_schedulers_five_minutes_apart_are_one_leader_and_each_moment_is_one_run(
    ticker: Ticker, database: Database, time: Time, apart: timedelta
) -> None:
    """The lease is the database's, so no clock takes it from another; what one clock has ticked is no second run."""
    other = Lease(database, "other:2:b", ttl_s=60)
    time.wall = NOW + apart
    assert not await other.renew()
    await ticker._on_tick("crawl_news#0", NOW + apart)
    time.wall = NOW
    assert not await other.renew()
    await ticker._lease.release()
    assert await other.renew()
    second = Ticker(database, KrxCalendar(), other)
    await second.start()
    for moment in (NOW, NOW + timedelta(minutes=5)):
        time.wall = moment
        await second._on_tick("crawl_news#0", moment)
    second.stop()
    made = [moment for moment, _, _ in await rows(database, "crawl_news")]
    assert made == sorted({NOW + apart, NOW, NOW + timedelta(minutes=5)})
