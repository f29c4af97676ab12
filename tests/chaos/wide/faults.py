"""What goes wrong, kind by kind, drawn from one seed. What lasts goes on beside the faults that follow it."""

# ruff: noqa: ASYNC110  (what is waited for is another process's)

import asyncio
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

import asyncpg

from backend.demo.control import SOURCES
from tests.chaos.fleet import Member
from tests.chaos.wide.fleet import WideFleet
from tests.chaos.wide.ground import Ground

# Kind -> its share. Every kind comes at least once.
SHARES: Final = {
    "kill": 12, "freeze": 6, "model_kill": 5, "stop": 4, "database_restart": 3, "connections_cut": 10,
    "connections_dropped": 10, "half_open": 10, "read_only": 8, "database_disk_full": 7, "azak_disk_full": 6,
    "log_sink_gone": 6, "clock_ahead": 7, "clock_back": 6, "sources_fail": 20,
}  # fmt: skip
_GAP_S: Final = (1.5, 4.5)
_LASTS_S: Final = (4.0, 12.0)
_FREEZE_S: Final = 16.0  # longer than both leases
_AHEAD_S, _BACK_S = 36_000, -3_600
_SOURCE_FAULTS: Final = (
    "500",
    "429",
    "403",
    "reset",
    "truncated",
    "gzip",
    "html",
    "empty",
    "slow",
    "charset",
    "stalled",
)
_OURS: Final = "datname = 'azak' AND application_name LIKE 'azak.%'"
_BACKENDS: Final = f"SELECT pid FROM pg_stat_activity WHERE {_OURS} ORDER BY pid"


def plan(count: int, rng: random.Random, without: set[str]) -> list[str]:
    """The kinds in their order."""
    shares = {kind: share for kind, share in SHARES.items() if kind not in without}
    drawn = [*shares, *rng.choices(list(shares), list(shares.values()), k=max(0, count - len(shares)))][:count]
    rng.shuffle(drawn)
    return drawn


@dataclass
class WideChaos:
    """Does the faults. `done` counts them; `overlapped`: drawn again because one of its kind was going on."""

    ground: Ground
    fleet: WideFleet
    rng: random.Random
    done: Counter[str] = field(default_factory=Counter)
    lasting: dict[str, "asyncio.Task[None]"] = field(default_factory=dict)

    async def run(self, count: int, without: set[str], say: Callable[[str], None], within_s: float) -> None:
        """`count` faults, or as many as begin within `within_s` seconds."""
        ends = time.monotonic() + within_s
        keeper = asyncio.create_task(self._keep_alive())
        for number, kind in enumerate(plan(count, self.rng, without), start=1):
            if time.monotonic() > ends:
                break
            await asyncio.sleep(self.rng.uniform(*_GAP_S))
            target, lasts_s = self.rng.choice(self.fleet.members), self.rng.uniform(*_LASTS_S)
            await self._wait_for_its_turn(kind)
            say(f"{number} {kind} {target.name}")
            await getattr(self, f"_{kind}")(target, lasts_s)
            self.done[kind] += 1
        await asyncio.gather(*self.lasting.values())
        keeper.cancel()

    async def heal(self) -> None:
        """Everything as it was; the server runs."""
        self.ground.set_clock(0)
        self.ground.server_disk.free()
        self.ground.azak_disk.free()
        for member in self.fleet.members:
            self.fleet.thaw(member)
        await self._revive()

    async def _keep_alive(self) -> None:
        while True:
            await self._revive()
            await asyncio.sleep(0.5)

    async def _revive(self) -> None:
        """Start again what has ended, as PM2 does; a server without room ends again."""
        self.fleet.revive()
        server = self.ground.world.server
        if server is not None and server.poll() is not None and "database_restart" not in self.lasting:
            with suppress(RuntimeError):
                await asyncio.to_thread(self.ground.world.start_server)

    async def _wait_for_its_turn(self, kind: str) -> None:
        """One of a kind at a time, and one clock."""
        while any(_group(other) == _group(kind) for other in self.lasting):
            await asyncio.sleep(0.2)

    def _lasts(self, kind: str, work: Awaitable[None]) -> None:
        async def go_on() -> None:
            try:
                await work
            finally:
                self.lasting.pop(kind, None)

        self.lasting[kind] = asyncio.create_task(go_on())

    async def _ask(self, statement: str, *given: Any) -> list[Any]:
        """Rows over a connection of the test's own; none while the database is away."""
        with suppress(OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
            connection = await asyncpg.connect(self.ground.world.url, timeout=3)
            try:
                await connection.execute("SET default_transaction_read_only = off")
                return list(await connection.fetch(statement, *given))
            finally:
                await connection.close()
        return []

    async def _kill(self, target: Member, _: float) -> None:
        target.signal(signal.SIGKILL)

    async def _stop(self, target: Member, _: float) -> None:
        target.signal(signal.SIGTERM)

    async def _freeze(self, target: Member, _: float) -> None:
        pid = target.pid
        target.frozen = True
        target.signal(signal.SIGSTOP)

        async def thaw() -> None:
            await asyncio.sleep(_FREEZE_S)
            if target.pid == pid:
                self.fleet.thaw(target)

        self._lasts("freeze", thaw())

    async def _model_kill(self, target: Member, _: float) -> None:
        pids = [member.model_pid() for member in (target, *self.fleet.members)]
        pid = next((pid for pid in pids if pid is not None), None)
        if pid is not None:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    async def _database_restart(self, _: Member, __: float) -> None:
        async def restart() -> None:
            server = self.ground.world.server
            if server is not None and server.poll() is None:
                await asyncio.to_thread(self.ground.world.stop_server, signal.SIGQUIT)
            await asyncio.sleep(self.rng.uniform(0.5, 3))
            with suppress(RuntimeError):  # its disk may be full; it is started again when there is room
                await asyncio.to_thread(self.ground.world.start_server)

        self._lasts("database_restart", restart())

    async def _connections_cut(self, _: Member, __: float) -> None:
        """By the server, as its administrator or idle_session_timeout does."""
        backends = [row["pid"] for row in await self._ask(_BACKENDS)]
        chosen = self.rng.sample(backends, min(len(backends), 6))
        await self._ask("SELECT pg_terminate_backend(pid) FROM unnest($1::int[]) AS pid", chosen)

    async def _connections_dropped(self, target: Member, _: float) -> None:
        """By the network: every connection of a process is reset."""
        self.fleet.cable_of(target).plug()

    async def _half_open(self, target: Member, lasts_s: float) -> None:
        """Both ends believe in their connections and get no byte."""
        cable = self.fleet.cable_of(target)
        cable.pull()

        async def plug() -> None:
            await asyncio.sleep(2 * lasts_s)
            cable.plug()

        self._lasts("half_open", plug())

    async def _read_only(self, _: Member, lasts_s: float) -> None:
        async def hold() -> None:
            await self._ask("ALTER DATABASE azak SET default_transaction_read_only = on")
            await self._ask(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {_OURS}")
            await asyncio.sleep(lasts_s)
            while not await self._ask("SELECT true FROM pg_database WHERE datname = 'azak'"):  # it may be away
                await asyncio.sleep(0.5)
            await self._ask("ALTER DATABASE azak RESET default_transaction_read_only")
            while await self._ask("SELECT true FROM pg_db_role_setting WHERE setdatabase > 0"):
                await self._ask("ALTER DATABASE azak RESET default_transaction_read_only")
                await asyncio.sleep(0.5)

        self._lasts("read_only", hold())

    async def _database_disk_full(self, _: Member, lasts_s: float) -> None:
        await self._fill("database_disk_full", self.ground.server_disk, lasts_s)

    async def _azak_disk_full(self, _: Member, lasts_s: float) -> None:
        await self._fill("azak_disk_full", self.ground.azak_disk, lasts_s)

    async def _fill(self, kind: str, disk: Any, lasts_s: float) -> None:
        async def hold() -> None:
            await asyncio.to_thread(disk.fill)
            await asyncio.sleep(lasts_s)
            disk.free()

        self._lasts(kind, hold())

    async def _log_sink_gone(self, _: Member, __: float) -> None:
        """Nobody reads the worker's standard output any more, until it is started again."""
        if self.fleet.reader is not None:
            self.fleet.reader.end()

    async def _clock_ahead(self, _: Member, lasts_s: float) -> None:
        self._lasts("clock_ahead", self._move_clock(_AHEAD_S, lasts_s))

    async def _clock_back(self, _: Member, lasts_s: float) -> None:
        self._lasts("clock_back", self._move_clock(_BACK_S, lasts_s))

    async def _move_clock(self, seconds: int, lasts_s: float) -> None:
        self.ground.set_clock(seconds)
        await asyncio.sleep(lasts_s)
        self.ground.set_clock(0)

    async def _sources_fail(self, _: Member, __: float) -> None:
        """Some sources, or all at once, answer wrongly for their next requests."""
        chosen = SOURCES if self.rng.random() < 0.2 else self.rng.sample(SOURCES, 4)
        for source in chosen:
            kind, count = self.rng.choice(_SOURCE_FAULTS), self.rng.randint(1, 4)
            fault = {"source": source, "kind": kind, "count": count, "delay_s": 3, "retry_after": "2"}
            await self.ground.control("faults", fault)


def _group(kind: str) -> str:
    return "clock" if kind.startswith("clock") else kind
