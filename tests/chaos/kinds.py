"""The work of the chaos test: bodies that leave a trace of every attempt and of every effect.

The table of effects has no unique key, so that an effect which happened twice shows as two rows. A body
looks up which chunks its run has already and goes on behind them, as the product's long jobs do.
"""

import asyncio
import os
import signal
from dataclasses import replace
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.domain.runs import Counts
from backend.errors import SourceChangedError, SourceTemporaryError
from backend.internal import NoArguments
from backend.pipelines.context import Body, RunContext
from backend.scheduler.kinds import Kind, Schedule
from backend.scheduler.registry import KINDS

TABLES = """
CREATE TABLE chaos_attempts (run_id uuid, attempt int, pid int, ts timestamptz DEFAULT clock_timestamp());
CREATE TABLE chaos_effects (run_id uuid, attempt int, chunk int, ts timestamptz DEFAULT clock_timestamp());
CREATE TABLE chaos_acts (epoch int, holder text, ts timestamptz DEFAULT clock_timestamp());
CREATE TABLE chaos_wishes (number int PRIMARY KEY);
CREATE TABLE chaos_promises (number int, run_id uuid);
"""
FORGET = """
TRUNCATE runs, run_events, chaos_attempts, chaos_effects, chaos_acts, chaos_wishes, chaos_promises, leader,
    azak_queue.pgqueuer, azak_queue.pgqueuer_log;
"""
# A wish must have one run, and the promise that was made of it must be that run.
UNKEPT = """
SELECT number, count(DISTINCT runs.id) AS runs, count(DISTINCT made.run_id) AS promised
FROM chaos_wishes
LEFT JOIN runs ON runs.key = 'chaos:' || number
LEFT JOIN chaos_promises AS made USING (number)
GROUP BY number
HAVING count(DISTINCT runs.id) <> 1 OR count(DISTINCT made.run_id) <> 1 OR NOT bool_and(made.run_id = runs.id)
"""
_ATTEMPT = text("INSERT INTO chaos_attempts (run_id, attempt, pid) VALUES (:run_id, :attempt, :pid)")
_EFFECT = text("INSERT INTO chaos_effects (run_id, attempt, chunk) VALUES (:run_id, :attempt, :chunk)")
_PROMISE = text("INSERT INTO chaos_promises (number, run_id) VALUES (:number, :run_id)")
_DONE = text("SELECT chunk FROM chaos_effects WHERE run_id = :run_id")


class Work(BaseModel):
    """`number` makes each run's arguments its own; `fails` is how many attempts a flaky source fails."""

    model_config = ConfigDict(extra="forbid")

    number: int
    length_s: float = 0
    chunks: int = 1
    fails: int = 0


async def record_promise(session: AsyncSession, number: int, run_id: UUID) -> None:
    """The acceptance was committed, and is now answered."""
    await session.execute(_PROMISE, {"number": number, "run_id": run_id})


async def look_after_heartbeat(context: RunContext) -> None:
    """Wait until this attempt's heartbeat was committed."""
    query = text("SELECT count(*) FROM runs WHERE id = :id AND progress > 0")
    while True:
        async with context.read() as session:
            if await session.scalar(query, {"id": context.run_id}):
                return
        await asyncio.sleep(0.02)


async def begin(context: RunContext) -> None:
    """Record that this attempt's body started: not fenced, because it did."""
    async with context.tools.database.write() as session:
        await session.execute(_ATTEMPT, {"run_id": context.run_id, "attempt": context.attempt, "pid": os.getpid()})


async def work(context: RunContext, given: Work) -> Counts:
    """Nothing but its effects."""
    await begin(context)
    return await write_chunks(context, given)


async def write_chunks(context: RunContext, given: Work) -> Counts:
    """Write the chunks that are not there yet, each in a fenced transaction of its own."""
    async with context.read() as session:
        done = set(await session.scalars(_DONE, {"run_id": context.run_id}))
    for chunk in range(given.chunks):
        if chunk in done:
            continue
        await asyncio.sleep(given.length_s / given.chunks)  # the length of the work itself
        async with context.write() as session:
            await session.execute(_EFFECT, {"run_id": context.run_id, "attempt": context.attempt, "chunk": chunk})
        context.report((chunk + 1) / given.chunks, f"chunk {chunk}")
    return Counts(read=given.chunks, written=given.chunks - len(done))


async def watched(context: RunContext, given: Work) -> Counts:
    """Goes on only when its first heartbeat arrived."""
    await begin(context)
    context.report(0.01, "waiting for a heartbeat")
    await look_after_heartbeat(context)
    return await write_chunks(context, given)


async def embed(context: RunContext, given: Work) -> Counts:
    """Ask the model process before the effect."""
    await begin(context)
    vectors = await context.models.embed([f"제{given.number}호 공시", "삼성전자 영업이익"])
    assert len(vectors) == 2
    return await write_chunks(context, given)


async def flaky(context: RunContext, given: Work) -> Counts:
    """A source that is away for the first attempts."""
    await begin(context)
    if context.attempt <= given.fails:
        raise SourceTemporaryError("The source of the chaos test is away; it comes back.")
    return await write_chunks(context, given)


async def broken(context: RunContext, _given: Work) -> Counts:
    """A source that will never work again."""
    await begin(context)
    raise SourceChangedError("The source of the chaos test has changed; no retry helps.")


async def endless(context: RunContext, _given: Work) -> Counts:
    """Ends only when somebody cancels it."""
    await begin(context)
    await asyncio.Event().wait()
    return Counts()


async def poison(context: RunContext, _given: Work) -> Counts:
    """Takes its process with it, each time."""
    await begin(context)
    os.kill(os.getpid(), signal.SIGKILL)
    return Counts()


# Kind -> the state in which each of its runs must end.
ENDS = {
    "chaos_work": "succeeded",
    "chaos_watched": "succeeded",
    "chaos_embed": "succeeded",
    "chaos_flaky": "succeeded",
    "chaos_broken": "failed",
    "chaos_endless": "cancelled",
    "chaos_poison": "dead",
}
_BODIES: dict[str, Body] = {
    "chaos_work": work,
    "chaos_watched": watched,
    "chaos_embed": embed,
    "chaos_flaky": flaky,
    "chaos_broken": broken,
    "chaos_endless": endless,
    "chaos_poison": poison,
}


def register() -> None:
    """Put the kinds of the chaos test into the job table of this process."""
    for kind_id, body in _BODIES.items():
        # So many attempts that only the poison, which dies of itself, can use them up.
        attempts = 3 if kind_id == "chaos_poison" else 50
        # The product's waits are made for sources, not for a test of minutes.
        KINDS[kind_id] = Kind(kind_id, body, Work, timeout_s=120, max_attempts=attempts, backoff_s=0.2)


async def tick(context: RunContext, _given: NoArguments) -> Counts:
    """One effect for each due moment, also when an attempt died between its effect and its end."""
    return await write_chunks(context, Work(number=0))


async def _rest(_context: RunContext, _given: NoArguments) -> Counts:
    """What the product asks for of itself, such as the stocks of a first start, has nothing to do here."""
    return Counts()


def register_tick() -> None:
    """A job that is due every second (the process says so) and no other schedule."""
    for kind in [kind for kind in KINDS.values() if kind.schedules]:
        KINDS[kind.id] = replace(kind, body=_rest, schedules=(), then=())
    KINDS["chaos_tick"] = Kind("chaos_tick", tick, schedules=(Schedule("* * * * *"),), max_attempts=50, backoff_s=0.2)
