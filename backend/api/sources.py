"""Data sources, their state, and what their feeds did not show."""

from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import Field

from backend.api.deps import ReadSession
from backend.api.schemas import Item
from backend.api.stored import Shape, SourceFailure
from backend.domain.feeds import ADDRESS_CHECKED
from backend.domain.operations import SourceCondition
from backend.services.operations import feed_gaps, sources

router = APIRouter(prefix="/api/sources", tags=["sources"])


class SourceItem(Item):
    """`state` sums the row up; stalled: it answers with old items only. `off_reason` names the
    setting a source needs, `blocked_until` is the end of a pause after failures, `consecutive_empty` counts runs
    without an item, `quota_used` the requests of `quota_date` (Korean days)."""

    id: str
    kind: str
    state: SourceCondition
    off_reason: str | None
    last_ok_at: datetime | None
    last_error_at: datetime | None
    last_error: Annotated[dict[str, Any], Shape(SourceFailure)] | None
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


@router.get("", response_model=Sources)
async def list_sources(session: ReadSession) -> Any:
    """Every source of this installation, on or off."""
    rows = await sources.list_sources(session)
    items = [row | {"address_checked": ADDRESS_CHECKED.get(row["id"])} for row in rows]
    return {"items": items, "gaps": await feed_gaps.list_gaps(session)}
