"""Health of all parts of azak, read from the database only, so that any process can report it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.paging import AnyRow
from backend.db.revision import require_schema
from backend.db.session import Database
from backend.db.troubles import explain
from backend.domain.operations import Gap, SourceCondition, SourceData, data_of
from backend.errors import TroubleError
from backend.services.forecasts.failing_models import FailingModel, list_failing_models
from backend.services.market.bar_flags import get_last_found
from backend.services.market.master_files import list_refusals
from backend.services.market.stock_names import list_renames
from backend.services.operations import feed_gaps
from backend.services.operations.live_prices import LivePrices, get_live_prices
from backend.services.operations.overdue import OverdueJob, list_overdue_jobs
from backend.services.operations.processes import list_heartbeats, list_workers
from backend.services.operations.restart import restart_command
from backend.services.operations.sources import list_gaps_of, list_sources
from backend.services.runs.leader import LeaderRow, get_leader
from backend.trouble import DATABASE_AWAY, Area

MODELS_SLOW_AFTER_S = 120
_UNWELL: Final = (SourceCondition.FAILING, SourceCondition.BLOCKED, SourceCondition.STALLED)


@dataclass(frozen=True, slots=True)
class Health:
    """State of all parts. With `reachable` False (`trouble` says why) the other fields are empty."""

    reachable: bool
    silent_after_s: float
    trouble: str | None = None
    revision: str | None = None
    now: datetime | None = None
    heartbeats: Sequence[AnyRow] = ()
    sources: Sequence[Mapping[str, Any]] = ()
    overdue_jobs: Sequence[OverdueJob] = ()
    workers: Sequence[AnyRow] = ()
    leader: LeaderRow | None = None
    failing_models: Sequence[FailingModel] = ()
    live_prices: LivePrices | None = None
    bars: Mapping[str, int] = field(default_factory=dict)
    listing_reasons: Sequence[str] = ()  # refused lists of stocks, and renames that nobody has looked at
    feed_reasons: Sequence[str] = ()  # news that was not seen

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

    def list_reasons(self) -> list[str]:
        """What is wrong, one sentence each with its remedy. Empty when all is well."""
        if not self.reachable:
            return [self.trouble or DATABASE_AWAY.sentence]
        if self.trouble is not None:
            return [self.trouble]
        overdue = (job.reason for job in self.overdue_jobs)
        failing = (model.reason for model in self.failing_models)
        gaps = (gap.reason + "." for gap in self.list_gaps())
        parts = (
            self._scheduler_reasons(), self._worker_reasons(), gaps, self._source_reasons(), self.feed_reasons,
            self.listing_reasons, overdue, failing,
        )  # fmt: skip
        return [reason for part in parts for reason in part]

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

    def _source_reasons(self) -> list[str]:
        """Data that no source delivers; a single failing source is visible in its own row only."""
        states = {
            data: {name: state for name, state in of_data.items() if state in (SourceCondition.OK, *_UNWELL)}
            for data, of_data in self._states().items()
        }
        live = states.pop(SourceData.LIVE_PRICES, {})
        return self._live_price_reasons(live) + [
            f"No source of {data} is well ({_told(of_data)}); ask them with 'azak sources check'."
            for data, of_data in states.items()
            if of_data and SourceCondition.OK not in of_data.values()
        ]

    def _live_price_reasons(self, sources: Mapping[str, SourceCondition]) -> list[str]:
        """Live prices that are old while the exchange is open; a silent scheduler has a reason of its own."""
        market = self.market
        if not sources or self.live_prices is None or self.now is None or self.scheduler_state != "active":
            return []
        if market is None or market["state"] != "open" or "since" not in market:
            return []
        since = [datetime.fromisoformat(market["since"])]
        since += [self.leader.acquired_at] if self.leader is not None else []  # one that has just begun gets its time
        return self.live_prices.list_reasons(self.now, since=max(since), sources=_told(sources))

    def _scheduler_reasons(self) -> list[str]:
        state, row = self.scheduler_state, self.scheduler
        if state == "active" and row is not None:
            problem = row.details.get("problem")
            return [f"The scheduler has a problem: {problem}"] if problem else []
        seen = "" if row is None else f" (last sign of {row.instance}: {row.age_s:.0f} s ago)"
        return [f"No scheduler is active: {state}{seen}; start it again with '{restart_command()}'."]

    def _worker_reasons(self) -> list[str]:
        reasons = []
        for row in self.workers:
            name = f"{row.role} {row.host}:{row.pid}"
            if row.stopped_at is None and row.role == "worker" and row.is_silent:
                reasons.append(f"The {name} is silent for {row.age_s:.0f} s; start it again with 'azak worker'.")
            elif row.state in {"active", "working"} and self._models_are_slow(row):
                models = row.details["models"]
                why = models.get("error") or "see its log"
                reasons.append(f"The models of the {name} are {models['state']} since {models['since']}: {why}")
        return reasons

    def _models_are_slow(self, row: AnyRow) -> bool:
        models = row.details.get("models", {})
        if models.get("state") in {None, "ready"} or self.now is None or row.is_silent:
            return False
        return (self.now - datetime.fromisoformat(models["since"])).total_seconds() > MODELS_SLOW_AFTER_S


def _told(sources: Mapping[str, SourceCondition]) -> str:
    return ", ".join(f"{name} {state}" for name, state in sources.items())


async def get_revision(session: AsyncSession) -> str | None:
    """The schema revision of the database; None when it was never migrated."""
    if not await session.scalar(text("SELECT to_regclass('alembic_version') IS NOT NULL")):
        return None
    revision: str | None = await session.scalar(text("SELECT version_num FROM alembic_version"))
    return revision


async def get_health(database: Database, *, silent_after_s: float) -> Health:
    """Read the health of all parts; without a database `reachable` is False. `silent_after_s` is about schedulers."""
    try:
        async with database.probe() as session:
            return await _read(session, silent_after_s)
    except Exception as error:
        found = explain(error)
        if found.trouble.area is not Area.DATABASE:
            raise
        return Health(reachable=False, silent_after_s=silent_after_s, trouble=found.detail)


async def _read(session: AsyncSession, silent_after_s: float) -> Health:
    revision = await get_revision(session)
    try:
        require_schema(revision)
    except TroubleError as error:
        return Health(reachable=True, silent_after_s=silent_after_s, revision=revision, trouble=error.detail)
    return Health(
        reachable=True,
        silent_after_s=silent_after_s,
        revision=revision,
        now=await session.scalar(select(func.clock_timestamp())),
        heartbeats=await list_heartbeats(session),
        sources=await list_sources(session),
        overdue_jobs=await list_overdue_jobs(session),
        workers=await list_workers(session),
        leader=await get_leader(session),
        failing_models=await list_failing_models(session),
        live_prices=await get_live_prices(session),
        bars=await get_last_found(session),
        feed_reasons=await feed_gaps.list_reasons(session),
        listing_reasons=[*await list_refusals(session), *await list_renames(session)],
    )
