"""One chaos run from its seed to its verdict."""

import asyncio
import random
import time
from contextlib import nullcontext
from dataclasses import asdict, dataclass, field
from pathlib import Path
from signal import SIGKILL, SIGTERM
from typing import Any
from uuid import UUID

import asyncpg

from backend.db.session import Database
from tests.chaos import checks, kinds
from tests.chaos.faults import Chaos
from tests.chaos.fleet import Fleet
from tests.chaos.pooler import pooled
from tests.chaos.producer import Producer
from tests.chaos.world import Pace, World, chaos_world

_WANTED = (0, -SIGKILL, -SIGTERM)  # asked to end (the last: before it could listen), killed by us or by the poison


@dataclass
class Verdict:
    """Flat, for --json. `problems` says each violation in a sentence, `slow` what took too long.

    Slowness is apart because it says as much about the machine: it fails a measured run, never a test.
    """

    seed: int
    faults: int = 0
    violations: int = 0
    runs: int = 0
    kills: int = 0
    freezes: int = 0
    model_kills: int = 0
    connection_cuts: int = 0
    stops: int = 0
    database_restarts: int = 0
    missing: int = 0
    doubled: int = 0
    double_leaders: int = 0
    takeovers: int = 0
    leaderless_max_s: float = 0
    runs_started_again: int = 0
    recoveries: int = 0
    recovery_p50_s: float = 0
    recovery_p95_s: float = 0
    recovery_max_s: float = 0
    drain_s: float = 0
    seconds: float = 0
    problems: list[str] = field(default_factory=list)
    slow: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if name not in ("problems", "slow")}


def run_chaos(*, pace: Pace, faults: int, seed: int, logs: Path | None = None, pooler: bool = False) -> Verdict:
    """Raise the processes, hurt them `faults` times, let them finish, judge. `logs` keeps what they said."""
    kinds.register()
    started = time.monotonic()
    verdict = Verdict(seed)
    with chaos_world(pace) as world:
        try:
            with pooled(world) if pooler else nullcontext():
                asyncio.run(_run(world, faults, verdict))
        finally:
            _keep_logs(world, logs)
    verdict.seconds = round(time.monotonic() - started, 1)
    return verdict


def _keep_logs(world: World, logs: Path | None) -> None:
    if logs is not None:
        logs.mkdir(parents=True, exist_ok=True)
        for log in world.home.glob("*.log"):
            (logs / log.name).write_bytes(log.read_bytes())


async def _run(world: World, faults: int, verdict: Verdict) -> None:
    rng = random.Random(verdict.seed)
    producer = Producer(Database(world.settings, "producer"), world.pace, random.Random(rng.random()))
    fleet, enough = Fleet(world), asyncio.Event()
    chaos = Chaos(world, fleet, random.Random(rng.random()))
    producing = asyncio.create_task(producer.run(enough))
    try:
        await chaos.run(faults)
        enough.set()
        await producing
        verdict.drain_s = await _drain(world, fleet)
    finally:
        producing.cancel()
        await asyncio.to_thread(fleet.stop)
        await producer.database.close()
    _count(verdict, chaos)
    await _judge(world, verdict, producer, chaos, fleet)


async def _drain(world: World, fleet: Fleet) -> float:
    """Until no run is open, within the pace's limit; what is open then is missing."""
    started = time.monotonic()
    connection = await asyncpg.connect(world.url)
    while time.monotonic() - started < world.pace.drain_s and await checks.count_unfinished(connection):
        fleet.revive()
        await asyncio.sleep(0.2)
    await connection.close()
    return round(time.monotonic() - started, 1)


def _count(verdict: Verdict, chaos: Chaos) -> None:
    verdict.faults = len(chaos.done)
    verdict.kills = chaos.done.count("kill")
    verdict.freezes = chaos.done.count("freeze")
    verdict.model_kills = chaos.done.count("model_kill")
    verdict.connection_cuts = chaos.done.count("cut")
    verdict.stops = chaos.done.count("stop")
    verdict.database_restarts = chaos.done.count("database_restart")


async def _judge(world: World, verdict: Verdict, producer: Producer, chaos: Chaos, fleet: Fleet) -> None:
    connection = await asyncpg.connect(world.url)
    missing, verdict.runs, verdict.runs_started_again = await checks.list_missing(connection, producer.accepted)
    doubled = await checks.list_doubled(connection) + producer.asked_twice
    leaders, verdict.takeovers, verdict.leaderless_max_s = await checks.list_double_leaders(connection)
    recoveries = await checks.list_recoveries(connection, chaos.held)
    await connection.close()
    verdict.missing, verdict.doubled, verdict.double_leaders = len(missing), len(doubled), len(leaders)
    verdict.recoveries = len(recoveries)
    verdict.slow = _measure_recovery(verdict, recoveries, world.pace.recovery_p95_s)
    hung = [f"{name} ended with code {code}; see its log" for name, code in fleet.exits if code not in _WANTED]
    verdict.problems = missing + doubled + leaders + hung
    verdict.violations = len(verdict.problems)


def _measure_recovery(verdict: Verdict, recoveries: list[tuple[float, UUID]], limit_s: float) -> list[str]:
    """Percentiles of the seconds; says which run was the slowest when they are too long."""
    if not recoveries:
        return []
    last = len(recoveries) - 1
    at = {p: round(recoveries[min(last, int(p * len(recoveries)))][0], 2) for p in (0.5, 0.95, 1)}
    verdict.recovery_p50_s, verdict.recovery_p95_s, verdict.recovery_max_s = at[0.5], at[0.95], at[1]
    if at[0.95] <= limit_s:
        return []
    return [f"recovery p95 is {at[0.95]} s, of run {recoveries[last][1]} {at[1]} s"]
