"""The ledger: an accepted run is one row, only the attempt that owns it may write, and every end is named."""

import asyncio
import uuid
from typing import Any

import pytest
from sqlalchemy import text

from backend.db.session import Database
from backend.domain.runs import Origin, RunState
from backend.errors import ConflictError, LeaseLostError, NotFoundError
from backend.services.runs import run_attempts, runs
from backend.services.runs.run_attempts import Claim, Unclaimed


async def accept(database: Database, **more: Any) -> runs.AcceptedRun:
    async with database.write() as session:
        return await runs.accept(session, **({"kind": "k", "arguments": {}, "origin": Origin.API} | more))


async def claim(database: Database, run_id: uuid.UUID, lease_s: float = 10) -> Claim | Unclaimed:
    async with database.write() as session:
        return await run_attempts.claim(session, run_id, worker="w", lease_s=lease_s)


async def state_of(database: Database, run_id: uuid.UUID) -> str:
    async with database.read() as session:
        return str((await runs.get_run(session, run_id)).state)


async def write_for(database: Database, run_id: uuid.UUID, *, attempt: int) -> None:
    async with database.write() as session:
        await session.execute(text("INSERT INTO jobs (id, cron) VALUES ('effect', '')"))
        await run_attempts.fence(session, run_id, attempt)


async def let_lease_run_out(database: Database) -> None:
    async with database.write() as session:
        await session.execute(text("UPDATE runs SET lease_until = now() - interval '1 minute'"))


async def test_fifty_equal_requests_at_once_are_one_run(database: Database) -> None:
    accepted = await asyncio.gather(*(accept(database, arguments={"stock_code": "005930"}) for _ in range(50)))
    assert len({run.id for run in accepted}) == 1
    assert sum(run.created for run in accepted) == 1


async def test_other_arguments_are_other_work(database: Database) -> None:
    first, second = await accept(database, arguments={"a": 1}), await accept(database, arguments={"a": 2})
    assert first.id != second.id


async def test_after_the_end_the_same_work_may_be_asked_for_again(database: Database) -> None:
    first = await accept(database)
    claimed = await claim(database, first.id)
    assert isinstance(claimed, Claim)
    async with database.write() as session:
        await run_attempts.succeed(session, first.id, claimed.attempt, {"written": 1})
    assert (await accept(database)).created


async def test_a_tick_of_the_clock_is_one_run_for_ever(database: Database) -> None:
    first = await accept(database, key="job:09:00")
    async with database.write() as session:
        await runs.request_cancel(session, first.id, requested_by="test")
    again = await accept(database, key="job:09:00")
    assert (again.id, again.created) == (first.id, False)


async def test_only_one_of_two_workers_gets_a_run(database: Database) -> None:
    run = await accept(database)
    ends = await asyncio.gather(claim(database, run.id), claim(database, run.id))
    assert sorted(type(end).__name__ for end in ends) == ["Claim", "Unclaimed"]


async def test_a_frozen_attempt_cannot_write_after_another_took_over(database: Database) -> None:
    run = await accept(database)
    await claim(database, run.id)
    await let_lease_run_out(database)
    second = await claim(database, run.id)
    assert isinstance(second, Claim)
    assert second.attempt == 2
    with pytest.raises(LeaseLostError):
        await write_for(database, run.id, attempt=1)
    async with database.read() as session:
        assert await session.scalar(text("SELECT count(*) FROM jobs")) == 0


async def test_a_run_whose_attempts_never_report_ends_as_dead_and_claims_no_more_than_is_known(
    database: Database,
) -> None:
    """Its process may have died, or may not have reached the database: the ledger cannot tell these apart."""
    run = await accept(database, max_attempts=2)
    for _ in range(2):
        assert isinstance(await claim(database, run.id), Claim)
        await let_lease_run_out(database)
    assert isinstance(await claim(database, run.id), Unclaimed)
    async with database.read() as session:
        ended = await runs.get_run(session, run.id)
    assert ended.state == RunState.DEAD
    assert ended.error == {
        "class": "RunUnreported",
        "code": "run-unreported",
        "message": "The last of 2 attempts, on w, did not say how it ended: its process died, or could not reach the "
        "database for as long as a lease; see its log, then retry the run.",
        "values": {"attempts": 2, "worker": "w"},
    }


async def test_a_deferred_run_that_waited_too_long_expires_and_is_not_started(database: Database) -> None:
    run = await accept(database, deferred=True, expires_in_s=-1)
    assert isinstance(await claim(database, run.id), Unclaimed)
    async with database.write() as session:
        assert await run_attempts.expire_deferred(session) == 1
    assert await state_of(database, run.id) == RunState.EXPIRED


async def test_put_back_waits_before_it_is_due_again(database: Database) -> None:
    run = await accept(database)
    claimed = await claim(database, run.id)
    assert isinstance(claimed, Claim)
    async with database.write() as session:
        await run_attempts.put_back(session, run.id, claimed.attempt, delay_s=60, error={"message": "later"})
    offered_again = await claim(database, run.id)
    assert isinstance(offered_again, Unclaimed)
    assert offered_again.busy_s is not None
    assert 50 < offered_again.busy_s <= 60
    async with database.read() as session:
        assert await run_attempts.list_due(session) == []


async def test_heartbeat_brings_the_wish_to_cancel(database: Database) -> None:
    run = await accept(database)
    claimed = await claim(database, run.id)
    assert isinstance(claimed, Claim)
    async with database.write() as session:
        assert await runs.request_cancel(session, run.id, requested_by="kim") == RunState.RUNNING
    async with database.write() as session:
        asked = await run_attempts.heartbeat(session, run.id, 1, lease_s=10, progress=0.5, message="half")
    assert asked == "kim"


async def test_a_finished_run_cannot_be_cancelled(database: Database) -> None:
    run = await accept(database)
    async with database.write() as session:
        await runs.request_cancel(session, run.id, requested_by="kim")
    with pytest.raises(ConflictError, match="start a new one"):
        async with database.write() as session:
            await runs.request_cancel(session, run.id, requested_by="kim")


async def test_unknown_run_is_not_found(database: Database) -> None:
    async with database.read() as session:
        with pytest.raises(NotFoundError, match="list runs"):
            await runs.get_run(session, uuid.uuid4())


async def test_a_flood_of_log_lines_is_bounded(database: Database) -> None:
    run = await accept(database)
    async with database.write() as session:
        await session.execute(
            text(
                "INSERT INTO run_events (run_id, level, message) SELECT :run, 'info', '' FROM generate_series(1, 500)"
            ),
            {"run": run.id},
        )
        await run_attempts.record_event(session, run.id, level="info", message="one too many")
    async with database.read() as session:
        assert await session.scalar(text("SELECT count(*) FROM run_events")) == runs.MAX_EVENTS
