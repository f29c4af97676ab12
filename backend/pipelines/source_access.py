"""Which sources a job may ask now, and how it tells what they answered: shared by every job that reads the outside."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from backend import clock
from backend.db.session import Session
from backend.errors import SourceError, SourceTemporaryError
from backend.pipelines.context import RunContext
from backend.services.operations import sources
from backend.services.operations.sources import NEVER_ASKED, SourceState, Usage
from backend.sources.catalogue import SourceInfo
from backend.sources.http.client import seconds_to_midnight


@dataclass(frozen=True, slots=True)
class Admission:
    """A source and what is known of it; `refusal` tells why it may not be asked now."""

    info: SourceInfo
    state: SourceState
    refusal: SourceError | None = None


async def admit(context: RunContext, infos: Sequence[SourceInfo]) -> list[Admission]:
    """Those of `infos` that are on. A closed one (ban, pause, quota) comes with its refusal."""
    off = [info for info in infos if info.off_reason]
    if off:
        async with context.write() as session:
            for info in off:
                await sources.record_source_off(session, info.id, info.kind, str(info.off_reason))
    async with context.read() as session:
        states = await sources.list_source_states(session)
    return [_admission(info, states.get(info.id, NEVER_ASKED)) for info in infos if not info.off_reason]


def _admission(info: SourceInfo, state: SourceState) -> Admission:
    refusal = None
    if state.blocked_until is not None and state.is_blocked:
        pause_s = round((state.blocked_until - clock.now()).total_seconds())
        refusal = SourceTemporaryError(f"{info.id} is closed for {pause_s} s after a refusal.", retry_after_s=pause_s)
    elif not state.has_quota(info.quota):
        pause_s = seconds_to_midnight(clock.now())
        refusal = SourceTemporaryError(f"{info.id} has used its quota of today.", retry_after_s=pause_s)
    return Admission(info, state, refusal)


def fresh_since(context: RunContext, info: SourceInfo) -> datetime:
    """A source whose newest item is older than this is stalled: a whole session went by without one."""
    last = context.calendar.last_closed(clock.now())
    if not info.late_sessions:
        return last.opens_at
    return context.calendar.shift(last.trade_date, -info.late_sessions).opens_at


async def record(
    context: RunContext,
    session: Session,
    info: SourceInfo,
    *,
    error: SourceError | None,
    requests: int,
    items: int | None = None,
    newest_item_at: datetime | None = None,
    etag: str | None = None,
    last_modified: str | None = None,
) -> None:
    """Write the health of a source after a run; `items` None: nothing changed since we last asked."""
    usage = Usage(requests, info.quota)
    if error is not None:
        await sources.record_source_error(session, info.id, info.kind, error, usage=usage)
        return
    await sources.record_source_ok(
        session,
        info.id,
        info.kind,
        items=items,
        newest_item_at=newest_item_at,
        etag=etag,
        last_modified=last_modified,
        fresh_since=fresh_since(context, info),
        usage=usage,
    )
