"""The clock: APScheduler, in memory, fires the ticks; a tick inserts a run with the key `job:scheduled_for`.

Therefore two clocks at the same time create one run. A tick that starts no work (paused, too late, previous run open,
error) is stored in the ledger, too. Schedules are those of `registry.KINDS`, unless people changed them in `jobs`.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from apscheduler.events import EVENT_JOB_MAX_INSTANCES, JobSubmissionEvent
from apscheduler.executors.base import BaseExecutor
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from backend import clock
from backend.clock import KST
from backend.db.session import Database, Session
from backend.db.troubles import is_of_database
from backend.domain.runs import Origin, RunReason, RunState
from backend.errors import AzakError, LeaseLostError
from backend.krx import Calendar
from backend.log import get_logger
from backend.loops.pulse import JumpWatch
from backend.scheduler.accept import accept
from backend.scheduler.kinds import Schedule
from backend.scheduler.lease import Lease
from backend.scheduler.registry import KINDS
from backend.scheduler.triggers import Repetition, build_custom_trigger, build_trigger, latest_missed
from backend.scheduler.unstarted import OVERLAP, PAUSED, STANDSTILL, NotRun
from backend.services.runs import jobs, runs
from backend.services.runs.jobs import CustomSchedule
from backend.trouble import LOOP_STOPPED

_log = get_logger(__name__)
_NOT_CHANGED = CustomSchedule()
_LATE_S = 2.0  # APScheduler is woken: its timer may have slept with the machine
_STANDS_S = 20.0
_MAX_MISSED_ROWS = 100  # stored missed ticks of one standstill


def _kind_of(tick_id: str) -> str:
    """Kind of a tick id, which is `kind#number`: a kind may have several schedules."""
    return tick_id.partition("#")[0]


class ClockLateError(AzakError):
    """The clock does not fire what is due."""

    trouble = LOOP_STOPPED


class _TickExecutor(BaseExecutor):  # type: ignore[misc]
    """APScheduler executor that passes due moments to a coroutine."""

    def __init__(self, on_ticks: Callable[[str, Sequence[datetime]], Any]) -> None:
        super().__init__()
        self._on_ticks = on_ticks
        self._tasks: set[asyncio.Task[None]] = set()

    def _do_submit_job(self, job: Any, run_times: list[datetime]) -> None:
        task = asyncio.ensure_future(self._on_ticks(job.id, run_times))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        task.add_done_callback(lambda _: self._run_job_success(job.id, []))

    def shutdown(self, wait: bool = True) -> None:  # noqa: ARG002
        for task in self._tasks:
            task.cancel()


class Ticker:
    """The clock of the active scheduler; every tick is fenced by its lease."""

    def __init__(self, database: Database, calendar: Calendar, lease: Lease) -> None:
        self._database = database
        self._lease = lease
        self._calendar = calendar
        self._schedules: dict[str, Schedule] = {}
        self._custom: dict[str, CustomSchedule] = {}
        self._storing: set[asyncio.Task[None]] = set()
        self._jumps = JumpWatch()
        self._again = Repetition()
        self._must_catch_up = False
        self._scheduler = AsyncIOScheduler(timezone=KST)
        self._scheduler.add_executor(_TickExecutor(self._on_ticks))
        self._scheduler.add_listener(self._on_overlap, EVENT_JOB_MAX_INSTANCES)
        for kind_id in self._crons():
            self._arrange(kind_id, _NOT_CHANGED)

    def _arrange(self, kind_id: str, custom: CustomSchedule) -> None:
        """Replace the lines of one kind; a line of a person that the clock does not take leaves them as they are."""
        lines = KINDS[kind_id].schedules
        try:
            triggers = [build_trigger(line, self._calendar) for line in lines]
            triggers = triggers if custom == _NOT_CHANGED else [build_custom_trigger(custom)]
        except ValueError as error:
            _log.error("schedule_refused", job=kind_id, cron=custom.cron, error=str(error))
            return
        for job in self._jobs_of(kind_id):
            job.remove()
        for number, trigger in enumerate(triggers):
            tick_id = f"{kind_id}#{number}"
            self._schedules[tick_id] = lines[number]
            self._scheduler.add_job(
                lambda: None, trigger, id=tick_id, max_instances=1, coalesce=False, misfire_grace_time=None
            )
        self._custom[kind_id] = custom

    def _jobs_of(self, kind_id: str) -> list[Any]:
        return [job for job in self._scheduler.get_jobs() if _kind_of(job.id) == kind_id]

    def next_run_at(self, kind_id: str) -> datetime | None:
        """The next moment at which `kind_id` fires; None if never."""
        lines = self._jobs_of(kind_id)
        times = [job.next_run_time for job in lines if getattr(job, "next_run_time", None) is not None]
        return min(times, default=None)

    async def list_jobs(self) -> None:
        """Store the jobs of this schedule in the table of jobs."""
        async with self._write() as session:
            await jobs.upsert_jobs(session, self._crons())

    async def start(self) -> None:
        """Start the clock, then catch up the latest moment that each job missed before.

        In this order, so that no moment in between is lost; a moment that both find has the same key.
        """
        await self.follow()
        async with self._database.read() as session:
            last = await jobs.list_ticks(session)
        self._scheduler.start()
        await self._catch_up(last, clock.now())
        async with self._write() as session:
            for kind_id in self._crons():
                await jobs.record_next_run(session, kind_id, self.next_run_at(kind_id))

    def stop(self) -> None:
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    @asynccontextmanager
    async def _write(self) -> AsyncIterator[Session]:
        """A transaction that only the active scheduler can commit."""
        async with self._database.write() as session:
            yield session
            await self._lease.fence(session)

    @staticmethod
    def _crons() -> dict[str, str]:
        return {kind.id: "; ".join(s.cron for s in kind.schedules) for kind in KINDS.values() if kind.schedules}

    async def follow(self) -> None:
        """Apply what has changed since the last call: the schedule by people, the time by whoever set the clock.

        Raises ClockLateError when due moments are not fired.
        """
        self._follow_time()
        async with self._database.read() as session:
            custom = await jobs.list_custom_schedules(session)
        changed = [kind_id for kind_id, now in self._custom.items() if custom.get(kind_id, _NOT_CHANGED) != now]
        for kind_id in changed:
            self._arrange(kind_id, custom.get(kind_id, _NOT_CHANGED))
        if changed and self._scheduler.running:
            async with self._write() as session:
                for kind_id in changed:
                    await jobs.record_next_run(session, kind_id, self.next_run_at(kind_id))

        if self._must_catch_up:
            async with self._database.read() as session:
                last = await jobs.list_ticks(session)
            await self._catch_up(last, clock.now())
            self._must_catch_up = False

    def _follow_time(self) -> None:
        """After a step of the clock plan anew: APScheduler keeps its moments, and slept on until they came."""
        jump = self._jumps.look()
        if jump is not None:
            _log.warning("clock_jumped", by_s=round(jump.by_s), was=jump.before.isoformat())
            if jump.by_s < 0:
                self._again = self._again.after(jump.before)
                for kind_id, custom in list(self._custom.items()):
                    self._arrange(kind_id, custom)
        planned = [at for kind_id in self._custom if (at := self.next_run_at(kind_id)) is not None]
        late_s = max(((clock.now() - at).total_seconds() for at in planned), default=0.0)
        if self._scheduler.running and late_s > _LATE_S:
            self._scheduler.wakeup()
        if late_s > _STANDS_S:
            raise ClockLateError(f"A moment of {late_s:.0f} s ago was not fired; see the scheduler's log.")

    async def _catch_up(self, last: Mapping[str, datetime | None], until: datetime) -> None:
        """Start one run per job that missed moments, for the latest of them over all its schedules."""
        for kind_id, since in last.items():
            if since is None or since > until:  # a moment of another clock says nothing
                continue
            found = [
                (missed, job.id)
                for job in self._jobs_of(kind_id)
                if (missed := latest_missed(job.trigger, since=since, now=until)) is not None
            ]
            if found:
                missed, tick_id = max(found)
                await self._store_tick(tick_id, missed, Origin.CATCHUP)

    async def _on_ticks(self, tick_id: str, moments: Sequence[datetime]) -> None:
        """Handle due moments; several at once follow a standstill: the newest starts a run, the rest are rows."""
        await self._on_tick(tick_id, moments[-1])
        for moment in moments[-_MAX_MISSED_ROWS:-1]:
            if not self._lease.is_active:
                return  # the lease is lost: these ticks belong to another scheduler
            await self._record(tick_id, moment, STANDSTILL)

    async def _on_tick(self, tick_id: str, scheduled_for: datetime) -> None:
        """Store the tick; while the database is unreachable, retry until its grace is over."""
        grace_s = self._schedules[tick_id].grace.total_seconds()
        while True:
            try:
                return await self._store_tick(tick_id, scheduled_for, Origin.CLOCK)
            except LeaseLostError:
                return None  # another scheduler is active and has stored it
            except Exception as error:  # noqa: BLE001  (a tick that fails must not vanish)
                if not is_of_database(error):
                    _log.error("tick_failed", job=tick_id, scheduled_for=scheduled_for.isoformat(), exc_info=error)
                    why = f"The clock could not start it ({type(error).__name__}); see the scheduler's log."
                    return await self._record(tick_id, scheduled_for, NotRun(RunState.FAILED, None, why))
                if (clock.now() - scheduled_for).total_seconds() > grace_s:
                    _log.error("tick_late", job=tick_id, scheduled_for=scheduled_for.isoformat())
                    self._must_catch_up = True  # once the database is back
                    return None
                await asyncio.sleep(1)

    def _on_overlap(self, event: JobSubmissionEvent) -> None:
        """APScheduler's EVENT_JOB_MAX_INSTANCES: the previous tick is still being stored."""
        for moment in event.scheduled_run_times[-_MAX_MISSED_ROWS:]:
            task = asyncio.ensure_future(self._record(event.job_id, moment, OVERLAP))
            self._storing.add(task)
            task.add_done_callback(self._storing.discard)

    async def _record(self, tick_id: str, scheduled_for: datetime, ending: NotRun) -> None:
        """Store a tick that started no work."""
        try:
            async with self._write() as session:
                await self._record_not_run(session, tick_id, scheduled_for, ending)
        except Exception as error:
            if not is_of_database(error) and not isinstance(error, LeaseLostError):
                raise
            _log.error("tick_not_stored", job=tick_id, scheduled_for=scheduled_for.isoformat())

    async def _store_tick(self, tick_id: str, scheduled_for: datetime, origin: Origin) -> None:
        kind_id = _kind_of(tick_id)
        async with self._write() as session:
            await self._store_run(session, tick_id, scheduled_for, origin)
            await jobs.record_tick(
                session, kind_id, scheduled_for=scheduled_for, next_run_at=self.next_run_at(kind_id), now=clock.now()
            )

    async def _store_run(self, session: Session, tick_id: str, scheduled_for: datetime, origin: Origin) -> None:
        late = clock.now() - scheduled_for
        if late > self._schedules[tick_id].grace and self._is_newest(tick_id, scheduled_for):
            origin = Origin.CATCHUP  # after a standstill or a sleep of the machine, each job runs once
        if await jobs.is_paused(session, _kind_of(tick_id)):
            ending = PAUSED
        elif origin is Origin.CLOCK and late > self._schedules[tick_id].grace:
            why = f"The clock was {late.total_seconds():.0f} s late; the next tick follows."
            ending = NotRun(RunState.MISSED, RunReason.LATE, why)
        else:
            key = self._key(tick_id, scheduled_for)
            run = await accept(session, _kind_of(tick_id), {}, origin=origin, key=key, scheduled_for=scheduled_for)
            if run.created:
                return
            why = f"The run before ({run.id}) was still open."
            ending = NotRun(RunState.SKIPPED, RunReason.STILL_OPEN, why)
        await self._record_not_run(session, tick_id, scheduled_for, ending)

    def _is_newest(self, tick_id: str, scheduled_for: datetime) -> bool:
        """Whether none of the job's schedules had a moment since."""
        triggers = [job.trigger for job in self._jobs_of(_kind_of(tick_id))]
        now = clock.now()
        return all(latest_missed(trigger, since=scheduled_for, now=now) is None for trigger in triggers)

    async def _record_not_run(self, session: Session, tick_id: str, scheduled_for: datetime, ending: NotRun) -> None:
        await runs.record_not_run(
            session, kind=_kind_of(tick_id), key=self._key(tick_id, scheduled_for), scheduled_for=scheduled_for,
            state=ending.state, reason=ending.reason, message=ending.message,
        )  # fmt: skip

    def _key(self, tick_id: str, scheduled_for: datetime) -> str:
        moment = scheduled_for.astimezone(KST).isoformat()
        return f"{_kind_of(tick_id)}:{moment}{self._again.mark(scheduled_for)}"
