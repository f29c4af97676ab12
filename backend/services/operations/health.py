"""Health of all parts of azak, read from the database only, so that any process can report it."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.paging import AnyRow
from backend.db.revision import PLACE, REVISIONS, judge_place, only_revision, require_schema
from backend.db.session import Database
from backend.db.troubles import explain
from backend.domain.operations import Gap, Reason, SourceCondition, SourceData, data_of
from backend.errors import AzakError, TroubleError
from backend.log import get_logger
from backend.services.forecasts.calibration_drift import DriftingModel, list_drifting_models
from backend.services.forecasts.failing_models import FailingModel, list_failing_models
from backend.services.market.bar_flags import get_last_found
from backend.services.market.master_files import list_refusals
from backend.services.market.stock_names import list_renames
from backend.services.operations import feed_gaps, process_reasons, queues
from backend.services.operations.delivery.outbox import ChannelState, channel_reason, list_channel_states
from backend.services.operations.live_prices import LivePrices, get_live_prices
from backend.services.operations.overdue import OverdueJob, list_overdue_jobs
from backend.services.operations.process_reasons import Process, list_processes
from backend.services.operations.processes import list_heartbeats, list_workers
from backend.services.operations.queues import Depth, PausedJob
from backend.services.operations.restart import restart_command
from backend.services.operations.sources import list_gaps_of, list_quota_reasons, list_sources
from backend.services.runs.leader import LeaderRow, get_leader
from backend.trouble import (
    DATA_MISSING,
    DATABASE_AWAY,
    DATABASE_BUSY,
    JOB_OVERDUE,
    MODEL_DRIFTS,
    MODEL_MEMBER,
    SCHEDULER_PROBLEM,
    SCHEDULER_UNAVAILABLE,
    SOURCES_FAILED,
    Area,
)

_log = get_logger(__name__)
_READ_WITHIN_S: Final = 10.0
_UNWELL: Final = (SourceCondition.FAILING, SourceCondition.BLOCKED, SourceCondition.STALLED)


@dataclass(frozen=True, slots=True)
class Health:
    """State of all parts. With `reachable` False (`trouble` says why) the other fields are empty."""

    reachable: bool
    silent_after_s: float
    trouble: Reason | None = None
    own: Sequence[Reason] = ()  # of the process that asks
    revision: str | None = None
    now: datetime | None = None
    heartbeats: Sequence[AnyRow] = ()
    sources: Sequence[Mapping[str, Any]] = ()
    overdue_jobs: Sequence[OverdueJob] = ()
    workers: Sequence[AnyRow] = ()
    leader: LeaderRow | None = None
    failing_models: Sequence[FailingModel] = ()
    drifting_models: Sequence[DriftingModel] = ()
    live_prices: LivePrices | None = None
    bars: Mapping[str, int] = field(default_factory=dict)
    listing_reasons: Sequence[Reason] = ()  # refused lists of stocks, and renames that nobody has looked at
    feed_reasons: Sequence[Reason] = ()  # news that was not seen
    processes: Sequence[Process] = ()
    unserved: Sequence[Reason] = ()  # kinds of runs that nobody executes
    paused: Sequence[PausedJob] = ()
    depths: Sequence[Depth] = ()  # open runs
    channels: Sequence[ChannelState] = ()  # that did not take what they were sent

    @property
    def scheduler(self) -> AnyRow | None:
        """The newest heartbeat of the active scheduler if it is fresh, else the newest of any scheduler."""
        rows = [row for row in self.heartbeats if row.component == "scheduler"]
        fresh = [row for row in rows if row.age_s <= self.silent_after_s]
        return next((row for row in fresh if row.state == "active"), next(iter(rows), None))

    @property
    def scheduler_state(self) -> str:
        """`active`, `standby`, ...; `silent` without a fresh heartbeat, `stopped` after a stop, else `unknown`."""
        row = self.scheduler
        if row is None:
            return "unknown"
        silent = row.state != "stopped" and row.age_s > self.silent_after_s
        return "silent" if silent else str(row.state)

    def list_sentences(self) -> list[str]:
        """The sentences of `list_reasons`."""
        return [reason.sentence for reason in self.list_reasons()]

    def list_reasons(self) -> list[Reason]:
        """What is wrong, each with its remedy. Empty when all is well."""
        found = [] if self.trouble is None else [self.trouble]
        if not self.reachable or self.trouble is not None:
            return _once([*found, *self.own])
        parts = (
            self.own, self._scheduler_reasons(), self._process_reasons(), self.unserved, self._gap_reasons(),
            self._source_reasons(), list_quota_reasons(self.sources),
            self.feed_reasons, self.listing_reasons,
            (_overdue(job) for job in self.overdue_jobs),
            (Reason(MODEL_MEMBER.code, one.name, one.reason, {"model": one.name}) for one in self.failing_models),
            (Reason(MODEL_DRIFTS.code, one.name, one.reason, {"model": one.name}) for one in self.drifting_models),
            (channel_reason(state) for state in self.channels if state.is_late),
        )  # fmt: skip
        return _once([reason for part in parts for reason in part])

    def list_notices(self) -> list[str]:
        """What is not wrong and may have been forgotten, a sentence each."""
        return [job.notice for job in self.paused]

    def _gap_reasons(self) -> list[Reason]:
        return [
            Reason(DATA_MISSING.code, gap.data, gap.reason + ".", {"data": gap.data}, self._last_ok_at(gap.data))
            for gap in self.list_gaps()
        ]

    def _last_ok_at(self, data: SourceData) -> datetime | None:
        """When a source of `data` last answered."""
        of_data = [row["last_ok_at"] for row in self.sources if data in data_of(row["id"], row["kind"])]
        return max((at for at in of_data if at is not None), default=None)

    def _process_reasons(self) -> list[Reason]:
        return [] if self.now is None else process_reasons.list_reasons(self.processes, self.now)

    def list_gaps(self) -> list[Gap]:
        """Data for which every source is off."""
        return list_gaps_of(self.sources)

    @property
    def market(self) -> Mapping[str, Any] | None:
        """What the scheduler last said of the exchange; None once that has ended: it may be away by the next."""
        told = None if self.scheduler is None else self.scheduler.details.get("market")
        return told if told and self.now and datetime.fromisoformat(told["until"]) > self.now else None

    def _states(self) -> dict[SourceData, dict[str, SourceCondition]]:
        states: dict[SourceData, dict[str, SourceCondition]] = {}
        for row in self.sources:
            for data in data_of(row["id"], row["kind"]):
                states.setdefault(data, {})[row["id"]] = row["state"]
        return states

    def _source_reasons(self) -> list[Reason]:
        """Data that no source delivers; a single failing source is visible in its own row only."""
        states = {
            data: {name: state for name, state in of_data.items() if state in (SourceCondition.OK, *_UNWELL)}
            for data, of_data in self._states().items()
        }
        live = states.pop(SourceData.LIVE_PRICES, {})
        return self._live_price_reasons(live) + [
            Reason(
                SOURCES_FAILED.code, data,
                f"No source of {data} is well ({_told(of_data)}); ask them with 'azak sources check'.", {"data": data},
                self._last_ok_at(data),
            )
            for data, of_data in states.items()
            if of_data and SourceCondition.OK not in of_data.values()
        ]  # fmt: skip

    def _live_price_reasons(self, sources: Mapping[str, SourceCondition]) -> list[Reason]:
        """Live prices that are old while the exchange is open; a silent scheduler has a reason of its own."""
        market = self.market
        if not sources or self.live_prices is None or self.now is None or self.scheduler_state != "active":
            return []
        if market is None or market["state"] != "open" or "since" not in market:
            return []
        since = [datetime.fromisoformat(market["since"])]
        since += [self.leader.acquired_at] if self.leader is not None else []  # one that has just begun gets its time
        old = self.live_prices.list_reasons(self.now, since=max(since), sources=_told(sources))
        values = {"data": SourceData.LIVE_PRICES.value}
        return [
            Reason(SOURCES_FAILED.code, SourceData.LIVE_PRICES, sentence, values, self.live_prices.traded_at)
            for sentence in old
        ]

    def _scheduler_reasons(self) -> list[Reason]:
        state, row = self.scheduler_state, self.scheduler
        if state == "active" and row is not None:
            problem = row.details.get("problem")
            sentence = f"The scheduler has a problem: {problem}"
            return [Reason(SCHEDULER_PROBLEM.code, row.instance, sentence, {"problem": problem})] if problem else []
        seen = "" if row is None else f" (last sign of {row.instance}: {row.age_s:.0f} s ago)"
        sentence = f"No scheduler is active: {state}{seen}; start it again with '{restart_command()}'."
        seen_at = None if row is None else row.ts
        return [Reason(SCHEDULER_UNAVAILABLE.code, "", sentence, {"restart": restart_command()}, seen_at)]


def _overdue(job: OverdueJob) -> Reason:
    values: dict[str, str | int | float] = {"job": job.id, "why": job.why, "minutes": job.minutes}
    return Reason(JOB_OVERDUE.code, job.id, job.reason, values, job.since)


def _once(reasons: Sequence[Reason]) -> list[Reason]:
    """Of several reasons with one key the first: a process may tell its own trouble and find it in its row."""
    return list({reason.key: reason for reason in reversed(reasons)}.values())[::-1]


def _told(sources: Mapping[str, SourceCondition]) -> str:
    return ", ".join(f"{name} {state}" for name, state in sources.items())


async def get_revision(session: AsyncSession) -> str | None:
    """The schema revision of the database; None when it was never migrated. Raises TroubleError as read_revision."""
    if not judge_place(*(await session.execute(text(PLACE))).one()):
        return None
    return only_revision((await session.scalars(text(REVISIONS))).all())


async def get_health(database: Database, *, silent_after_s: float, own: Sequence[Reason] = ()) -> Health:
    """Read the health of all parts; without a database `reachable` is False.

    `silent_after_s` is about schedulers; `own`: what the process that asks knows of itself.
    """
    try:
        async with asyncio.timeout(_READ_WITHIN_S), database.probe() as session:
            return await _read(session, silent_after_s, own)
    except Exception as error:  # noqa: BLE001  (whatever it is, health answers and says so)
        found = _explain(error)
        if found.trouble.area is not Area.DATABASE:
            _log.exception("health_not_read")
        trouble = Reason(found.trouble.code, "", found.detail, found.values)
        return Health(reachable=False, silent_after_s=silent_after_s, trouble=trouble, own=own)


def _explain(error: Exception) -> AzakError:
    """What is wrong with the database; inside of a read an error of the network is about it."""
    if isinstance(error, TimeoutError):
        return TroubleError(DATABASE_BUSY)
    return TroubleError(DATABASE_AWAY) if isinstance(error, OSError) else explain(error)


async def _read(session: AsyncSession, silent_after_s: float, own: Sequence[Reason]) -> Health:
    revision = await get_revision(session)
    try:
        require_schema(revision)
    except TroubleError as error:
        trouble = Reason(error.trouble.code, "", error.detail, error.values)
        return Health(reachable=True, silent_after_s=silent_after_s, revision=revision, trouble=trouble, own=own)
    heartbeats, workers = await list_heartbeats(session), await list_workers(session)
    return Health(
        reachable=True,
        silent_after_s=silent_after_s,
        own=own,
        revision=revision,
        now=await session.scalar(select(func.clock_timestamp())),
        heartbeats=heartbeats,
        processes=list_processes(heartbeats, workers),
        sources=await list_sources(session),
        overdue_jobs=await list_overdue_jobs(session),
        workers=workers,
        leader=await get_leader(session),
        failing_models=await list_failing_models(session),
        drifting_models=await list_drifting_models(session),
        live_prices=await get_live_prices(session),
        bars=await get_last_found(session),
        feed_reasons=await feed_gaps.list_reasons(session),
        listing_reasons=[*await list_refusals(session), *await list_renames(session)],
        unserved=await queues.list_unserved(session),
        paused=await queues.list_paused(session),
        depths=await queues.list_depths(session),
        channels=await list_channel_states(session),
    )
