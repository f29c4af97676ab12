"""`python -m tests.chaos.takeover [--rounds N] [--ttl S] [--apart S] [--seed S]`: two schedulers, one hurt a round.

The active one is killed, frozen for longer than its lease, or its cable to the database is pulled. A job is due every
second. By the fencing log there are never two active ones, and each due moment is done once; exit code 1 if not.
With `--apart` the second one's clock is that many seconds ahead of the first one's and of the database's (libfaketime).
"""

import argparse
import asyncio
import json
import random
import signal
import sys
import time
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg

from tests.chaos import checks, kinds
from tests.chaos.fleet import Fleet, Member
from tests.chaos.proxy import Cable, cable_to
from tests.chaos.wide.ground import faketime
from tests.chaos.world import QUICK, World, chaos_world

FAULTS = ("kill", "freeze", "cable")
# The lease, a look of the standby (1 s), the stop of what the old one did, and a start of Python on a busy machine.
_TAKEN_OVER_WITHIN_S = 15.0
_DOUBLED = """
SELECT scheduled_for, array_agg(run_id || ' attempt ' || chaos_effects.attempt) AS effects
FROM runs JOIN chaos_effects ON run_id = id
WHERE kind = 'chaos_tick' GROUP BY scheduled_for HAVING count(*) > 1
"""
_UNDONE = (
    "SELECT id, state, error FROM runs WHERE kind = 'chaos_tick' AND state NOT IN ('succeeded', 'skipped', 'missed')"
)
_DONE = "SELECT count(*) FROM runs WHERE kind = 'chaos_tick' AND state = 'succeeded'"
_CAUGHT_UP = "SELECT count(*) FROM runs WHERE kind = 'chaos_tick' AND origin = 'catchup'"
# Due moments of which there is no row.
_ROWLESS = """
SELECT moment FROM generate_series(
    (SELECT min(scheduled_for) FROM runs WHERE kind = 'chaos_tick'),
    (SELECT max(scheduled_for) FROM runs WHERE kind = 'chaos_tick'), interval '1 second') AS moment
WHERE NOT EXISTS (SELECT FROM runs WHERE kind = 'chaos_tick' AND scheduled_for = moment)
"""
_FIRST_TICK_AFTER = "SELECT min(created_at) FROM runs WHERE kind = 'chaos_tick' AND created_at > $1"
_LAST_TICK = "SELECT max(created_at) FROM runs WHERE kind = 'chaos_tick'"
_EVER = datetime(2000, 1, 1, tzinfo=UTC)
# A tick that is due as its clock dies may die with it.
_DYING = timedelta(seconds=0.5)


@dataclass(frozen=True)
class Outage:
    """By the database's clock: when the active one was hurt, and when the other one was seen to hold the lease."""

    began: datetime
    ended: datetime
    hurt: int


@dataclass
class Verdict:
    """Flat, for --json; `problems` says each violation in a sentence."""

    seed: int
    rounds: int = 0
    violations: int = 0
    epochs: int = 0
    ticks_done: int = 0
    ticks_caught_up: int = 0
    takeover_p50_s: float = 0
    takeover_max_s: float = 0
    seconds: float = 0
    problems: list[str] = field(default_factory=list)


def run_takeovers(*, rounds: int, ttl_s: float, seed: int, apart_s: float = 0) -> Verdict:
    """Raise two schedulers, hurt the active one `rounds` times, judge."""
    kinds.register()
    started, verdict = time.monotonic(), Verdict(seed)
    pace = replace(QUICK, leader_ttl_s=ttl_s, freeze_s=ttl_s * 1.5 + 1)
    with chaos_world(pace) as world:
        asyncio.run(_run(world, rounds, apart_s, verdict))
    verdict.seconds = round(time.monotonic() - started, 1)
    return verdict


async def _run(world: World, rounds: int, apart_s: float, verdict: Verdict) -> None:
    rng = random.Random(verdict.seed)
    world.environment |= {"CHAOS_MODELS": "off", "CHAOS_TICKS": "on", "CHAOS_ACTS_URL": world.url}
    async with cable_to(world.settings.database.port) as left, cable_to(world.settings.database.port) as right:
        cables = [left, right]
        urls = [world.url.replace(f":{world.settings.database.port}/", f":{cable.port}/") for cable in cables]
        ahead = timedelta(seconds=apart_s)
        own: list[dict[str, str]] = [{"AZAK_DATABASE_URL": url} for url in urls]
        if ahead:
            own[1] |= _shift_clock(ahead)
        fleet = Fleet(world, ("scheduler", "scheduler"), own)
        connection = await asyncpg.connect(world.url)
        outages = []
        try:
            for number in range(rounds):
                outages.append(await _hurt(connection, fleet, cables, FAULTS[number % 3], rng))
                verdict.rounds += 1
            await asyncio.sleep(3)  # the last one acts for a while
        finally:
            await asyncio.to_thread(fleet.stop)
        await _judge(connection, verdict, outages, ahead)
        await connection.close()


def _shift_clock(ahead: timedelta) -> dict[str, str]:
    """What moves the clock of a process; the time that passes in it stays as it is."""
    library = faketime()
    if library is None:
        raise SystemExit("--apart needs libfaketime: apt-get install libfaketime.")
    return {"LD_PRELOAD": library, "FAKETIME": f"+{ahead.total_seconds():.0f}", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}


async def _hurt(
    connection: asyncpg.Connection, fleet: Fleet, cables: list[Cable], fault: str, rng: random.Random
) -> Outage:
    """One round: from the fault to the next epoch."""
    epoch, active = await _active(connection, fleet)
    await asyncio.sleep(rng.uniform(0.5, 2))
    target, cable = fleet.members[active], cables[active]
    began: datetime = await connection.fetchval("SELECT clock_timestamp()")
    if fault == "kill":
        target.signal(signal.SIGKILL)
    elif fault == "freeze":
        target.signal(signal.SIGSTOP)
    else:
        cable.pull()
    async with asyncio.timeout(60):
        while (await connection.fetchval("SELECT epoch FROM leader")) == epoch:  # noqa: ASYNC110  (another process)
            await asyncio.sleep(0.02)
    ended = await connection.fetchval("SELECT clock_timestamp()")
    outage = Outage(began, ended, hurt=active)
    await asyncio.sleep(rng.uniform(0, 1))  # two of them may be awake now
    _heal(fleet, target, cable)
    return outage


def _heal(fleet: Fleet, target: Member, cable: Cable) -> None:
    fleet.thaw(target)
    cable.plug()
    fleet.revive()


async def _active(connection: asyncpg.Connection, fleet: Fleet) -> tuple[int, int]:
    """The epoch, and which of the two acts, once one does and the other one stands by."""
    while True:
        fleet.revive()
        row = await connection.fetchrow("SELECT epoch, holder FROM leader WHERE expires_at > now()")
        states = dict(
            await connection.fetch("SELECT pid, state FROM workers WHERE heartbeat_at > now() - interval '6 s'")
        )
        pids = [member.pid for member in fleet.members]
        if row and states.get(pid := int(row["holder"].split(":")[1])) == "active" and pid in pids:
            other = pids[1 - pids.index(pid)]
            if states.get(other) == "standby":
                return row["epoch"], pids.index(pid)
        await asyncio.sleep(0.1)


async def _list_forgotten(connection: asyncpg.Connection, outages: list[Outage], ahead: timedelta) -> list[datetime]:
    """Due moments without a row while a clock was turning, by its own time: from its first tick until it was hurt."""
    without = [row["moment"] for row in await connection.fetch(_ROWLESS)]
    begun = [await connection.fetchval(_FIRST_TICK_AFTER, at) for at in (_EVER, *(outage.ended for outage in outages))]
    ended = [*(outage.began - _DYING for outage in outages), await connection.fetchval(_LAST_TICK)]
    places = [outages[0].hurt, *(1 - outage.hurt for outage in outages)]
    turned = [
        (first + place * ahead, last + place * ahead)
        for first, last, place in zip(begun, ended, places, strict=True)
        if first is not None
    ]
    return [moment for moment in without if any(first < moment < last for first, last in turned)]


async def _judge(connection: asyncpg.Connection, verdict: Verdict, outages: list[Outage], ahead: timedelta) -> None:
    seconds = sorted((outage.ended - outage.began).total_seconds() for outage in outages)
    leaders, takeovers, _ = await checks.list_double_leaders(connection)
    verdict.epochs = takeovers + 1
    verdict.ticks_done, verdict.ticks_caught_up = [await connection.fetchval(q) for q in (_DONE, _CAUGHT_UP)]
    verdict.takeover_p50_s, verdict.takeover_max_s = round(seconds[len(seconds) // 2], 2), round(seconds[-1], 2)
    problems = leaders + [f"done twice: {dict(row)}" for row in await connection.fetch(_DOUBLED)]
    problems += [f"not done: {dict(row)}" for row in await connection.fetch(_UNDONE)]
    problems += [f"forgotten: {moment}" for moment in await _list_forgotten(connection, outages, ahead)]
    problems += [] if verdict.ticks_done else ["no tick was ever done"]
    verdict.problems, verdict.violations = problems, len(problems)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.takeover", description=__doc__)
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--ttl", type=float, default=3, help="seconds of the lease (the product's default is 12)")
    parser.add_argument("--apart", type=float, default=0, help="seconds between the clocks of the two")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--json", type=Path, help="writes the verdict as one flat object")
    given = parser.parse_args()
    verdict = run_takeovers(rounds=given.rounds, ttl_s=given.ttl, seed=given.seed, apart_s=given.apart)
    flat: dict[str, Any] = {name: value for name, value in vars(verdict).items() if name != "problems"}
    print(json.dumps(flat, indent=2))
    if given.json is not None:
        given.json.write_text(json.dumps(flat) + "\n")
    for problem in verdict.problems:
        print(f"VIOLATION {problem}")
    if verdict.takeover_max_s > _TAKEN_OVER_WITHIN_S:
        print(f"SLOW takeover: {verdict.takeover_max_s} s")
    return int(bool(verdict.problems) or verdict.takeover_max_s > _TAKEN_OVER_WITHIN_S)


if __name__ == "__main__":
    sys.exit(main())
