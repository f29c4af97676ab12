"""Real runs through the real engine: each way a body can end, and what the ledger says afterwards."""

import asyncio
import contextlib
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
import structlog.testing
from sqlalchemy import text

from backend.config import Settings
from backend.db.session import Database
from backend.domain.runs import Counts, Origin, RunReason, summarise
from backend.errors import (
    DatabaseUnavailableError,
    InvalidInputError,
    NotFoundError,
    SourceChangedError,
    SourceTemporaryError,
)
from backend.krx import KrxCalendar
from backend.models.process.client import ModelClient
from backend.pipelines.context import NoArguments, RunContext, Tools, nothing_to_do
from backend.scheduler import engine
from backend.scheduler.accept import accept
from backend.scheduler.kinds import Kind, in_sequence
from backend.scheduler.reconcile import reconcile
from backend.scheduler.registry import KINDS
from backend.scheduler.runner import Runner
from backend.services.runs import run_attempts, runs
from tests.fixtures.logged import Line
from tests.fixtures.looking import looks

Bodies = Callable[..., None]
# Of the kinds that these tests add while the engine serves already.
QUEUES = dict.fromkeys(("test", "other", "after", "long", "short"), 0)
Run = Any


@pytest.fixture
def add_kind(monkeypatch: pytest.MonkeyPatch) -> Bodies:
    """Puts a kind of the test's own into the job table."""

    def add(kind_id: str, body: Callable[[RunContext], Awaitable[Counts]], **more: Any) -> None:
        async def run(context: RunContext, _arguments: NoArguments) -> Counts:
            return await body(context)

        monkeypatch.setitem(KINDS, kind_id, Kind(kind_id, run, **more))

    return add


@pytest.fixture
async def runner(settings: Settings, database: Database) -> AsyncIterator[Runner]:
    """A serving engine with a short lease, so that a heartbeat comes every 0.2 s."""
    settings.scheduler.run_lease_s = 0.6
    runner = Runner(Tools(settings, database, KrxCalendar(), ModelClient(settings)), worker="test")
    stop = asyncio.Event()
    serving = asyncio.create_task(
        engine.serve(settings.database_url(), runner.execute, QUEUES, concurrency=4, heartbeat_s=2, stop=stop)
    )
    yield runner
    stop.set()
    await runner.drain(0)
    async with asyncio.timeout(20):
        await serving


async def ask(database: Database, kind: str, **arguments: Any) -> uuid.UUID:
    async with database.write() as session:
        return (await accept(session, kind, arguments, origin=Origin.API)).id


async def get(database: Database, run_id: uuid.UUID) -> Run:
    async with database.read() as session:
        return await runs.get_run(session, run_id)


async def ended(database: Database, run_id: uuid.UUID, *, states: tuple[str, ...] = ()) -> Run:
    """The run once it has ended (or is in one of `states`); fails after 20 s."""
    async for _ in looks(20):
        run = await get(database, run_id)
        if run.state in states or (not states and run.finished_at is not None):
            return run
    raise AssertionError


async def nothing(_context: RunContext) -> Counts:
    return Counts(read=1, written=1)


async def test_a_run_succeeds_with_its_counts(
    runner: Runner, database: Database, add_kind: Bodies, logged: list[Line]
) -> None:
    add_kind("test", nothing)
    run = await ended(database, await ask(database, "test"))
    assert (run.state, run.attempt, run.counts["written"], run.progress) == ("succeeded", 1, 1, 1.0)
    async for _ in looks(5):
        if len(logged) > 1:
            break
    began, over = logged
    ids = {"run_id": str(run.id), "job": "test", "request_id": run.id.hex}
    assert began == {"event": "run_started", "log_level": "info", "attempt": 1, **ids}
    assert 0 <= over.pop("seconds") < 20
    assert over == {"event": "run_ended", "log_level": "info", "again_in_s": None, **ids}


async def test_what_could_do_nothing_is_skipped_once_with_its_sentence(
    runner: Runner, database: Database, add_kind: Bodies, logged: list[Line]
) -> None:
    attempts: list[int] = []

    async def cannot(context: RunContext) -> Counts:
        attempts.append(context.attempt)
        raise nothing_to_do(RunReason.NO_PRICE_SOURCE)

    add_kind("test", cannot, then=("after",), backoff_s=0.05)
    run = await ended(database, await ask(database, "test"))
    assert (run.state, run.reason, run.error, attempts) == ("skipped", "no_price_source", None, [1])
    assert run.message.startswith("No source of prices is on, so there are no prices and no predictions; set ")
    (line,) = (line for line in logged if line["event"] == "run_skipped")
    assert (line["reason"], line["detail"]) == ("no_price_source", run.message)
    async with database.read() as session:
        assert not await runs.list_runs(session, runs.RunFilter(kind="after"))


@pytest.mark.parametrize(
    ("last", "ending"),
    [(None, ("succeeded", None)), (RunReason.NO_MODEL_VERSION, ("skipped", "no_history_source"))],
)
async def test_a_sequence_is_skipped_when_its_last_step_is(
    runner: Runner,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    last: RunReason | None,
    ending: tuple[str, str | None],
) -> None:
    """For the first reason that says more than that nothing was due; each step that was left out is in the log."""

    def step(why: RunReason | None) -> Callable[..., Awaitable[Counts]]:
        async def body(_context: RunContext, _arguments: NoArguments) -> Counts:
            if why is not None:
                raise nothing_to_do(why)
            return Counts(written=1)

        return body

    names = ("embed_news", "load_history", "match_impacts", "generate_reports")
    reasons = (RunReason.NOTHING_DUE, RunReason.NO_HISTORY_SOURCE, None, last)
    steps = tuple((name, step(why)) for name, why in zip(names, reasons, strict=True))
    monkeypatch.setitem(KINDS, "test", Kind("test", in_sequence(*steps, pick={})))
    run = await ended(database, await ask(database, "test"))
    assert (run.state, run.reason) == ending
    async with database.read() as session:
        lines = [event.message.partition(":")[0] for event in await runs.list_events(session, run.id)]
    assert lines[:2] == ["embed_news was skipped", "load_history was skipped"]


@pytest.mark.parametrize(
    ("counts", "sentence"),
    [
        (Counts(read=240, written=57, detail={"rss_mk.read": 240, "rss_mk.news": 20, "dart.links": 37}),
         "Wrote 57: news 20, links 37."),
        (Counts(read=3, detail={"predictions": 0, "unchanged": 21}), "Wrote 0: unchanged 21."),
        (Counts(read=3, failed=2), "Wrote 0: failed 2."),
        (Counts(read=240, detail={"rss_mk.read": 240}), "Nothing new: looked at 240."),
        (Counts(), "Nothing new."),
    ],
)  # fmt: skip
def test_the_message_says_what_was_written(counts: Counts, sentence: str) -> None:
    assert summarise(counts) == sentence


async def test_what_wrote_something_is_followed_up(runner: Runner, database: Database, add_kind: Bodies) -> None:
    add_kind("test", nothing, then=("after",))
    add_kind("after", nothing)
    first = await ended(database, await ask(database, "test"))
    async with database.read() as session:
        followers = await runs.list_runs(session, runs.RunFilter(kind="after"))
    assert (followers[0].origin, followers[0].requested_by) == ("follow_up", str(first.id))


async def test_a_temporary_error_is_retried_until_it_works(
    runner: Runner, database: Database, add_kind: Bodies
) -> None:

    async def twice_down(context: RunContext) -> Counts:
        if context.attempt < 3:
            raise SourceTemporaryError("The source is down; it is asked again.")
        return Counts()

    add_kind("test", twice_down, backoff_s=0.05)
    run = await ended(database, await ask(database, "test"))
    assert (run.state, run.attempt, run.error) == ("succeeded", 3, None)


def failures(logged: list[Line]) -> list[tuple[Any, ...]]:
    return [
        (line["error"], line["code"], line["detail"], line["exc_info"])
        for line in logged
        if line["event"] == "run_failed"
    ]


async def test_a_changed_source_is_not_retried(
    runner: Runner, database: Database, add_kind: Bodies, logged: list[Line]
) -> None:
    async def changed(_context: RunContext) -> Counts:
        raise SourceChangedError("The feed has another shape; the parser must be mended.")

    add_kind("test", changed)
    run = await ended(database, await ask(database, "test"))
    assert (run.state, run.attempt, run.error["class"]) == ("failed", 1, "SourceChangedError")
    detail = "The feed has another shape; the parser must be mended."
    assert failures(logged) == [("SourceChangedError", "source-changed", detail, False)]


async def test_a_bug_ends_as_failed_with_its_message_and_its_traceback_in_the_log(
    runner: Runner, database: Database, add_kind: Bodies, logged: list[Line]
) -> None:
    async def bug(_context: RunContext) -> Counts:
        raise KeyError("no such thing")

    add_kind("test", bug, max_attempts=2, backoff_s=0.05)
    run = await ended(database, await ask(database, "test"))
    assert (run.state, run.attempt, run.error["class"]) == ("failed", 2, "KeyError")
    assert failures(logged) == [("KeyError", "internal-error", "'no such thing'", True)] * 2


async def test_a_hung_body_ends_by_its_time_limit_and_frees_its_slot(
    runner: Runner, database: Database, add_kind: Bodies
) -> None:
    async def hang(_context: RunContext) -> Counts:
        await asyncio.Event().wait()
        return Counts()

    add_kind("test", hang, timeout_s=0.3, max_attempts=1)
    add_kind("other", nothing)
    run = await ended(database, await ask(database, "test"))
    assert (run.state, run.error["class"]) == ("failed", "TimeoutError")
    assert (await ended(database, await ask(database, "other"))).state == "succeeded"


async def test_progress_and_cancellation_travel_with_the_heartbeat(
    runner: Runner, database: Database, add_kind: Bodies
) -> None:
    async def long(context: RunContext) -> Counts:
        context.report(0.4, "working")
        await asyncio.Event().wait()
        return Counts()

    add_kind("test", long)
    run_id = await ask(database, "test")
    async for _ in looks(10):
        if (await get(database, run_id)).message == "working":
            break
    async with database.write() as session:
        await runs.request_cancel(session, run_id, requested_by="kim")
    run = await ended(database, run_id)
    assert (run.state, run.progress) == ("cancelled", pytest.approx(0.4))
    assert "kim" in run.error["message"]


async def test_a_body_longer_than_its_lease_keeps_it(runner: Runner, database: Database, add_kind: Bodies) -> None:
    starts: list[int] = []

    async def long(context: RunContext) -> Counts:
        starts.append(context.attempt)
        await asyncio.sleep(3 * runner.lease_s)  # the length of the work itself
        async with context.write() as session:
            await session.execute(text("INSERT INTO jobs (id, cron) VALUES ('effect', '')"))
        return Counts(written=1)

    add_kind("test", long)
    assert (await ended(database, await ask(database, "test"))).state == "succeeded"
    assert starts == [1]


async def test_a_body_that_lost_its_run_cannot_write(runner: Runner, database: Database, add_kind: Bodies) -> None:
    async def robbed(context: RunContext) -> Counts:
        if context.attempt == 1:
            async with database.write() as session:
                await session.execute(text("UPDATE runs SET attempt = 2, lease_until = now() - interval '1 hour'"))
        async with context.write() as session:
            await session.execute(text("INSERT INTO jobs (id, cron) VALUES (:id, '')"), {"id": str(context.attempt)})
        return Counts(written=1)

    add_kind("test", robbed, max_attempts=5)
    run = await ended(database, await ask(database, "test"))
    async with database.read() as session:
        effects = list(await session.scalars(text("SELECT id FROM jobs")))
    assert (run.state, run.attempt, effects) == ("succeeded", 3, ["3"])


async def test_a_stop_puts_the_run_back_and_does_not_count_it(
    settings: Settings, runner: Runner, database: Database, add_kind: Bodies
) -> None:
    begun = asyncio.Event()

    async def long(_context: RunContext) -> Counts:
        begun.set()
        await asyncio.Event().wait()
        return Counts()

    add_kind("test", long, max_attempts=1)
    run_id = await ask(database, "test")
    await begun.wait()  # a run is "running" before its body begins, and the body is looked up in between
    add_kind("test", nothing, max_attempts=1)
    with structlog.testing.capture_logs() as lines:
        await runner.drain(0)
    run = await ended(database, run_id)
    assert (run.state, run.attempt) == ("succeeded", 2)
    told = [line["event"] for line in lines if line["event"] in ("run_interrupted", "run_failed")]
    assert told == ["run_interrupted"]  # a stop is no bug, with a traceback in the log


async def test_what_the_api_deferred_is_adopted(runner: Runner, database: Database, add_kind: Bodies) -> None:
    add_kind("test", nothing)
    async with database.write() as session:
        run = await runs.accept(session, kind="test", arguments={}, origin=Origin.API, deferred=True, expires_in_s=60)
    await reconcile(database)
    assert (await ended(database, run.id)).state == "succeeded"


async def test_a_run_of_a_dead_process_is_executed_again(runner: Runner, database: Database, add_kind: Bodies) -> None:
    add_kind("test", nothing)
    async with database.write() as session:
        run = await runs.accept(session, kind="test", arguments={}, origin=Origin.API)
        await session.execute(
            text("UPDATE runs SET state = 'running', attempt = 1, lease_until = now() - interval '1 h'")
        )
    await reconcile(database)
    after = await ended(database, run.id)
    assert (after.state, after.attempt) == ("succeeded", 2)


@pytest.mark.parametrize("name", ["end", "put_back", "skip"])
async def test_how_an_attempt_ended_is_stored_once_the_database_takes_it(
    runner: Runner, database: Database, add_kind: Bodies, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """It met the same outage as the body: what it says is not lost, and nobody takes the run for one that died."""
    runner.lease_s = 10  # a run that is left to its lease would not end in time
    raised = {
        "end": SourceChangedError("d"),
        "put_back": SourceTemporaryError("d"),
        "skip": nothing_to_do(RunReason.NOTHING_DUE),
    }

    async def fails(context: RunContext) -> Counts:
        if context.attempt > 1:
            return Counts()
        raise raised[name]

    write, refused = getattr(run_attempts, name), [DatabaseUnavailableError(), DatabaseUnavailableError()]

    async def write_later(*given: Any, **named: Any) -> None:
        if refused:
            raise refused.pop()
        await write(*given, **named)

    monkeypatch.setattr(run_attempts, name, write_later)
    add_kind("test", fails, backoff_s=0.05)
    run = await ended(database, await ask(database, "test"))
    known = {"end": ("failed", 1), "put_back": ("succeeded", 2), "skip": ("skipped", 1)}
    assert ((run.state, run.attempt), refused) == (known[name], [])


async def test_wrong_work_is_refused_before_anything_is_stored(database: Database) -> None:
    for kind, arguments, error in (
        ("no_such_kind", {}, NotFoundError),
        ("generate_reports", {"stock_codes": 5}, InvalidInputError),
        ("crawl_news", {"surprise": 1}, InvalidInputError),
    ):
        with contextlib.suppress(error):
            await ask(database, kind, **arguments)
            pytest.fail(f"{kind} was accepted")
    async with database.read() as session:
        assert await runs.list_runs(session) == []


async def test_engine_tables_that_are_missing_are_named_with_the_remedy(settings: Settings, database: Database) -> None:
    await engine.verify(settings.database_url())
    async with database.write() as session:
        await session.execute(text("DROP TABLE azak_queue.pgqueuer CASCADE"))
    with pytest.raises(Exception, match="azak db migrate"):
        await engine.verify(settings.database_url())
