"""What each endpoint of a language model was found to do; asked once and remembered for a week."""

from datetime import timedelta
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend import clock
from backend.db.paging import AnyRow
from backend.db.tables.llm import LlmEndpoint
from backend.db.upsert import upsert

REMEMBERED_FOR: Final = timedelta(days=7)


async def find_endpoint(session: AsyncSession, endpoint: str, model: str) -> AnyRow | None:
    """The row of this address and model, whatever its age; None if it was never asked."""
    columns = LlmEndpoint.__table__.columns
    query = select(*columns).where(LlmEndpoint.endpoint == endpoint, LlmEndpoint.model == model)
    return (await session.execute(query)).one_or_none()


def is_fresh(row: AnyRow) -> bool:
    """Whether it was asked within the week."""
    return bool(row.checked_at > clock.now() - REMEMBERED_FOR)


async def record_endpoint(session: AsyncSession, **values: Any) -> None:
    """Remember what an endpoint can do: all columns of its row but the time."""
    row = {**values, "checked_at": clock.now()}
    found = ["mode", "limit_field", "takes_temperature", "takes_lengths", "answered_by", "checked_at"]
    await upsert(session, LlmEndpoint, [row], key=["endpoint", "model"], update=found)
