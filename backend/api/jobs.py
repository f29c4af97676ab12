"""The schedule: each job with its last and next run; pausing, changing and starting a job."""

from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from fastapi import APIRouter, Path
from pydantic import ConfigDict, Field, model_validator

from backend.api.deps import ReadSession, Writer, WriteSession
from backend.api.scheduler_client import job_work
from backend.api.schemas import Body, Item, RunItem
from backend.api.stored import Arguments, RunCounts, RunError, Shape
from backend.api.work_requests import WorkRequestsOfCall
from backend.domain.runs import RunReason, RunState
from backend.services.runs import jobs
from backend.services.runs.jobs import CustomSchedule
from backend.services.runs.leader import get_leader
from backend.web import WRITE_RESPONSES

router = APIRouter(prefix="/api/jobs", tags=["jobs"])

JobId = Annotated[str, Path(pattern="^[a-z_]{1,60}$", examples=["crawl_news"])]


class JobItem(Item):
    """A scheduled job (times are Asia/Seoul). `run_...` describe its newest run, null before the first.

    In force is `interval_minutes` (counted from midnight of 1 January 2026), else `custom_cron`, else `cron`.
    """

    id: str
    cron: str = Field(description="The lines of this version of azak, separated by ';'.")
    custom_cron: str | None
    interval_minutes: int | None
    changed_at: datetime | None
    changed_by: str | None
    next_run_at: datetime | None
    last_scheduled_for: datetime | None
    paused_at: datetime | None
    paused_by: str | None
    last_success_at: datetime | None
    run_id: UUID | None
    run_state: RunState | None
    started_at: datetime | None
    finished_at: datetime | None
    progress: float | None
    message: str | None
    reason: RunReason | None
    counts: Annotated[dict[str, Any], Shape(RunCounts)] | None
    error: Annotated[dict[str, Any], Shape(RunError)] | None


class ActiveScheduler(Item):
    """Who holds (or last held) the lease of the one active scheduler; `expired`: nobody holds it now."""

    holder: str
    epoch: int
    acquired_at: datetime
    expired: bool


class Jobs(Item):
    items: list[JobItem]
    scheduler: ActiveScheduler | None


class JobChange(Body):
    """What is left out stays. `cron` and `interval_minutes` replace each other; null restores azak's own schedule."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"interval_minutes": 5}]})

    paused: bool = False
    cron: str | None = Field(None, max_length=100, examples=["*/10 9-15 * * mon-fri"])
    interval_minutes: int | None = Field(None, ge=1, le=10_080, examples=[5])

    @model_validator(mode="after")
    def _one_schedule(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("name what to change: paused, cron or interval_minutes")
        if self.cron is not None and self.interval_minutes is not None:
            raise ValueError("give cron or interval_minutes, not both")
        return self


class RunRequest(Body):
    """Arguments of the job, checked before anything is stored."""

    arguments: Annotated[dict[str, Any], Shape(Arguments)] = Field(default_factory=dict, examples=[{}])


@router.get("", response_model=Jobs)
async def list_jobs(session: ReadSession) -> Any:
    """Every job of the schedule, and which scheduler acts since when."""
    return {"items": await jobs.list_jobs(session), "scheduler": await get_leader(session)}


@router.patch("/{job_id}", response_model=JobItem, responses=WRITE_RESPONSES)
async def change_job(job_id: JobId, body: JobChange, session: WriteSession, writer: Writer) -> Any:
    """Pause or resume a job, or change when it runs. It stays so over restarts; the clock follows within seconds.

    While a job is paused its ticks are runs in the state `skipped`; it may still be run by hand.
    """
    given = body.model_fields_set
    if "paused" in given:
        await jobs.pause_job(session, job_id, paused_by=writer if body.paused else None)
    if given & {"cron", "interval_minutes"}:
        schedule = CustomSchedule(body.cron, body.interval_minutes)
        await jobs.change_schedule(session, job_id, schedule, changed_by=writer)
    return await jobs.get_job(session, job_id)


@router.post("/{job_id}/runs", status_code=202, responses=WRITE_RESPONSES)
async def start_job(job_id: JobId, body: RunRequest, requests: WorkRequestsOfCall) -> RunItem:
    """Run a job now: 202 with the run. Kinds that are in no schedule (backtest, load_history) start here too."""
    return await requests.accept(job_work(job_id, body.arguments), body)
