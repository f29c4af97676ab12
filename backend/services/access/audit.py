"""The audit log: one row per write request, stored before the request is carried out."""

from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.paging import Keyset, Page, fetch_newest
from backend.db.tables.access import AuditEntry


async def record_write(session: AsyncSession, *, actor: str, method: str, path: str, request_id: str) -> None:
    """Add an entry. `request_id` is also in the access log, in the run and in the problem, so it finds the result."""
    row = {"actor": actor, "method": method, "path": path, "request_id": request_id}
    await session.execute(insert(AuditEntry).values(row))


async def list_writes(session: AsyncSession, keyset: Keyset, since: datetime | None, until: datetime | None) -> Page:
    """Newest first, from `since` on and before `until`."""
    entry = AuditEntry
    statement = select(entry.id, entry.ts, entry.actor, entry.method, entry.path, entry.request_id)
    if since is not None:
        statement = statement.where(entry.ts >= since)
    if until is not None:
        statement = statement.where(entry.ts < until)
    return await fetch_newest(session, statement, keyset, by=[entry.id], key=lambda row: (row.id,))
