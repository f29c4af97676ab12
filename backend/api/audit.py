"""The log of writing requests."""

from datetime import datetime
from typing import Any

from fastapi import APIRouter

from backend.api.deps import AdminReader, ReadSession
from backend.api.paging import ById, PageOf, SinceMoment, UntilMoment, answer
from backend.api.schemas import Item
from backend.services.access import audit
from backend.web import SIGN_IN_RESPONSES

router = APIRouter(prefix="/api/audit", tags=["audit"])


class AuditItem(Item):
    """A request that may have changed something; its request id is in the log, the run and the problem."""

    id: int
    ts: datetime
    actor: str
    method: str
    path: str
    request_id: str


@router.get("", response_model=PageOf[AuditItem], responses=SIGN_IN_RESPONSES)
async def list_audit(
    _: AdminReader, session: ReadSession, page: ById, since: SinceMoment = None, until: UntilMoment = None
) -> Any:
    """Requests to write, newest first."""
    return answer(await audit.list_writes(session, page, since, until))
