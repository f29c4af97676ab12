"""State of the sources: last success and error, blocks, quota, and the validators for conditional GETs."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final, NamedTuple

from sqlalchemy import case, func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend import clock
from backend.db.tables.sources import Source
from backend.domain.operations import Gap, Reason, SourceCondition, SourceSwitch, data_of, list_gaps
from backend.errors import NotFoundError, SourceError, SourceRefusedError, SourceTemporaryError
from backend.trouble import QUOTA_GONE

FIRST_BLOCK: Final = timedelta(minutes=15)
LONGEST_BLOCK: Final = timedelta(hours=6)
# A source that answers without any item in this many runs in a row counts as stalled.
EMPTY_RUNS: Final = 6
QUOTA_SHARE: Final = 0.9  # of the daily quota; the rest is left for requests by people


class SourceState(NamedTuple):
    """What a fetch needs to know about its source."""

    etag: str | None
    last_modified: str | None
    blocked_until: datetime | None
    consecutive_failures: int
    newest_item_at: datetime | None = None
    quota_date: date | None = None
    quota_used: int = 0
    last_ok_at: datetime | None = None

    @property
    def is_blocked(self) -> bool:
        return self.blocked_until is not None and self.blocked_until > clock.now()

    def has_quota(self, quota: int | None) -> bool:
        """Whether less than QUOTA_SHARE of the quota of today (Korean date) is used."""
        return quota is None or self.quota_date != _today() or self.quota_used < quota * QUOTA_SHARE


class Usage(NamedTuple):
    """Requests that a run sent to a source, and the source's daily quota (None: unknown)."""

    requests: int = 0
    quota: int | None = None


_ON: Final = {"off_reason": None, "off_code": None, "off_setting": None}
NEVER_ASKED: Final = SourceState(None, None, None, 0)
NO_USAGE: Final = Usage()


def _today() -> date:
    return clock.now().astimezone(clock.KST).date()


async def list_source_states(session: AsyncSession) -> dict[str, SourceState]:
    """State of every source that was ever requested, by id."""
    rows = await session.execute(select(Source.id, *(getattr(Source, name) for name in SourceState._fields)))
    return {row[0]: SourceState(*row[1:]) for row in rows}


async def list_sources(session: AsyncSession) -> list[dict[str, Any]]:
    """All columns of every source and its condition, ordered by kind and id."""
    columns = Source.__table__.columns
    rows = await session.execute(select(*columns).order_by(Source.kind, Source.id))
    return [row | {"state": read_condition(row), "off": _read_off(row)} for row in map(dict, rows.mappings())]


async def get_source(session: AsyncSession, source: str) -> dict[str, Any]:
    """One of `list_sources`. Raises NotFoundError."""
    found = next((row for row in await list_sources(session) if row["id"] == source), None)
    if found is None:
        raise NotFoundError(f"There is no source {source}; GET /api/sources lists them.")
    return found


def _read_off(row: Mapping[str, Any]) -> dict[str, Any] | None:
    """Why it is off, for programs; None for one that is on, or whose reason an older azak stored."""
    return None if row["off_code"] is None else {"code": row["off_code"], "setting": row["off_setting"]}


def list_gaps_of(rows: Sequence[Mapping[str, Any]]) -> list[Gap]:
    """Data for which every source of `rows` (as `list_sources`) is off. Sources that are not stored say nothing."""
    known = {data for row in rows for data in data_of(row["id"], row["kind"])}
    is_on = [row for row in rows if row["state"] != SourceCondition.OFF]
    return list_gaps({data for row in is_on for data in data_of(row["id"], row["kind"])}, of=known)


def list_quota_reasons(rows: Sequence[Mapping[str, Any]]) -> list[Reason]:
    """Sources (as `list_sources`) that are not asked again today, because their quota is used."""
    used_up = [
        row for row in rows
        if row["quota_limit"] is not None and row["quota_date"] == _today() and row["off_reason"] is None
        and row["quota_used"] >= row["quota_limit"] * QUOTA_SHARE
    ]  # fmt: skip
    told = [{"source": row["id"], "used": row["quota_used"], "limit": row["quota_limit"]} for row in used_up]
    return [Reason(QUOTA_GONE.code, values["source"], QUOTA_GONE.sentence.format(**values), values) for values in told]


def read_condition(row: Mapping[str, Any]) -> SourceCondition:
    """The condition of a source: the most urgent one that its row fulfils."""
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
    """Record a success with `items` items; None means unchanged since our validators (HTTP 304).

    A source whose newest item is older than `fresh_since` is stalled, even if it answers.
    """
    newest = func.greatest(Source.newest_item_at, newest_item_at)
    values: dict[str, Any] = {
        "last_ok_at": clock.now(),
        **_ON,
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
    await _put(session, source, kind, new=first, update=values, usage=usage)


async def record_source_error(
    session: AsyncSession, source: str, kind: str, error: SourceError, *, usage: Usage = NO_USAGE
) -> None:
    """Record a failure. A refusal blocks the source for 15 min, doubling up to 6 h; a Retry-After for its time."""
    state = (await list_source_states(session)).get(source, NEVER_ASKED)
    values = {
        "last_error_at": clock.now(),
        "last_error": {"class": _class_of(error), "message": error.detail},
        **_ON,
        "consecutive_failures": state.consecutive_failures + 1,
        "blocked_until": _blocked_until(error, state.consecutive_failures),
    }
    await _put(session, source, kind, new=values, update=values, usage=usage)


async def record_switches(session: AsyncSession, switches: Sequence[SourceSwitch]) -> None:
    """Store which sources are on and why the others are not. Writes only what has changed."""
    for switch in switches:
        off = switch.off
        values: dict[str, Any] = {
            "off_reason": off and off.sentence, "off_code": off and off.code, "off_setting": off and off.setting,
            "key_settings": list(switch.keys),
        }  # fmt: skip
        columns = [getattr(Source, name) for name in values]
        statement = insert(Source).values(id=switch.id, kind=switch.kind, **values)
        await session.execute(
            statement.on_conflict_do_update(
                index_elements=["id"],
                set_=values | ({"blocked_until": None} if off else {}),
                where=or_(*(column.is_distinct_from(statement.excluded[column.name]) for column in columns)),
            )
        )


async def _put(
    session: AsyncSession, source: str, kind: str, *, new: dict[str, Any], update: dict[str, Any], usage: Usage
) -> None:
    today = _today()
    used = case((Source.quota_date == today, Source.quota_used), else_=0) + usage.requests
    counted = {"quota_date": today, "quota_limit": usage.quota}
    statement = insert(Source).values(id=source, kind=kind, **new, **counted, quota_used=usage.requests)
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=["id"], set_=update | counted | {"kind": kind, "quota_used": used}
        )
    )


def _class_of(error: SourceError) -> str:
    """The class that decides what to do about it, instead of a source's own subclass."""
    known = (SourceTemporaryError, SourceRefusedError)
    return next((kind.__name__ for kind in known if isinstance(error, kind)), type(error).__name__)


def _blocked_until(error: SourceError, failures_before: int) -> datetime | None:
    if error.retry_after_s is not None:
        return clock.now() + timedelta(seconds=error.retry_after_s)
    if isinstance(error, SourceRefusedError):
        return clock.now() + min(LONGEST_BLOCK, FIRST_BLOCK * (1 << min(failures_before, 5)))
    return None
