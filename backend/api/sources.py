"""Data sources, their state, and what their feeds did not show."""

from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from pydantic import ConfigDict, Field

from backend.api.deps import Admin, DatabaseOfApp, ReadSession
from backend.api.scheduler_client import SchedulerClient
from backend.api.schemas import Item
from backend.api.shapes import Shape
from backend.domain.feeds import ADDRESS_CHECKED
from backend.domain.operations import OffCode, SourceCondition
from backend.internal import SourceChange
from backend.services.operations import feed_gaps, sources
from backend.web import WRITE_RESPONSES, request_id_of

router = APIRouter(prefix="/api/sources", tags=["sources"])


class OffReason(Item):
    """Why a source is not asked; `setting` decides it."""

    code: OffCode
    setting: str


class SourceItem(Item):
    """`state` sums the row up; stalled: it answers with old items only. `off_reason` says in English why a source is
    not asked, `off` to programs; `key_settings` are the settings that hold its keys, `blocked_until` is the end of a
    pause after failures, `consecutive_empty` counts runs without an item, `quota_used` the requests of `quota_date`
    (Korean days)."""

    id: str
    kind: str
    state: SourceCondition
    off_reason: str | None
    off: OffReason | None
    key_settings: list[str]
    last_ok_at: datetime | None
    last_error_at: datetime | None
    last_error: Annotated[dict[str, Any], Shape("backend.api.stored:SourceFailure")] | None
    newest_item_at: datetime | None
    consecutive_failures: int
    consecutive_empty: int
    blocked_until: datetime | None
    quota_date: date | None
    quota_used: int
    quota_limit: int | None
    address_checked: date | None = Field(
        description="Of a paper's feed: the day on which its default address was last seen to answer with new items."
    )


class FeedGapItem(Item):
    """What `source` published after `since` and before `until` was not seen: its feed holds only its newest items.

    `filled_by` is the source that was asked for all of it instead, at `closed_at`; `reason` says why none was. A search
    fills it for the watched stocks."""

    source: str
    since: datetime
    until: datetime
    found_at: datetime
    reason: str | None
    closed_at: datetime | None
    filled_by: str | None


class Sources(Item):
    items: list[SourceItem]
    gaps: list[FeedGapItem] = Field(
        description="Open ones, and those filled in the last 30 days, newest first; at most 200."
    )


class SourceBody(SourceChange):
    """What is left out stays. `on: true` says yes to endpoints that are unofficial, too. Keys are kept in azak.env of
    the scheduler's machine and never shown again; the jobs ask with them from their next run on."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"on": True, "keys": [{"setting": "AZAK_SOURCES_DART_KEY", "value": "0123456789abcdef"}]}]
        }
    )


SourceId = Annotated[str, Path(pattern="^[a-z0-9_]{1,60}$", examples=["dart"])]


@router.get("", response_model=Sources)
async def list_sources(session: ReadSession) -> Any:
    """Every source of this installation, on or off."""
    items = [_item(row) for row in await sources.list_sources(session)]
    return {"items": items, "gaps": await feed_gaps.list_gaps(session)}


@router.patch("/{source_id}", response_model=SourceItem, responses=WRITE_RESPONSES)
async def change_source(
    source_id: SourceId, body: SourceBody, admin: Admin, request: Request, database: DatabaseOfApp
) -> Any:
    """Switch a source on or off, or give it keys, while azak runs. It stays so over restarts.

    A setting that stands in the scheduler's environment goes first and cannot be changed here (409). Try it afterwards
    with `POST /api/jobs/check_sources/runs`.
    """
    async with database.read() as session:
        await sources.get_source(session, source_id)
    scheduler: SchedulerClient = request.app.state.scheduler
    await scheduler.change_source(source_id, body, requested_by=admin.name, request_id=request_id_of(request))
    async with database.read() as session:
        return _item(await sources.get_source(session, source_id))


def _item(row: dict[str, Any]) -> dict[str, Any]:
    return row | {"address_checked": ADDRESS_CHECKED.get(row["id"])}
