"""Accepts runs all the time, as the API and the scheduler do, and remembers what was promised."""

import asyncio
import random
import uuid
from dataclasses import dataclass, field

from backend.db.session import Database
from backend.db.troubles import is_of_database
from backend.domain.runs import Origin
from backend.errors import ConflictError
from backend.scheduler.accept import accept
from backend.scheduler.registry import get_kind
from backend.services.runs import runs
from tests.chaos.kinds import Work
from tests.chaos.world import Pace

_MIX = {"chaos_work": 70, "chaos_embed": 10, "chaos_flaky": 9, "chaos_broken": 7, "chaos_endless": 4}
_POISON_EVERY = 150  # each of its runs kills three processes
_DEFERRED = 0.2  # the share that nobody tells the engine of, as the API does while no scheduler answers
_TWICE = 0.1  # the share that is asked for twice at once


@dataclass
class Producer:
    """`accepted`: run id -> kind, for every acceptance that was answered."""

    database: Database
    pace: Pace
    rng: random.Random
    accepted: dict[uuid.UUID, str] = field(default_factory=dict)
    asked_twice: list[str] = field(default_factory=list)
    _number: int = 0
    _asking: set["asyncio.Task[None]"] = field(default_factory=set)

    async def run(self, stop: asyncio.Event) -> None:
        """Ask until `stop`, then wait until every question is answered."""
        while not stop.is_set():
            task = asyncio.create_task(self._ask(*self._next()))
            self._asking.add(task)
            task.add_done_callback(self._asking.discard)
            await asyncio.sleep(self.rng.expovariate(self.pace.runs_per_s))
        await asyncio.gather(*self._asking)

    def _next(self) -> tuple[str, Work, bool, bool]:
        self._number += 1
        kind = self.rng.choices(list(_MIX), list(_MIX.values()))[0]
        if self._number % _POISON_EVERY == _POISON_EVERY // 2:
            kind = "chaos_poison"
        length_s = min(self.rng.expovariate(1 / self.pace.mean_run_s), self.pace.longest_run_s)
        given = Work(
            number=self._number, length_s=round(length_s, 3), chunks=self.rng.choice((1, 1, 2, 4)),
            fails=self.rng.randint(1, 2) if kind == "chaos_flaky" else 0,
        )  # fmt: skip
        return kind, given, self.rng.random() < _DEFERRED, self.rng.random() < _TWICE

    async def _ask(self, kind: str, given: Work, deferred: bool, twice: bool) -> None:
        ids = await asyncio.gather(*(self._accept(kind, given, deferred) for _ in range(1 + twice)))
        self.accepted |= dict.fromkeys(ids, kind)
        if len(set(ids)) > 1:
            self.asked_twice.append(f"one key, two runs: {ids}")
        if kind == "chaos_endless":
            await asyncio.sleep(1 + given.length_s)  # so that some are cancelled while they wait, most while they run
            await self._cancel(ids[0])

    async def _accept(self, kind: str, given: Work, deferred: bool) -> uuid.UUID:
        """Ask with a key until there is an answer: an acceptance whose answer was lost is the same run."""
        arguments, key = given.model_dump(), f"chaos:{given.number}"
        attempts = get_kind(kind).max_attempts
        while True:
            try:
                async with self.database.write() as session:
                    if deferred:
                        run = await runs.accept(
                            session, kind=kind, arguments=arguments, origin=Origin.API, key=key,
                            max_attempts=attempts, deferred=True, expires_in_s=900,
                        )  # fmt: skip
                    else:
                        run = await accept(session, kind, arguments, origin=Origin.API, key=key)
            except Exception as error:
                if not is_of_database(error):
                    raise
                await asyncio.sleep(0.2)
            else:
                return run.id

    async def _cancel(self, run_id: uuid.UUID) -> None:
        while True:
            try:
                async with self.database.write() as session:
                    await runs.request_cancel(session, run_id, requested_by="chaos")
            except ConflictError:  # an answer was lost, and the run has ended since
                return
            except Exception as error:
                if not is_of_database(error):
                    raise
                await asyncio.sleep(0.2)
            else:
                return
