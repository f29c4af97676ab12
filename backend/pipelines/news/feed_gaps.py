"""Finds what a feed did not show, and fills it from sources that can be asked by time.

A gap is closed only when one of the sources that `filled_by` of the catalogue names was read over the whole of it.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from backend import clock
from backend.clock import KST
from backend.db.session import Session
from backend.domain.market import WatchedStock
from backend.domain.outside.feed_gaps import FeedGap, find_gap
from backend.pipelines.context import RunContext
from backend.pipelines.sources import catalogue, visits
from backend.pipelines.sources.news_readers import Fetched
from backend.pipelines.sources.visits import Admission
from backend.services.operations import feed_gaps
from backend.services.operations.feed_gaps import StoredGap

FILL_DEADLINE_S: Final = 45
# No forecast reads older news; a gap of that age is not asked for any more.
OLDEST: Final = timedelta(days=7)
# Nobody announces anything so shortly before midnight; a feed of one day that was read then was read to its end.
QUIET: Final = timedelta(minutes=30)

# Stores what one visit brought and returns the run's numbers.
Store = Callable[[Fetched], Awaitable[Mapping[str, int]]]


@dataclass(frozen=True, slots=True)
class _Failure:
    """Why a gap stays open; `is_final`: asking once more would not help."""

    reason: str
    is_final: bool = False


async def record_gap(session: Session, fetched: Fetched) -> FeedGap | None:
    """Store the gap that this answer shows, if it shows one. Call it before the articles of the answer are stored."""
    visit = fetched.visit
    if visit.error is not None or not catalogue.fillers_of(visit.info.id):
        return None
    newest = visit.state.newest_item_at
    dated = [(article.published_at, article.url_key) for article in fetched.parsed.articles if article.published_at]
    holds_newest = await feed_gaps.is_any_stored(session, [key for at, key in dated if at == newest])
    times = [at for at, _ in dated]
    begun_at = _whole_day(fetched, times)
    if begun_at is not None:
        asked_at = visit.state.last_ok_at
        if asked_at is not None and asked_at >= begun_at - QUIET:
            return None
        times.append(begun_at)
    gap = find_gap(visit.info.id, newest, times, holds_newest=holds_newest)
    if gap is not None:
        await feed_gaps.record_gap(session, gap)
    return gap


def _whole_day(fetched: Fetched, times: Sequence[datetime]) -> datetime | None:
    """The beginning of the Korean day if this answer is of a feed of one day, and shows all of it."""
    most = catalogue.SOURCES[fetched.visit.info.id].day_holds
    if most is None or fetched.answer is None or len(times) + fetched.parsed.dropped.total() >= most:
        return None
    begun_at = fetched.answer.fetched_at.astimezone(KST).replace(hour=0, minute=0, second=0, microsecond=0)
    return begun_at if all(at >= begun_at for at in times) else None


async def fill(context: RunContext, stocks: Sequence[WatchedStock], store: Store) -> dict[str, int]:
    """Ask for what the open gaps miss. Returns the numbers of what was stored, and of the gaps that were filled."""
    async with context.read() as session:
        due = await feed_gaps.list_due(session)
    if not due:
        return {}
    infos = [catalogue.get_source_info(context.settings.sources, name) for name in catalogue.FILLERS]
    detail: Counter[str] = Counter()
    failures = {one.id: _nobody_to_ask(one) for one in due}
    for admission in await visits.admit(context, infos):
        of_it = [one for one in due if admission.info.id in catalogue.fillers_of(one.gap.source)]
        if not of_it:
            continue
        failure, numbers = await _fill_from(context, admission, of_it, stocks, store)
        detail.update(numbers)
        if failure is None:
            due = [one for one in due if one not in of_it]
            detail["gaps.filled"] += len(of_it)
        else:
            failures |= dict.fromkeys([one.id for one in of_it], failure)
    await _keep_open(context, {one.id: failures[one.id] for one in due})
    return dict(detail)


def _nobody_to_ask(one: StoredGap) -> _Failure:
    names = ", ".join(catalogue.fillers_of(one.gap.source))
    return _Failure(f"no source that can be asked by time is on ({names}); see 'azak sources list'.")


async def _fill_from(
    context: RunContext, admission: Admission, gaps: Sequence[StoredGap], stocks: Sequence[WatchedStock], store: Store
) -> tuple[_Failure | None, Mapping[str, int]]:
    """Read one source from the first to the last moment of these gaps and close them."""
    source = admission.info.id
    if admission.refusal is not None:
        return _Failure(admission.refusal.detail), {}
    since, until = min(one.gap.since for one in gaps), max(one.gap.until for one in gaps)
    if since < clock.now() - OLDEST:
        return _Failure("it is older than a week; nobody is asked any more.", is_final=True), {}
    read = catalogue.SOURCES[source].fill
    assert read is not None  # the catalogue lists as fillers only those that have it
    is_whole = False
    async with visits.visit(context, admission, within_s=FILL_DEADLINE_S) as visit:
        fetched = Fetched(visit)
        is_whole = await read(fetched, stocks, since, until)
    numbers = await store(fetched)
    if visit.error is not None:
        return _Failure(visit.error.detail), numbers
    if not is_whole:
        return _Failure(f"{source} does not reach back that far.", is_final=True), numbers
    async with context.write() as session:
        await feed_gaps.close(session, [one.id for one in gaps], filled_by=source)
    return None, numbers


async def _keep_open(context: RunContext, failures: Mapping[int, _Failure]) -> None:
    if not failures:
        return
    async with context.write() as session:
        for gap_id, failure in failures.items():
            next_try = None if failure.is_final else clock.now() + feed_gaps.TRY_AGAIN
            await feed_gaps.keep_open(session, gap_id, failure.reason, next_try_at=next_try)
