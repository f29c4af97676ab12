"""The clock: APScheduler in memory decides when; a tick only inserts a run keyed `job:scheduled_for`.

Two clocks alive at once therefore make one run. Misfires and overlaps become rows of the ledger too.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Any

from apscheduler.executors.base import BaseExecutor
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from backend import clock
from backend.clock import KST
from backend.db.session import Database, Session, is_connection_loss
from backend.domain import Origin, RunState
from backend.krx import Calendar
from backend.log import get_logger
from backend.scheduler.accept import accept
from backend.scheduler.kinds import Schedule
from backend.scheduler.registry import KINDS
from backend.scheduler.triggers import build_trigger, latest_missed
from backend.services import jobs, runs

_log = get_logger(__name__)


def _kind_of(tick_id: str) -> str:
    """A kind may have several lines in the schedule: "evaluate_predictions#1"."""
    return tick_id.partition("#")[0]


class _TickExecutor(BaseExecutor):  # type: ignore[misc]
    """Hands each due moment to a coroutine; APScheduler itself runs nothing."""

    def __init__(self, on_tick: Callable[[str, datetime], Any]) -> None:
        super().__init__()
        self._on_tick = on_tick
        self._tasks: set[asyncio.Task[None]] = set()

    def _do_submit_job(self, job: Any, run_times: list[datetime]) -> None:
        task = asyncio.ensure_future(self._on_tick(job.id, run_times[-1]))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        task.add_done_callback(lambda _: self._run_job_success(job.id, []))

    def shutdown(self, wait: bool = True) -> None:  # noqa: ARG002
        for task in self._tasks:
            task.cancel()


class Ticker:
    """Starts the schedule of `registry.KINDS` while this process is the active scheduler."""

    def __init__(self, database: Database, calendar: Calendar) -> None:
        self._database = database
        self._schedules: dict[str, Schedule] = {}
        self._scheduler = AsyncIOScheduler(timezone=KST)
        self._scheduler.add_executor(_TickExecutor(self._on_tick))
        for kind in KINDS.values():
            for number, schedule in enumerate(kind.schedules):
                tick_id = f"{kind.id}#{number}"
                self._schedules[tick_id] = schedule
                self._scheduler.add_job(
                    lambda: None, build_trigger(schedule, calendar), id=tick_id,
                    max_instances=1, coalesce=True, misfire_grace_time=None,
                )  # fmt: skip

    def next_run_at(self, kind_id: str) -> datetime | None:
        """The next moment at which the clock will fire `kind_id`."""
        lines = [job for job in self._scheduler.get_jobs() if _kind_of(job.id) == kind_id]
        times = [job.next_run_time for job in lines if getattr(job, "next_run_time", None) is not None]
        return min(times, default=None)

    async def start(self) -> None:
        """List the schedule in the database, catch up the latest missed moment of each job, start."""
        await self._catch_up()
        self._scheduler.start()
        async with self._database.write() as session:
            for kind_id in self._crons():
                await jobs.record_next_run(session, kind_id, self.next_run_at(kind_id))

    def stop(self) -> None:
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    @staticmethod
    def _crons() -> dict[str, str]:
        return {kind.id: "; ".join(s.cron for s in kind.schedules) for kind in KINDS.values() if kind.schedules}

    async def _catch_up(self) -> None:
        async with self._database.write() as session:
            await jobs.upsert_jobs(session, self._crons())
            last = await jobs.list_ticks(session)
        for job in self._scheduler.get_jobs():
            since = last[_kind_of(job.id)]
            missed = latest_missed(job.trigger, since=since, now=clock.now()) if since is not None else None
            if missed is not None:
                await self._store_tick(job.id, missed, Origin.CATCHUP)

    async def _on_tick(self, tick_id: str, scheduled_for: datetime) -> None:
        """Store the tick; while the database is away, keep trying until its grace is over."""
        grace_s = self._schedules[tick_id].grace.total_seconds()
        while True:
            try:
                await self._store_tick(tick_id, scheduled_for, Origin.CLOCK)
            except Exception as error:
                if not is_connection_loss(error):
                    raise
                if (clock.now() - scheduled_for).total_seconds() > grace_s:
                    _log.error("tick_lost", job=tick_id, scheduled_for=scheduled_for.isoformat())
                    return
                await asyncio.sleep(1)
            else:
                return

    async def _store_tick(self, tick_id: str, scheduled_for: datetime, origin: Origin) -> None:
        kind_id = _kind_of(tick_id)
        async with self._database.write() as session:
            await self._store_run(session, kind_id, tick_id, scheduled_for, origin)
            await jobs.record_tick(session, kind_id, scheduled_for=scheduled_for, next_run_at=self.next_run_at(kind_id))

    async def _store_run(
        self, session: Session, kind_id: str, tick_id: str, scheduled_for: datetime, origin: Origin
    ) -> None:
        key = f"{kind_id}:{scheduled_for.astimezone(KST).isoformat()}"
        late = clock.now() - scheduled_for
        if await jobs.is_paused(session, kind_id):
            state, why = RunState.SKIPPED, "The job is paused; resume it with 'azak jobs resume'."
        elif origin is Origin.CLOCK and late > self._schedules[tick_id].grace:
            state, why = RunState.MISSED, f"The clock was {late.total_seconds():.0f} s late; the next tick follows."
        else:
            run = await accept(session, kind_id, {}, origin=origin, key=key, scheduled_for=scheduled_for)
            if run.created:
                return
            state, why = RunState.SKIPPED, f"The run before ({run.id}) was still open."
        await runs.record_not_run(session, kind=kind_id, key=key, state=state, scheduled_for=scheduled_for, message=why)
