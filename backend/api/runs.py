"""Runs: the ledger of all work; cancelling and repeating a run."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query

from backend.api.deps import DatabaseOfApp, ReadSession, Writer, WriteSession
from backend.api.paging import ByMomentAndUuid, PageOf, answer
from backend.api.scheduler_client import job_work
from backend.api.schemas import Body, Item, RunItem
from backend.api.stored import EventData, Shape
from backend.api.work_requests import WorkRequestsOfCall
from backend.db.paging import cut
from backend.domain.runs import Origin, RunState
from backend.internal import BIGINT
from backend.services.runs import runs
from backend.web import WRITE_RESPONSES

router = APIRouter(prefix="/api/runs", tags=["runs"])


class RunEventItem(Item):
    id: int
    ts: datetime
    level: str
    message: str
    data: Annotated[dict[str, Any], Shape(EventData)] | None


class RetryRequest(Body):
    """Nothing to say: the path names the run."""


class RunEvents(Item):
    """Log lines of a run; ask again with `after` = the last id."""

    items: list[RunEventItem]


@router.get("", response_model=PageOf[RunItem])
async def list_runs(
    session: ReadSession,
    page: ByMomentAndUuid,
    *,
    kind: Annotated[str | None, Query(pattern="^[a-z_]{1,60}$", examples=["crawl_news"])] = None,
    state: RunState | None = None,
    origin: Origin | None = None,
    id_prefix: Annotated[
        str | None,
        Query(pattern="^(-?[0-9a-f]){1,32}-?$", description="First digits of the id.", examples=["2d9b0eff"]),
    ] = None,
) -> Any:
    """Runs, newest first; `since` and `until` are of `created_at`."""
    wanted = runs.RunFilter(kind, state, origin, page.since, page.until, id_prefix)
    rows = await runs.list_runs(session, wanted, before=page.after, limit=page.limit + 1)
    return answer(cut(rows, page, lambda row: (row.created_at, row.id)))


@router.get("/{run_id}", response_model=RunItem)
async def get_run(session: ReadSession, run_id: UUID) -> Any:
    """One run: state, progress, counts or error."""
    return await runs.get_run(session, run_id)


@router.get("/{run_id}/events", response_model=RunEvents)
async def list_run_events(session: ReadSession, run_id: UUID, after: Annotated[int, Query(ge=0, le=BIGINT)] = 0) -> Any:
    """Log lines of a run, oldest first."""
    items = await runs.list_events(session, run_id, after=after)
    if not items:
        await runs.get_run(session, run_id)
    return {"items": items}


@router.post("/{run_id}/cancel", response_model=RunItem, responses=WRITE_RESPONSES)
async def cancel_run(run_id: UUID, session: WriteSession, writer: Writer) -> Any:
    """End a waiting run at once, a running one at its next heartbeat (a few seconds); 409 when it has ended."""
    await runs.request_cancel(session, run_id, requested_by=writer)
    return await runs.get_run(session, run_id)


@router.post("/{run_id}/retry", status_code=202, responses=WRITE_RESPONSES)
async def retry_run(run_id: UUID, database: DatabaseOfApp, requests: WorkRequestsOfCall) -> RunItem:
    """Repeat a run that did not succeed, as a new run (`retry_of`); 409 while it is open or if it succeeded."""
    async with database.read() as session:
        run = await runs.require_repeatable(session, run_id)
    return await requests.accept(job_work(run.kind, run.arguments, retry_of=run_id), RetryRequest())
