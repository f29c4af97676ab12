"""Health of the sources: who answered, who did not and why, and what to send for a conditional GET.

A source that succeeds again with nothing new changes only `last_ok_at` and its count of requests.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final, NamedTuple

from sqlalchemy import case, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend import clock
from backend.db.tables.sources import Source
from backend.domain.operations import SourceCondition
from backend.errors import SourceError, SourceRefusedError, SourceTemporaryError

FIRST_BLOCK: Final = timedelta(minutes=15)
LONGEST_BLOCK: Final = timedelta(hours=6)
# Runs without a single item after which a source that says "fine" is not believed any more.
EMPTY_RUNS: Final = 6
QUOTA_SHARE: Final = 0.9  # what is left of a daily quota is for people


class SourceState(NamedTuple):
    """What a fetch must know of its source."""

    etag: str | None
    last_modified: str | None
    blocked_until: datetime | None
    consecutive_failures: int
    newest_item_at: datetime | None = None
    quota_date: date | None = None
    quota_used: int = 0

    @property
    def is_blocked(self) -> bool:
        return self.blocked_until is not None and self.blocked_until > clock.now()

    def has_quota(self, quota: int | None) -> bool:
        """Whether less than nine tenths of today's quota (Korean days) are used."""
        return quota is None or self.quota_date != _today() or self.quota_used < quota * QUOTA_SHARE


class Usage(NamedTuple):
    """Requests a run sent to a source, and how many it answers a day (None: unknown)."""

    requests: int = 0
    quota: int | None = None


NEVER_ASKED: Final = SourceState(None, None, None, 0)
NO_USAGE: Final = Usage()


def _today() -> date:
    return clock.now().astimezone(clock.KST).date()


async def list_source_states(session: AsyncSession) -> dict[str, SourceState]:
    """State of every source that was asked before, by id."""
    rows = await session.execute(select(Source.id, *(getattr(Source, name) for name in SourceState._fields)))
    return {row[0]: SourceState(*row[1:]) for row in rows}


async def list_sources(session: AsyncSession) -> list[dict[str, Any]]:
    """All columns of every source and its condition, ordered by kind and id."""
    columns = Source.__table__.columns
    rows = await session.execute(select(*columns).order_by(Source.kind, Source.id))
    return [row | {"state": read_condition(row)} for row in map(dict, rows.mappings())]


def read_condition(row: Mapping[str, Any]) -> SourceCondition:
    """What a person should think of a source: the most urgent of what its row says."""
    blocked_until = row["blocked_until"]
    if row["off_reason"] is not None:
        return SourceCondition.OFF
    if blocked_until is not None and blocked_until > clock.now():
        return SourceCondition.BLOCKED
    if row["consecutive_failures"]:
        return SourceCondition.FAILING
    if row["is_stalled"] or row["consecutive_empty"] >= EMPTY_RUNS:
        return SourceCondition.STALLED
    return SourceCondition.OK if row["last_ok_at"] is not None else SourceCondition.NEVER_ASKED


async def record_source_ok(
    session: AsyncSession,
    source: str,
    kind: str,
    *,
    items: int | None = None,
    newest_item_at: datetime | None = None,
    etag: str | None = None,
    last_modified: str | None = None,
    fresh_since: datetime | None = None,
    usage: Usage = NO_USAGE,
) -> None:
    """The source answered with `items` items; None: nothing new since the validators we sent (304).

    A source whose newest item is older than `fresh_since` is stalled, however well it answers.
    """
    newest = func.greatest(Source.newest_item_at, newest_item_at)
    values: dict[str, Any] = {
        "last_ok_at": clock.now(),
        "off_reason": None,
        "consecutive_failures": 0,
        "blocked_until": None,
        "newest_item_at": newest,
        "is_stalled": False if fresh_since is None else func.coalesce(newest < fresh_since, False),
    }
    if items is not None:
        values |= {"etag": etag, "last_modified": last_modified}
        values["consecutive_empty"] = 0 if items else Source.consecutive_empty + 1
    first = values | {
        "consecutive_empty": int(items == 0),
        "newest_item_at": newest_item_at,
        "is_stalled": newest_item_at is not None and fresh_since is not None and newest_item_at < fresh_since,
    }
    await _put(session, source, kind, first=first, again=values, usage=usage)


async def record_source_error(
    session: AsyncSession, source: str, kind: str, error: SourceError, *, usage: Usage = NO_USAGE
) -> None:
    """The source failed. A refusal or a Retry-After closes it for a while, doubling from 15 min to 6 h."""
    state = (await list_source_states(session)).get(source, NEVER_ASKED)
    values = {
        "last_error_at": clock.now(),
        "last_error": {"class": _class_of(error), "message": error.detail},
        "off_reason": None,
        "consecutive_failures": state.consecutive_failures + 1,
        "blocked_until": _blocked_until(error, state.consecutive_failures),
    }
    await _put(session, source, kind, first=values, again=values, usage=usage)


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


async def _put(
    session: AsyncSession, source: str, kind: str, *, first: dict[str, Any], again: dict[str, Any], usage: Usage
) -> None:
    today = _today()
    used = case((Source.quota_date == today, Source.quota_used), else_=0) + usage.requests
    counted = {"quota_date": today, "quota_limit": usage.quota}
    statement = insert(Source).values(id=source, kind=kind, **first, **counted, quota_used=usage.requests)
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=["id"], set_=again | counted | {"kind": kind, "quota_used": used}
        )
    )


def _class_of(error: SourceError) -> str:
    """The class of the tree that tells what to do; a source's own subclasses are nobody's business."""
    known = (SourceTemporaryError, SourceRefusedError)
    return next((kind.__name__ for kind in known if isinstance(error, kind)), type(error).__name__)


def _blocked_until(error: SourceError, failures_before: int) -> datetime | None:
    if error.retry_after_s is not None:
        return clock.now() + timedelta(seconds=error.retry_after_s)
    if isinstance(error, SourceRefusedError):
        return clock.now() + min(LONGEST_BLOCK, FIRST_BLOCK * (1 << min(failures_before, 5)))
    return None
