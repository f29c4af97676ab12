"""Lifecycle of the scheduler: standby, active while it has the lease, standby again when the lease is lost.

The active scheduler has the model process, the engine, the clock and the reconciler; a standby only accepts requests.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Any

from backend import clock
from backend.config import Settings
from backend.db.session import Database
from backend.db.troubles import explain, is_of_database
from backend.domain.runs import Origin
from backend.errors import ConfigurationError, LeaseLostError, ModelProcessError
from backend.krx import Calendar
from backend.log import get_logger
from backend.loops.pulse import PULSE, PULSE_WITHIN_S, Pulse
from backend.loops.registry import WITHIN_S, Loop, Loops
from backend.pipelines.sources import catalogue
from backend.scheduler.accept import accept
from backend.scheduler.executor import Executor
from backend.scheduler.lease import Lease
from backend.scheduler.reconcile import reconcile
from backend.scheduler.registry import choose_queues
from backend.scheduler.special_days import follow_special_days
from backend.scheduler.ticker import Ticker
from backend.services.market import listings
from backend.services.operations import processes, sources
from backend.services.operations.processes import WorkerSign
from backend.services.operations.watching.frozen import end_frozen
from backend.services.operations.watching.signs import Signs
from backend.services.operations.watching.watchdog import list_tellers

_log = get_logger(__name__)
_HEARTBEAT_S = 5.0
_CALENDAR_S = 10.0
_CLOCK = "clock"  # name of its loop
_FOLLOW_S = 2.0  # interval at which the clock reads changes of the schedule


def _market(calendar: Calendar) -> dict[str, Any]:
    """Whether the exchange is open and until when; for the dashboard, because the API has no calendar."""
    moment = clock.now()
    session = calendar.at(moment)
    since = session.opens_at if session else calendar.last_closed(moment).closes_at
    until = session.closes_at if session else calendar.next_open(moment).opens_at
    return {"state": "open" if session else "closed", "since": since.isoformat(), "until": until.isoformat()}


class SchedulerService:
    """The scheduler process without its HTTP server."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.database = Database(settings, "scheduler")
        self.name = processes.process_name()
        self.loops = Loops()
        self.pulse = Pulse(self.loops.expect(PULSE, within_s=PULSE_WITHIN_S))
        self.signs = Signs(settings, f"scheduler {self.name.rpartition(':')[0]}", self.loops, self.pulse)
        self.signs.database = self.database
        self.lease = Lease(self.database, self.name, ttl_s=settings.scheduler.lease_ttl_s)
        queues = choose_queues(settings.scheduler.kinds)
        self.executor = Executor(
            settings, self.database, self.name, queues, concurrency=settings.scheduler.concurrency, loops=self.loops
        )
        self.role = "starting"
        self._problems: dict[str, str] = {}
        self._stop = asyncio.Event()
        self._active: list[asyncio.Task[None]] = []
        self._loops: list[asyncio.Task[None]] = []

    def state(self) -> dict[str, Any]:
        """State for /health and the heartbeat row."""
        return {
            "role": self.role,
            "holder": self.lease.holder,
            "epoch": self.lease.epoch,
            "problem": self.problem,
            **self.executor.state(),
            "market": _market(self.executor.tools.calendar),
            "signs": self.signs.read(),
        }

    @property
    def problem(self) -> str | None:
        """The current problem of a part, one sentence; None when all parts work."""
        if self.role == "waiting" and self.lease.error is not None:
            return explain(self.lease.error).detail
        return next(iter(self._problems.values()), None)

    @property
    def is_ready(self) -> bool:
        """Readiness: a standby is ready at once, the active scheduler when its models are loaded."""
        return self.role == "standby" or (self.role == "active" and self.executor.models.state()["state"] == "ready")

    async def start(self) -> None:
        tellers = list_tellers(self.settings, self.database, f"scheduler {self.name}", self.loops, self.signs)
        every_s = min(1, self.settings.scheduler.lease_ttl_s / 3)
        work = (
            self._keep(self._lead, self.loops.expect("lease"), every_s=every_s),
            self._keep(self._beat, self.loops.expect("heartbeat"), every_s=_HEARTBEAT_S),
            self._keep(self._follow_calendar, self.loops.expect("calendar"), every_s=_CALENDAR_S),
            self._keep(self._end_frozen, self.loops.expect("neighbours"), every_s=_HEARTBEAT_S),
            self.pulse.run(),
            *tellers,
        )
        self._loops = [asyncio.create_task(loop) for loop in work]

    async def stop(self) -> None:
        """Stop cleanly: take no new work, drain running bodies, release the lease."""
        self._stop.set()
        for loop in self._loops:
            loop.cancel()
        await asyncio.gather(*self._loops, return_exceptions=True)
        await self._demote()
        self.role = "stopped"
        try:
            await self.lease.release()
            await self._beat()
        except Exception as error:
            if not is_of_database(error):  # the database may have stopped first
                raise
        await self.database.close()

    async def _keep(self, step: Callable[[], Awaitable[None]], loop: Loop, *, every_s: float) -> None:
        """Repeat `step` and stamp `loop` when it succeeded. Trouble is retried; bugs are logged as such."""
        name = step.__name__
        while not self._stop.is_set():
            wait_s = every_s
            try:
                await step()
                self._problems.pop(name, None)
                loop.turn()
            except (ConfigurationError, LeaseLostError) as error:
                loop.fail(error.detail)
                self._problems[name] = error.detail
                _log.error("scheduler_blocked", step=name, detail=error.detail)
            except Exception as error:  # noqa: BLE001  (the background loops must go on)
                is_away = is_of_database(error)
                self._problems[name] = explain(error).detail if is_away else repr(error)
                loop.fail(self._problems[name])
                _log.warning("scheduler_step_failed", step=name, error=repr(error), exc_info=not is_away)
                wait_s = min(every_s, _HEARTBEAT_S)  # PM2 may start the database after us
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait_s):
                    await self._stop.wait()

    async def _lead(self) -> None:
        try:
            active = await self.lease.renew()
        finally:
            if self.role == "active" and not self.lease.is_active:  # also when the renewal raised
                await self._demote()
                self.role = "waiting"
        if active and self.role != "active":
            self.role = "starting"
            await self._promote()
        if not active:
            self.role = "standby" if self.lease.error is None else "waiting"
        if self.lease.error is not None:
            raise self.lease.error

    async def _beat(self) -> None:
        try:
            async with self.database.write() as session:
                await self.signs.measure_clock(session)
                await processes.record_heartbeat(
                    session, component="scheduler", instance=self.name, state=self.role, details=self.state()
                )
                kinds = sorted(self.executor.queues)
                sign = WorkerSign(self.name, "scheduler", kinds, self.role, self.executor.state())
                await processes.record_worker(session, sign)
        except Exception as error:
            self.signs.written(error)
            raise
        self.signs.written()

    async def _end_frozen(self) -> None:
        async with self.database.read() as session:
            await end_frozen(session, after_s=self.settings.api.frozen_s)

    async def _follow_calendar(self) -> None:
        await follow_special_days(self.database, self.executor.tools.calendar)

    async def _promote(self) -> None:
        await self.executor.verify()
        async with self.database.write() as session:
            infos = catalogue.list_source_infos(self.settings.sources)
            await sources.record_switches(session, [info.switch for info in infos])
        self.role = "active"
        _log.info("became_active", epoch=self.lease.epoch, at=clock.now().isoformat())
        await self.executor.start()
        work = [
            self._keep(self._reconcile, self.loops.expect("reconciler"), every_s=self.settings.scheduler.reconcile_s),
        ]
        if self.settings.scheduler.clock:
            work.append(self._keep(self._run_clock, self._expect_clock(), every_s=1))
        self._active = [asyncio.create_task(loop) for loop in work]

    def _expect_clock(self) -> Loop:
        """The clock's loop, which first waits for the models."""
        return self.loops.expect(_CLOCK, within_s=WITHIN_S + self.settings.models.start_timeout_s)

    async def _run_clock(self) -> None:
        """Run the clock, once the models are loaded, so that no job waits for them.

        If they cannot be loaded the clock runs without them: news and prices are still collected.
        """
        ticker = Ticker(self.database, self.executor.tools.calendar, self.lease)
        await ticker.list_jobs()
        try:
            await self.executor.models.wait_ready()
        except ModelProcessError as error:
            _log.error("clock_without_models", detail=error.detail)
        try:
            await ticker.start()
            self._problems.pop(self._run_clock.__name__, None)
            await self._load_listings()
            loop = self.loops.expect(_CLOCK)
            while True:
                await asyncio.sleep(_FOLLOW_S)
                await self._follow(ticker, loop)
        except Exception:
            self._expect_clock()
            raise
        finally:
            ticker.stop()

    async def _load_listings(self) -> None:
        """Ask for the list of stocks in a new installation: without it nobody can add a stock by its name."""
        async with self.database.write() as session:
            if not await listings.has_listings(session):
                await accept(session, "refresh_stocks", {}, origin=Origin.CATCHUP)

    @staticmethod
    async def _follow(ticker: Ticker, loop: Loop) -> None:
        try:
            await ticker.follow()
            loop.turn()
        except Exception as error:
            loop.fail(explain(error).detail)
            if not is_of_database(error):  # pending ticks wait for the database, so the clock goes on
                raise

    async def _demote(self) -> None:
        for task in self._active:
            task.cancel()
        await asyncio.gather(*self._active, return_exceptions=True)
        self._active = []
        for name in ("reconciler", _CLOCK):
            self.loops.release(name)
        await self.executor.stop(drain_s=self.settings.scheduler.drain_s if self._stop.is_set() else 0)

    async def _reconcile(self) -> None:
        if self.lease.is_active:
            await reconcile(self.database)
