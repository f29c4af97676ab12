"""Health of the sources: who answered, who did not and why, and what to send for a conditional GET.

A source that succeeds again with nothing new changes only `last_ok_at`.
"""

from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend import clock
from backend.db.tables.sources import Source
from backend.errors import SourceError, SourceRefusedError

FIRST_BLOCK: Final = timedelta(minutes=15)
LONGEST_BLOCK: Final = timedelta(hours=6)


class SourceState(NamedTuple):
    """What a fetch must know of its source."""

    etag: str | None
    last_modified: str | None
    blocked_until: datetime | None
    consecutive_failures: int

    @property
    def is_blocked(self) -> bool:
        return self.blocked_until is not None and self.blocked_until > clock.now()


NEVER_ASKED: Final = SourceState(None, None, None, 0)


async def list_source_states(session: AsyncSession) -> dict[str, SourceState]:
    """State of every source that was asked before, by id."""
    columns = (Source.etag, Source.last_modified, Source.blocked_until, Source.consecutive_failures)
    rows = await session.execute(select(Source.id, *columns))
    return {row[0]: SourceState(*row[1:]) for row in rows}


async def list_sources(session: AsyncSession) -> list[dict[str, Any]]:
    """All columns of every source, ordered by kind and id."""
    columns = Source.__table__.columns
    rows = await session.execute(select(*columns).order_by(Source.kind, Source.id))
    return [dict(row._mapping) for row in rows]  # noqa: SLF001  (the documented way to a row's mapping)


async def record_source_ok(
    session: AsyncSession,
    source: str,
    kind: str,
    *,
    items: int | None = None,
    newest_item_at: datetime | None = None,
    etag: str | None = None,
    last_modified: str | None = None,
) -> None:
    """The source answered with `items` items; None: nothing new since the validators we sent (304)."""
    values: dict[str, Any] = {
        "last_ok_at": clock.now(),
        "off_reason": None,
        "consecutive_failures": 0,
        "blocked_until": None,
    }
    if items is not None:
        values |= {"etag": etag, "last_modified": last_modified}
        values["consecutive_empty"] = 0 if items else Source.consecutive_empty + 1
    if newest_item_at is not None:
        values["newest_item_at"] = func.greatest(Source.newest_item_at, newest_item_at)
    first = values | {"consecutive_empty": int(items == 0), "newest_item_at": newest_item_at}
    await _put(session, source, kind, first=first, again=values)


async def record_source_error(session: AsyncSession, source: str, kind: str, error: SourceError) -> None:
    """The source failed. A refusal or a Retry-After closes it for a while, doubling from 15 min to 6 h."""
    state = (await list_source_states(session)).get(source, NEVER_ASKED)
    values = {
        "last_error_at": clock.now(),
        "last_error": {"class": type(error).__name__, "message": error.detail},
        "off_reason": None,
        "consecutive_failures": state.consecutive_failures + 1,
        "blocked_until": _blocked_until(error, state.consecutive_failures),
    }
    await _put(session, source, kind, first=values, again=values)


async def record_source_off(session: AsyncSession, source: str, kind: str, reason: str) -> None:
    """The source is not asked; `reason` names the setting it waits for. Writes only when that is news."""
    statement = insert(Source).values(id=source, kind=kind, off_reason=reason)
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=["id"],
            set_={"off_reason": reason, "blocked_until": None},
            where=Source.off_reason.is_distinct_from(reason),
        )
    )


async def _put(session: AsyncSession, source: str, kind: str, *, first: dict[str, Any], again: dict[str, Any]) -> None:
    statement = insert(Source).values(id=source, kind=kind, **first)
    await session.execute(statement.on_conflict_do_update(index_elements=["id"], set_=again))


def _blocked_until(error: SourceError, failures_before: int) -> datetime | None:
    if error.retry_after_s is not None:
        return clock.now() + timedelta(seconds=error.retry_after_s)
    if isinstance(error, SourceRefusedError):
        return clock.now() + min(LONGEST_BLOCK, FIRST_BLOCK * (1 << min(failures_before, 5)))
    return None
