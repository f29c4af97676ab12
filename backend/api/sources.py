"""Data sources and their state."""

from datetime import date, datetime
from typing import Any

from fastapi import APIRouter

from backend.api.deps import ReadSession
from backend.api.schemas import Item
from backend.domain.operations import SourceCondition
from backend.services.operations import sources

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
    last_error: dict[str, Any] | None
    newest_item_at: datetime | None
    consecutive_failures: int
    consecutive_empty: int
    blocked_until: datetime | None
    quota_date: date | None
    quota_used: int
    quota_limit: int | None


class Sources(Item):
    items: list[SourceItem]


@router.get("", response_model=Sources)
async def list_sources(session: ReadSession) -> Any:
    """Every source of this installation, on or off."""
    return {"items": await sources.list_sources(session)}
