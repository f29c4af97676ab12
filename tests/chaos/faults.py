"""What goes wrong, in which order: drawn from one seed, so that a bad run can be repeated."""

import asyncio
import os
import random
import signal
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from backend import clock
from tests.chaos.fleet import Fleet, Member
from tests.chaos.world import World

# Shares of the faults; one restart of the database comes on top of each 50.
_SHARES = {"kill": 0.5, "freeze": 0.16, "model_kill": 0.14, "cut": 0.14, "stop": 0.06}
_HELD = """
SELECT id, attempt FROM runs
WHERE state = 'running' AND split_part(worker, ':', 2) = $1 AND lease_until > clock_timestamp()
"""
_BACKENDS = "SELECT pid FROM pg_stat_activity WHERE datname = 'azak' AND pid <> pg_backend_pid() ORDER BY pid"


def plan(count: int, rng: random.Random) -> list[str]:
    """The kinds of faults in their order; the database stops in the middle of each 50, and once at least."""
    restarts = max(1, count // 50)
    drawn = [name for name, share in _SHARES.items() for _ in range(round(share * (count - restarts)))]
    drawn += ["kill"] * (count - restarts - len(drawn))
    drawn = drawn[: count - restarts]
    rng.shuffle(drawn)
    for number in range(restarts):
        drawn.insert((2 * number + 1) * len(drawn) // (2 * restarts), "database_restart")
    return drawn


@dataclass
class Chaos:
    """Does the faults. `held` is what a killed process was executing: (run, attempt, when it was killed)."""

    world: World
    fleet: Fleet
    rng: random.Random
    done: list[str] = field(default_factory=list)
    held: list[tuple[UUID, int, datetime]] = field(default_factory=list)
    leader_kills: list[datetime] = field(default_factory=list)
    _thawing: set["asyncio.Task[None]"] = field(default_factory=set)

    async def run(self, count: int) -> None:
        keeper = asyncio.create_task(self._keep_alive())
        for name in plan(count, self.rng):
            await asyncio.sleep(self.rng.uniform(*self.world.pace.gap_s))
            # Drawn whether it is needed or not, so that the order of the draws does not depend on the moment.
            target = self.rng.choice(self.fleet.members)
            await getattr(self, f"_{name}")(target)
            self.done.append(name)
        await asyncio.gather(*self._thawing)
        keeper.cancel()
        self.fleet.revive()

    async def _keep_alive(self) -> None:
        while True:
            self.fleet.revive()
            await asyncio.sleep(0.3)

    async def _ask(self, query: str, *given: Any) -> list[Any]:
        """Rows from a connection that no fault cuts; none while the database is away."""
        with suppress(OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
            connection = await asyncpg.connect(self.world.url, timeout=2)
            try:
                return list(await connection.fetch(query, *given))
            finally:
                await connection.close()
        return []

    async def _kill(self, target: Member) -> None:
        if target.frozen:
            target = next(member for member in self.fleet.members if not member.frozen)
        pid = target.pid
        held = await self._ask(_HELD, str(pid))
        target.signal(signal.SIGKILL)
        now = clock.now()
        self.held += [(run["id"], run["attempt"], now) for run in held]

    async def _freeze(self, target: Member) -> None:
        """Longer than its leases; the others go on meanwhile, and so do the other faults."""
        target.frozen = True
        target.signal(signal.SIGSTOP)
        pid = target.pid
        task = asyncio.create_task(self._thaw_later(target, pid))
        self._thawing.add(task)
        task.add_done_callback(self._thawing.discard)

    async def _thaw_later(self, target: Member, pid: int) -> None:
        await asyncio.sleep(self.world.pace.freeze_s)  # the length of the fault itself
        if target.pid == pid:
            self.fleet.thaw(target)

    async def _model_kill(self, target: Member) -> None:
        pid = next((pid for member in (target, *self.fleet.members) if (pid := member.model_pid()) is not None), None)
        if pid is not None:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    async def _cut(self, _target: Member) -> None:
        """Ends some of the connections to the database, whoever has them."""
        backends = [row["pid"] for row in await self._ask(_BACKENDS)]
        chosen = self.rng.sample(backends, min(len(backends), 4))
        await self._ask("SELECT pg_terminate_backend(pid) FROM unnest($1::int[]) AS pid", chosen)

    async def _stop(self, target: Member) -> None:
        target.signal(signal.SIGTERM)

    async def _database_restart(self, _target: Member) -> None:
        await asyncio.to_thread(self.world.stop_server, signal.SIGQUIT)
        await asyncio.sleep(self.rng.uniform(0.5, 3))  # the length of the outage itself
        await asyncio.to_thread(self.world.start_server)
