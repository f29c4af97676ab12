"""Visits to a source: may it be asked now, ask it, store how it went. Every job that reads the outside does it so:

for admission in await visits.admit(context, infos):            # off and closed sources are told apart
    async with visits.visit(context, admission) as visit:       # a client; a SourceError ends the block, not the job
        found = parse(await visit.client.get(...))
    async with context.write() as session:                      # after the visit: no transaction waits for a source
        ...                                                     # what came, also before an error
        await visit.record(session, items=len(found))           # the source's health and used quota
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from backend import clock
from backend.config import SourceSettings
from backend.db.session import Session
from backend.domain.runs import RunReason
from backend.errors import SourceError, SourcesFailedError, SourceTemporaryError
from backend.pipelines.context import RunContext, nothing_to_do
from backend.services.operations import sources
from backend.services.operations.sources import NEVER_ASKED, SourceState, Usage
from backend.sources.http.client import Answer, SourceClient, seconds_to_midnight
from backend.sources.spec import SourceInfo, open_source

_MOST_NAMED: Final = 3  # sources in the sentence of a failed run


@dataclass(frozen=True, slots=True)
class Admission:
    """A source that is on and what is stored of it; `refusal` says why it may not be asked now."""

    info: SourceInfo
    state: SourceState
    refusal: SourceError | None = None


async def admit(context: RunContext, infos: Sequence[SourceInfo]) -> list[Admission]:
    """Those of `infos` that are on. A closed one (ban, pause, quota) comes with its refusal."""
    off = [info.switch for info in infos if info.off]
    if off:
        async with context.write() as session:
            await sources.record_switches(session, off)
    async with context.read() as session:
        states = await sources.list_source_states(session)
    return [_admission(info, states.get(info.id, NEVER_ASKED)) for info in infos if not info.off]


def require_open(admitted: Sequence[Admission], reason: RunReason) -> list[Admission]:
    """Those that may be asked now. Without any source that is on the run is skipped for `reason`.

    Raises SourcesFailedError when each of them is closed after a failure.
    """
    if not admitted:
        raise nothing_to_do(reason)
    found = [admission for admission in admitted if admission.refusal is None]
    if not found:
        raise _all_failed({one.info.id: one.refusal.detail for one in admitted if one.refusal is not None})
    return found


def require_one_well(asked: Sequence["Visit"]) -> None:
    """Raise SourcesFailedError when every source that was asked answered with an error."""
    errors = {visit.info.id: visit.error.detail for visit in asked if visit.error is not None}
    if errors and len(errors) == len(asked):
        raise _all_failed(errors)


def _all_failed(sentences: Mapping[str, str]) -> SourcesFailedError:
    told = "; ".join(list(sentences.values())[:_MOST_NAMED])
    more = f"; and {len(sentences) - _MOST_NAMED} more" if len(sentences) > _MOST_NAMED else ""
    return SourcesFailedError(
        f"Every source that was asked failed ({told}{more}); ask them again with 'azak sources check'."
    )


def _admission(info: SourceInfo, state: SourceState) -> Admission:
    refusal = None
    if state.blocked_until is not None and state.is_blocked:
        pause_s = round((state.blocked_until - clock.now()).total_seconds())
        refusal = SourceTemporaryError(f"{info.id} is closed for {pause_s} s after a refusal.", retry_after_s=pause_s)
    elif not state.has_quota(info.quota):
        pause_s = seconds_to_midnight(clock.now())
        refusal = SourceTemporaryError(f"{info.id} has used its quota of today.", retry_after_s=pause_s)
    return Admission(info, state, refusal)


@dataclass(slots=True)
class Visit:
    """One visit: the client to ask with, and the errors that the source answered with."""

    context: RunContext
    info: SourceInfo
    state: SourceState
    client: SourceClient
    errors: list[SourceError] = field(default_factory=list)

    @property
    def settings(self) -> SourceSettings:
        return self.context.settings.sources

    @property
    def error(self) -> SourceError | None:
        """The first error; it is what the source's health shows."""
        return self.errors[0] if self.errors else None

    async def record(
        self,
        session: Session,
        *,
        items: int | None = None,
        newest_item_at: datetime | None = None,
        answer: Answer | None = None,
    ) -> None:
        """Store the health of the source and the requests it was sent.

        `items` None: the visit says nothing of how fresh the source is. `answer` carries a feed's validators for the
        next conditional GET.
        """
        usage = Usage(self.client.requests, self.info.quota)
        if self.error is not None:
            await sources.record_source_error(session, self.info.id, self.info.kind, self.error, usage=usage)
            return
        await sources.record_source_ok(
            session,
            self.info.id,
            self.info.kind,
            items=None if answer is not None and answer.not_modified else items,
            newest_item_at=newest_item_at,
            etag=answer.etag if answer else None,
            last_modified=answer.last_modified if answer else None,
            fresh_since=fresh_since(self.context, self.info),
            usage=usage,
        )


@asynccontextmanager
async def visit(context: RunContext, admission: Admission, *, within_s: float | None = None) -> AsyncIterator[Visit]:
    """A client of the source for the length of the block, which may take `within_s` seconds.

    A SourceError or the end of that time ends the block and is kept in `errors`; it does not reach the caller. Tasks
    that the block starts add theirs to `errors` themselves.
    """
    info = admission.info
    async with open_source(context.settings.sources, info) as client:
        opened = Visit(context, info, admission.state, client)
        try:
            async with asyncio.timeout(within_s):
                yield opened
        except SourceError as error:
            opened.errors.append(error)
        except TimeoutError:
            if within_s is None:
                raise
            late = f"{info.id} took more than {within_s:.3g} s; it is asked again at the next run."
            opened.errors.append(SourceTemporaryError(late))


def fresh_since(context: RunContext, info: SourceInfo) -> datetime:
    """A source whose newest item is older than this is stalled: a whole session went by without one."""
    last = context.calendar.last_closed(clock.now())
    if not info.late_sessions:
        return last.opens_at
    return context.calendar.shift(last.trade_date, -info.late_sessions).opens_at
