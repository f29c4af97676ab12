"""The schedule: each job with its last and next run, and starting one now."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path
from pydantic import Field

from backend.api.deps import DatabaseOfApp, ReadSession
from backend.api.orders import OrdersOfRequest
from backend.api.schemas import Body, Item, RunItem
from backend.domain import RunState
from backend.services import jobs
from backend.services.scheduler_client import job_order
from backend.web import WRITE_RESPONSES

router = APIRouter(prefix="/api/jobs", tags=["jobs"])

JobId = Annotated[str, Path(pattern="^[a-z_]{1,60}$", examples=["crawl_news"])]


class JobItem(Item):
    """A line of the schedule (cron in Asia/Seoul). `run_...` tell of its newest run, null before the first."""

    id: str
    cron: str
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
    counts: dict[str, Any] | None
    error: dict[str, Any] | None


class Jobs(Item):
    items: list[JobItem]


class RunRequest(Body):
    """Arguments of the job, checked by the scheduler."""

    arguments: dict[str, Any] = Field(default_factory=dict, examples=[{}])


@router.get("", response_model=Jobs)
async def list_jobs(session: ReadSession) -> Any:
    """Every job of the schedule."""
    return {"items": await jobs.list_jobs(session)}


@router.post("/{job_id}/runs", status_code=202, responses=WRITE_RESPONSES)
async def start_job(job_id: JobId, body: RunRequest, database: DatabaseOfApp, orders: OrdersOfRequest) -> RunItem:
    """Run a job now: 202 with the run. A kind that is not in the schedule needs the scheduler to know it."""
    async with database.read() as session:
        is_scheduled = job_id in await jobs.list_ticks(session)
    order = job_order(job_id, body.arguments, deferrable=is_scheduled)
    return await orders.accept(order, body, before=_nothing)


async def _nothing() -> None:
    """Nothing has to be true before: the scheduler checks the kind and its arguments."""
