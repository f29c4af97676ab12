"""Runs: the ledger of all work, whoever asked for it."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query

from backend.api.deps import ReadSession
from backend.api.paging import ByMomentAndUuid, PageOf, answer
from backend.api.schemas import BIGINT, Item, RunItem
from backend.domain import RunState
from backend.services import runs
from backend.services.paging import cut

router = APIRouter(prefix="/api/runs", tags=["runs"])


class RunEventItem(Item):
    id: int
    ts: datetime
    level: str
    message: str
    data: dict[str, Any] | None


class RunEvents(Item):
    """Log lines of a run; ask again with `after` = the last id."""

    items: list[RunEventItem]


@router.get("", response_model=PageOf[RunItem])
async def list_runs(
    session: ReadSession,
    page: ByMomentAndUuid,
    kind: Annotated[str | None, Query(pattern="^[a-z_]{1,60}$", examples=["crawl_news"])] = None,
    state: RunState | None = None,
) -> Any:
    """Runs, newest first."""
    rows = await runs.list_runs(session, kind=kind, state=state, before=page.after, limit=page.limit + 1)
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
