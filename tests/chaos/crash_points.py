"""`python -m tests.chaos.crash_points [POINT ...]`: SIGKILL at each step of a run's life; exit code 1 if one broke.

The product has no code for this: `arm` wraps its functions, and the process dies by a real SIGKILL just before or
just after the call that a point names. `claim.begun:2` is the second claim of that process. Steps: accept 1-4,
claim 5-7, heartbeat 8-10, effect 11-13, finish 14-16, retry 17, reconcile 18-20.
"""

import argparse
import asyncio
import functools
import os
import signal
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg

from backend.pipelines.context import RunContext
from backend.scheduler import engine, service
from backend.scheduler.runner import Runner
from backend.services.runs import run_attempts, runs
from tests.chaos import checks, kinds
from tests.chaos.fleet import Fleet
from tests.chaos.world import QUICK, World, chaos_world

# Point -> (where the function is looked up, its name, whether the process dies before it or after it).
POINTS: dict[str, tuple[Any, str, str]] = {
    "accept.begun": (runs, "accept", "before"),
    "accept.inserted": (runs, "accept", "after"),
    "accept.enqueued": (engine, "enqueue", "after"),
    "accept.committed": (kinds, "record_promise", "before"),
    "claim.begun": (run_attempts, "claim", "before"),
    "claim.updated": (run_attempts, "claim", "after"),
    "claim.committed": (Runner, "_attempt", "before"),
    "heartbeat.begun": (run_attempts, "heartbeat", "before"),
    "heartbeat.updated": (run_attempts, "heartbeat", "after"),
    "heartbeat.committed": (kinds, "look_after_heartbeat", "after"),
    "effect.written": (run_attempts, "fence", "before"),
    "effect.fenced": (run_attempts, "fence", "after"),
    "effect.committed": (RunContext, "report", "before"),
    "finish.begun": (run_attempts, "succeed", "before"),
    "finish.updated": (run_attempts, "succeed", "after"),
    "finish.committed": (Runner, "_commit_end", "after"),
    "retry.updated": (run_attempts, "put_back", "after"),
    "reconcile.begun": (run_attempts, "list_due", "before"),
    "reconcile.listed": (run_attempts, "list_due", "after"),
    "reconcile.committed": (service, "reconcile", "after"),
}
WISHES = 12


def arm(point: str | None) -> None:
    """Wrap the function that `point` names, if any."""
    if point is None:
        return
    name, _, nth = point.partition(":")
    owner, attribute, place = POINTS[name]
    calls = iter(range(1, 10**9))

    def count() -> None:
        if next(calls) == int(nth or 1):
            os.kill(os.getpid(), signal.SIGKILL)

    setattr(owner, attribute, _wrapped(getattr(owner, attribute), place, count))


def _wrapped(function: Callable[..., Any], place: str, count: Callable[[], None]) -> Callable[..., Any]:
    if not asyncio.iscoroutinefunction(function):

        @functools.wraps(function)
        def plain(*given: Any, **named: Any) -> Any:
            count()
            return function(*given, **named)

        return plain

    @functools.wraps(function)
    async def wrapped(*given: Any, **named: Any) -> Any:
        if place == "before":
            count()
        result = await function(*given, **named)
        if place == "after":
            count()
        return result

    return wrapped


async def crash_at(world: World, point: str) -> list[str]:
    """One scheduler that dies at `point` and is started again without it; returns what is wrong afterwards."""
    connection = await asyncpg.connect(world.url)
    await connection.execute(kinds.FORGET)
    await connection.execute("INSERT INTO chaos_wishes SELECT number FROM generate_series(1, $1) number", WISHES)
    world.environment |= {"CHAOS_CRASH_POINT": f"{point}:2", "CHAOS_MODELS": "off"}
    fleet = Fleet(world, ("scheduler",))

    async def has_crashed() -> bool:
        return fleet.members[0].process.poll() is not None

    async def all_ended() -> bool:
        promised = await connection.fetchval("SELECT count(*) FROM chaos_promises")
        return bool(promised >= WISHES and not await checks.count_unfinished(connection))

    try:
        crashed = await _until(has_crashed, within_s=120)
        del world.environment["CHAOS_CRASH_POINT"]
        fleet.revive()
        done = crashed and await _until(all_ended, within_s=120)
    finally:
        world.environment.pop("CHAOS_CRASH_POINT", None)
        await asyncio.to_thread(fleet.stop)
    wrong = [] if crashed and fleet.exits[0][1] == -signal.SIGKILL else [f"was never reached: {fleet.exits}"]
    wrong += [] if done else ["not every run ended in time"]
    wrong += [f"a wish has no single run: {dict(row)}" for row in await connection.fetch(kinds.UNKEPT)]
    promised = {row["run_id"]: "chaos_work" for row in await connection.fetch("SELECT run_id FROM chaos_promises")}
    wrong += (await checks.list_missing(connection, promised))[0] + await checks.list_doubled(connection)
    await connection.close()
    return [f"{point}: {sentence}" for sentence in wrong]


async def _until(condition: Callable[[], Awaitable[bool]], within_s: float) -> bool:
    """Whether it came true in time."""
    deadline = time.monotonic() + within_s
    while not (came := await condition()) and time.monotonic() < deadline:  # noqa: ASYNC110  (another process's state)
        await asyncio.sleep(0.05)
    return came


def crash_at_each(points: list[str]) -> list[str]:
    """What was wrong at any of the points."""
    kinds.register()
    wrong = []
    with chaos_world(QUICK) as world:
        for point in points:
            found = asyncio.run(crash_at(world, point))
            print(f"{point}: {found or 'ok'}", flush=True)
            wrong += found
    return wrong


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.crash_points", description=__doc__)
    parser.add_argument("points", nargs="*", choices=[*POINTS, []], help="all, if none is named")
    given = parser.parse_args()
    return int(bool(crash_at_each(given.points or list(POINTS))))


if __name__ == "__main__":
    sys.exit(main())
