"""Health: /readyz for a load balancer, /api/health for people, /metrics for Prometheus.

None depends on the scheduler's answer.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse
from pydantic import Field

from backend.api.deps import DatabaseOfApp, SettingsOfApp
from backend.api.schemas import Item, PausedItem
from backend.api.shapes import Shape
from backend.db.revision import newest_revision, require_schema
from backend.domain.operations import Reason, SourceCondition, SourceData
from backend.errors import TroubleError
from backend.loops.pulse import PULSE
from backend.services.operations import health
from backend.services.operations.health import Health
from backend.services.operations.process_reasons import Process
from backend.services.operations.restart import restart_command
from backend.trouble import LOOP_STOPPED
from backend.web import Reading, prometheus_response, read_process

router = APIRouter(tags=["health"])


class Ready(Item):
    status: Literal["ready"] = "ready"
    revision: str


class DatabasePart(Item):
    reachable: bool
    revision: str | None
    expected_revision: str


class SchedulerPart(Item):
    """`silent`: no heartbeat for AZAK_SCHEDULER_SILENT_AFTER_S; `stopped`: it ended normally; `unknown`: never seen."""

    state: str
    heartbeat_age_s: float | None
    holder: str | None = Field(description="host:pid:id of the scheduler that holds (or last held) the lease.")
    epoch: int | None = Field(description="Grows with each takeover.")
    active_since: datetime | None
    restart: str = Field(description="Shell command that starts it again, on the machine of this API.")


class WorkerPart(Item):
    """A process that executes runs: the scheduler, or a worker on any machine."""

    role: str
    host: str
    pid: int
    version: str
    state: str
    kinds: list[str]
    started_at: datetime
    heartbeat_age_s: float
    running: int = Field(description="Runs it executes now.")
    concurrency: int
    models: str


class ModelsPart(Item):
    """State of the model process at its last report."""

    state: str
    details: Annotated[dict[str, Any], Shape("backend.api.stored:ModelProcessState")]


class ExchangePart(Item):
    """The exchange at the scheduler's last heartbeat: `open` or `closed`, until when."""

    state: Literal["open", "closed"]
    until: datetime


class SourcePart(Item):
    id: str
    kind: str
    state: SourceCondition
    off_reason: str | None
    last_ok_at: datetime | None
    last_error_at: datetime | None
    newest_item_at: datetime | None
    newest_age_s: float | None


class ReasonItem(Item):
    """A reason to look, for programs: both `code` and `subject` stay the same while it lasts."""

    code: str = Field(description="Class of trouble, for the page's words.")
    subject: str = Field(description="Whom it is about: a job, a process, a source, a channel.")
    values: dict[str, str | int | float] = Field(description="What the sentence names and counts.")
    reason: str
    since: datetime | None = Field(
        description="From when on it is so, for data the last time that it came; null: not known."
    )


class LoopItem(Item):
    """A loop of a process; `age_s`: seconds since its last good turn, allowed are `within_s`."""

    name: str
    age_s: float
    within_s: float
    error: str | None


class ProcessPart(Item):
    """A living process of azak as its last sign tells it."""

    role: str
    host: str
    pid: int
    state: str
    heartbeat_age_s: float
    started_at: datetime | None
    loops: list[LoopItem]
    lag_s: float | None = Field(description="Worst lateness of its event loop in a minute.")
    clock_ahead_s: float | None = Field(description="Its clock against the database's.")
    disk_free_mb: int | None
    log_lines_dropped: int


class ChannelPart(Item):
    """A channel that has not taken what it was sent, and since when the oldest of it waits."""

    channel: str
    waiting: int
    waiting_s: float
    attempts: int
    error: str | None


class HealthReport(Item):
    """`degraded` when something needs a look; `reasons` says what, a sentence each with what to do."""

    status: Literal["ok", "degraded"]
    reasons: list[str]
    troubles: list[ReasonItem] = Field(description="The same reasons for programs.")
    notices: list[str] = Field(description="What is not wrong and may have been forgotten, such as a paused job.")
    paused_jobs: list[PausedItem] = Field(description="The same notices for programs.")
    processes: list[ProcessPart]
    channels: list[ChannelPart]
    version: str
    demo: bool
    database: DatabasePart
    scheduler: SchedulerPart
    models: ModelsPart
    market: ExchangePart | None
    workers: list[WorkerPart]
    sources: list[SourcePart]
    missing: list[SourceData]
    overdue_jobs: list[str]
    bars: dict[str, int]


@router.get("/readyz", response_model=Ready)
async def readyz(request: Request, database: DatabaseOfApp) -> Any:
    """200 when this instance can serve: its event loop turns, the database answers and has the newest schema."""
    pulse = request.app.state.loops.find(PULSE)
    if pulse.has_stopped:
        raise TroubleError(LOOP_STOPPED, loop=PULSE, process="API", seconds=round(pulse.age_s))
    async with database.probe() as session:
        revision = await health.get_revision(session)
    require_schema(revision)
    return {"revision": revision}


@router.get("/api/health", response_model=HealthReport)
async def get_health(request: Request, database: DatabaseOfApp, settings: SettingsOfApp) -> Any:
    """State of each part. Always 200; the parts say what is wrong."""
    own = request.app.state.signs.list_reasons()
    found = await health.get_health(database, silent_after_s=settings.scheduler.silent_after_s, own=own)
    reasons = found.list_reasons()
    return {
        "status": "degraded" if reasons else "ok",
        "reasons": [reason.sentence for reason in reasons],
        "troubles": [_reason(reason) for reason in reasons],
        "notices": found.list_notices(),
        "paused_jobs": [{"job": job.id, "by": job.paused_by, "at": job.paused_at} for job in found.paused],
        "processes": [_process(process) for process in found.processes],
        "channels": [asdict(channel) for channel in found.channels],
        "version": request.app.version,
        "demo": settings.calendar.kind == "demo",
        "database": {
            "reachable": found.reachable,
            "revision": found.revision,
            "expected_revision": newest_revision(),
        },
        "scheduler": _scheduler(found),
        "models": _models(found.scheduler),
        "workers": [_worker(row) for row in found.workers],
        "market": found.market,
        "sources": [_source(row, found.now) for row in found.sources],
        "missing": [gap.data for gap in found.list_gaps()],
        "overdue_jobs": [job.id for job in found.overdue_jobs],
        "bars": found.bars,
    }


@router.get("/metrics", response_class=PlainTextResponse)
async def get_prometheus(request: Request, database: DatabaseOfApp, settings: SettingsOfApp) -> Response:
    """/api/health as numbers, and this instance: its requests, loops and connections. Prometheus' text format."""
    state = request.app.state
    own = state.signs.list_reasons()
    found = await health.get_health(database, silent_after_s=settings.scheduler.silent_after_s, own=own)
    pools = [*database.pools(), state.reader.pool()]
    return prometheus_response([*_readings(found), *read_process(state.signs.read(), pools)])


def _readings(found: Health) -> Iterator[Reading]:
    is_active = found.scheduler_state == "active"
    yield Reading("azak_database_reachable", "1: the database answers.", found.reachable)
    yield Reading("azak_health_reasons", "Reasons to look, as /api/health lists them.", len(found.list_reasons()))
    yield Reading("azak_scheduler_active", "1: a scheduler is active and gives signs of life.", is_active)
    if found.scheduler is not None:
        age_s = float(found.scheduler.age_s)
        yield Reading("azak_scheduler_heartbeat_age_seconds", "Age of the scheduler's last sign.", age_s)
    for depth in found.depths:
        labels = {"kind": depth.kind, "state": depth.state}
        yield Reading("azak_runs_open", "Runs that wait or are executed.", depth.runs, labels)
        yield Reading("azak_runs_open_oldest_seconds", "For how long the oldest is due.", depth.oldest_s, labels)
    for channel in found.channels:
        labels = {"channel": channel.channel}
        yield Reading("azak_deliveries_waiting", "Lines that a channel did not take.", channel.waiting, labels)
    for job in found.overdue_jobs:
        yield Reading("azak_job_overdue", "1: the job does not do what the schedule promises.", 1, {"job": job.id})
    for source in (_source(row, found.now) for row in found.sources):
        labels, is_well = {"source": source["id"], "kind": source["kind"]}, source["state"] == SourceCondition.OK
        yield Reading("azak_source_well", "1: it answers, and what it says is new.", is_well, labels)
        if source["newest_age_s"] is not None:
            meaning = "Age of the newest item of a source."
            yield Reading("azak_source_newest_age_seconds", meaning, source["newest_age_s"], labels)


def _reason(reason: Reason) -> dict[str, Any]:
    return {
        "code": reason.code, "subject": reason.subject, "values": dict(reason.values), "reason": reason.sentence,
        "since": reason.since,
    }  # fmt: skip


def _database(reachable: bool, revision: str | None) -> dict[str, Any]:
    return {"reachable": reachable, "revision": revision, "expected_revision": newest_revision()}


def _process(process: Process) -> dict[str, Any]:
    signs = process.signs
    return {
        "role": process.role,
        "host": process.host,
        "pid": process.pid,
        "state": "silent" if process.is_silent else process.state,
        "heartbeat_age_s": round(process.age_s, 1),
        "started_at": process.started_at,
        "loops": [{"name": name, **loop} for name, loop in signs.get("loops", {}).items()],
        "lag_s": signs.get("lag_s"),
        "clock_ahead_s": signs.get("clock_ahead_s"),
        "disk_free_mb": (signs.get("disk") or {}).get("free_mb"),
        "log_lines_dropped": (signs.get("log") or {}).get("dropped", 0),
    }


def _scheduler(found: Health) -> dict[str, Any]:
    row, leader = found.scheduler, found.leader
    return {
        "state": found.scheduler_state,
        "heartbeat_age_s": None if row is None else round(float(row.age_s), 1),
        "holder": leader and leader.holder,
        "epoch": leader and leader.epoch,
        "active_since": leader and leader.acquired_at,
        "restart": restart_command(),
    }


def _worker(row: Any) -> dict[str, Any]:
    told = {"running": 0, "concurrency": 0, **row.details}
    models = told.get("models", {}).get("state", "unknown")
    stored = {name: getattr(row, name) for name in ("role", "host", "pid", "version", "state", "kinds", "started_at")}
    return {**stored, **told, "models": models, "heartbeat_age_s": round(float(row.age_s), 1)}


def _models(row: Any) -> dict[str, Any]:
    details = {} if row is None else row.details.get("models", {})
    return {"state": details.get("state", "unknown"), "details": details}


def _source(row: Mapping[str, Any], now: datetime | None) -> dict[str, Any]:
    newest = row["newest_item_at"]
    age_s = None if newest is None or now is None else (now - newest).total_seconds()
    return {**row, "newest_age_s": age_s}
