"""Accepts runs: inserts the row of the ledger and the row of the engine in one transaction."""

from typing import Any

from backend.db.session import Session
from backend.domain.runs import Origin
from backend.scheduler import engine
from backend.scheduler.engine import Offer
from backend.scheduler.registry import get_kind
from backend.services.operations import named
from backend.services.runs import runs


async def accept(
    session: Session, kind_id: str, arguments: dict[str, Any], *, origin: Origin, **more: Any
) -> runs.AcceptedRun:
    """Accept a run of `kind_id`. Raises NotFoundError or InvalidInputError before anything is stored."""
    kind = get_kind(kind_id)
    checked = kind.parse(arguments).model_dump(mode="json", exclude_none=True)
    await named.require_named(session, kind_id, checked)
    run = await runs.accept(
        session, kind=kind_id, arguments=checked, origin=origin, max_attempts=kind.max_attempts, **more
    )
    if run.created:
        await engine.enqueue(session, [Offer(run.id, kind_id, runs.PRIORITY[origin])])
    return run
