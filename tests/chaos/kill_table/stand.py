"""A running azak with two channels on loopback, and the rows of the table that are tried on it."""

import asyncio
import random
import signal
import time
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.chaos.fleet import Member
from tests.chaos.kill_table.troubles import TROUBLES
from tests.chaos.kill_table.watch import Row, Wanted, Watch
from tests.chaos.proxy import cable_to
from tests.chaos.wide.fleet import WideFleet
from tests.chaos.wide.ground import Ground
from tests.chaos.wide.orders import Orders
from tests.services.operations.receiver import Receiver, receiving

ROLES: Final = ("scheduler", "worker", "api")
WITHIN_S: Final = 30.0  # the promise, for health and for the channel each
_PATIENCE_S: Final = 120.0  # so long is waited, to tell what is late from what never comes
# Loops that are ended together: those of one wave do not hide each other.
WAVES: Final[tuple[tuple[tuple[str, str], ...], ...]] = (
    (
        ("scheduler", "calendar"), ("scheduler", "neighbours"), ("scheduler", "reconciler"), ("worker", "engine"),
        ("api", "event loop"),
    ),
    (("scheduler", "clock"), ("scheduler", "outbox"), ("worker", "listener"), ("api", "watchdog")),
    (("scheduler", "watchdog"), ("scheduler", "engine"), ("worker", "event loop"), ("api", "outbox")),
    (("scheduler", "lease"), ("scheduler", "listener"), ("worker", "model process"), ("api", "heartbeat")),
    (("scheduler", "event loop"), ("scheduler", "model process")),
    (("scheduler", "heartbeat"),),
)  # fmt: skip


@dataclass
class Stand:
    """`held`: roles that are not started again now; `came_true_at`: when a trouble was one that nothing told before."""

    ground: Ground
    fleet: WideFleet
    orders: Orders
    watch: Watch
    channel: Receiver
    second: Receiver
    folder: Path
    held: set[str] = field(default_factory=set)
    came_true_at: float | None = None
    recovered_at: float | None = None
    rows: list[Row] = field(default_factory=list)
    say: Callable[[Row], None] = print

    def member(self, role: str) -> Member:
        return next(member for member in self.fleet.members if member.role == role)

    def kill(self, role: str) -> None:
        """By its id; it is started again unless it is held."""
        (self.folder / role).unlink(missing_ok=True)
        self.member(role).signal(signal.SIGKILL)

    async def keep_alive(self) -> None:
        """Start again what has ended, as PM2 does."""
        while True:
            for member in self.fleet.members:
                if member.role not in self.held and member.process.poll() is not None:
                    self.fleet.revive_one(member)
            await asyncio.sleep(0.3)

    async def plant(self, source: str, kind: str) -> None:
        await self.ground.control("faults", {"source": source, "kind": kind, "count": 1000})

    async def reset_sources(self) -> None:
        await self.ground.control("reset", {})

    async def allow_sources(self) -> None:
        """A person asks again at once what azak would leave alone for a while."""
        await self.orders.finish("check_sources")

    async def try_trouble(self, name: str) -> None:
        """Put it in, take it out."""
        await self.watch.well(_PATIENCE_S)
        await self.watch.all_ended(_PATIENCE_S)
        inject, code = TROUBLES[name]
        row = Row(name, code)
        begun, self.came_true_at, self.recovered_at = time.monotonic(), None, None
        async with inject(self):
            await self._observe(row, lambda found, _: found == code, self.recovered_at or self.came_true_at or begun)
            healed = time.monotonic()
        await self._recover(row, lambda found, _: found == code, begun, healed)

    async def try_wave(self, wave: Sequence[tuple[str, str]]) -> None:
        """End loops of running processes; then start those again, as their sentences say."""
        await self.watch.well(_PATIENCE_S)
        await self.watch.all_ended(_PATIENCE_S)
        rows = [(Row(f"{loop} of the {role}", _code_of(role, loop)), _is_loop(role, loop)) for role, loop in wave]
        begun = time.monotonic()
        for role in {role for role, _ in wave}:
            (self.folder / role).write_text("\n".join(loop for of, loop in wave if of == role))
        await asyncio.gather(*(self._observe(row, wanted, begun) for row, wanted in rows))
        healed = time.monotonic()
        for role in {role for role, _ in wave}:
            self.kill(role)
        for row, wanted in rows:
            await self._recover(row, wanted, begun, healed)

    async def _observe(self, row: Row, wanted: Wanted, since: float) -> None:
        row.health_s = await self.watch.named(wanted, _PATIENCE_S)
        now = time.monotonic()
        if row.health_s is not None and self.recovered_at is None:
            row.health_s = round(now - since, 1)
        from_ = self.recovered_at or now
        told = await self.watch.until_told("began", wanted, since, _PATIENCE_S + (now - since))
        row.alarm_s = None if told is None else round(max(0.0, since + told - from_), 1)

    async def _recover(self, row: Row, wanted: Wanted, begun: float, healed: float) -> None:
        if await self.watch.well(_PATIENCE_S) is None:
            row.notes = f"health still names {await self.watch.troubles()}"
        told = await self.watch.until_told("ended", wanted, begun, healed - begun + _PATIENCE_S)
        row.ended_s = None if told is None else round(max(0.0, begun + told - healed), 1)
        row.begun, row.ended = (len(self.watch.told(phase, wanted, begun)) for phase in ("began", "ended"))
        try:
            run = await self.orders.finish("match_impacts", within_s=_PATIENCE_S)
            row.work = str(run["state"])
        except TimeoutError:
            row.work = "not done"
        row.problems = list(_problems(row))
        self.rows.append(row)
        self.say(row)


def _code_of(role: str, loop: str) -> str:
    if loop == "heartbeat":
        return "scheduler-unavailable" if role == "scheduler" else "process-silent"
    return "loop-stopped"


def _is_loop(role: str, loop: str) -> Wanted:
    code = _code_of(role, loop)
    if code == "loop-stopped":
        return lambda found, subject: found == code and subject.startswith(f"{loop} of {role} ")
    return lambda found, _: found == code


def _problems(row: Row) -> list[str]:
    found = []
    if row.health_s is None or row.health_s > WITHIN_S:
        found.append(f"in health after {row.health_s} s")
    if row.alarm_s is None or row.alarm_s > WITHIN_S:
        found.append(f"told after {row.alarm_s} s")
    if row.ended_s is None or row.notes:
        found.append(f"ended after {row.ended_s} s; {row.notes}")
    if (row.begun, row.ended) != (1, 1):
        found.append(f"begun {row.begun} times, ended {row.ended} times")
    if row.work not in ("succeeded", "skipped"):
        found.append(f"work afterwards: {row.work}")
    return [f"{row.injected}: {one}" for one in found]


async def start(ground: Ground, stack: AsyncExitStack) -> Stand:
    """Processes, channels and the first work."""
    channel, second = [await stack.enter_async_context(receiving()) for _ in range(2)]
    folder = ground.world.home / "orders"
    folder.mkdir()
    ground.environment |= {
        "KILL_FOLDER": str(folder),
        "AZAK_WATCHDOG_WEBHOOK": channel.url(),
        "AZAK_WATCHDOG_SLACK": second.url("/slack"),
        "AZAK_WATCHDOG_PRIVATE_ADDRESSES": "true",
    }
    cables = [await stack.enter_async_context(cable_to(ground.world.settings.database.port)) for _ in ROLES]
    fleet = WideFleet(ground, cables, ROLES, "tests.chaos.kill_table.process")
    stack.callback(fleet.stop)
    orders = Orders(fleet.api_url, random.Random(1))
    stand = Stand(ground, fleet, orders, Watch(fleet.api_url, channel), channel, second, folder)
    for work in (stand.keep_alive(), stand.watch.keep_time()):
        task = asyncio.create_task(work)
        stack.callback(task.cancel)
    await ground.control("clock", {"at": None})  # the world goes on with time
    await orders.add_stocks()
    for kind in ("refresh_stocks", "crawl_news", "collect_prices"):
        run = await orders.finish(kind)
        print(kind, run["state"], run.get("error") or "", flush=True)
    return stand
