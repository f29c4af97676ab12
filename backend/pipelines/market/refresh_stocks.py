"""Every session morning: what the exchange says of each stock (KIS's master files), DART's names of companies, what the
depository has announced of splits, issues and the like, who bought what, and what the world's markets did overnight.

Each market's file is believed or refused for itself; a stock is delisted only when no file of a whole set has it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from backend import clock
from backend.db.recording import take_recording_moment
from backend.db.session import Session
from backend.domain.market import Company, Market
from backend.domain.runs import Counts, RunReason
from backend.errors import SourceError, SourceRefusedError, SourceTemporaryError
from backend.internal import RefreshArguments
from backend.krx import Calendar, tick_size_krw
from backend.pipelines.context import RunContext
from backend.pipelines.market import announced_actions, investor_flows, mornings, world_days
from backend.pipelines.sources import catalogue, visits
from backend.pipelines.sources.visits import Admission, Visit
from backend.services.market import listings, master_files, stock_names
from backend.services.market.master_files import LastFile, Morning, NewFile
from backend.sources import dart, kis_actions, kis_flows, kis_master
from backend.sources.kis_master import Master

# Reads a source and stores what it tells; returns the rows written, and the visit.
Refresh = Callable[[RunContext, Admission], Awaitable[tuple[int, Visit]]]


async def run(context: RunContext, arguments: RefreshArguments) -> Counts:
    refreshes = _list_refreshes()
    infos = [catalogue.get_source_info(context.settings.sources, one) for one in (kis_master.SOURCE, *refreshes)]
    admitted = visits.require_open(await visits.admit(context, infos), RunReason.NO_SOURCE)
    detail = dict.fromkeys(("listings", *(name for name, _ in refreshes.values())), 0)
    asked: list[Visit] = []
    has_good_file = False
    for admission in admitted:
        if admission.info.id == kis_master.SOURCE:
            detail["listings"], visit, has_good_file = await _refresh_listings(context, admission, arguments)
        else:
            name, refresh = refreshes[admission.info.id]
            written, visit = await refresh(context, admission)
            detail[name] += written
        asked.append(visit)
    if not has_good_file:
        visits.require_one_well(asked)
    failed = sum(visit.error is not None for visit in asked)
    return Counts(written=sum(detail.values()), skipped=len(infos) - len(admitted), failed=failed, detail=detail)


def _list_refreshes() -> dict[str, tuple[str, Refresh]]:
    """By source, in the order in which they are asked: the number of the run that its rows count in, and its reader."""
    told: dict[str, tuple[str, Refresh]] = {
        dart.LIST: ("companies", _refresh_companies),
        kis_actions.SOURCE: ("actions", announced_actions.refresh),
        kis_flows.SOURCE: ("flows", investor_flows.refresh),
    }
    world = [source.id for source in catalogue.SOURCES.values() if source.world is not None]
    return told | dict.fromkeys(world, ("world", world_days.refresh))


def find_morning(calendar: Calendar, moment: datetime) -> Morning:
    """The session whose file is the newest that the world can have at `moment`."""
    day = calendar.next_open(moment)
    if moment < mornings.begins_at(calendar, day.trade_date):
        day = calendar.shift(day.trade_date, -1)
    before = calendar.shift(day.trade_date, -1)
    return Morning(
        trade_date=day.trade_date,
        known_at=mornings.begins_at(calendar, day.trade_date),
        previous=before.trade_date,
        previous_closed_at=before.closes_at,
        has_prices=moment < day.closes_at,
    )


@dataclass(slots=True)
class _Masters:
    """The files that are believed, and why the others are not."""

    good: list[Master] = field(default_factory=list)
    refusals: dict[Market, str] = field(default_factory=dict)


async def _refresh_listings(
    context: RunContext, admission: Admission, arguments: RefreshArguments
) -> tuple[int, Visit, bool]:
    """Returns the rows written, the visit, whose errors tell the refused files, and whether any file was good."""
    morning = find_morning(context.calendar, clock.now())
    async with context.read() as session:
        last = await master_files.list_last_files(session)
    masters = _Masters()
    async with visits.visit(context, admission) as visit:
        for file in kis_master.FILES:
            await _ask(visit, file, masters, last[file.market], morning, accept_smaller=arguments.accept_smaller)
    async with context.write() as session:
        recorded_at = await take_recording_moment(session)
        written = await _take(session, masters.good, last, morning, recorded_at)
        for market, refusal in masters.refusals.items():
            await master_files.record_refusal(session, market, refusal, recorded_at)
        await visit.record(session, items=sum(len(master.listings) for master in masters.good))
    return written, visit, bool(masters.good)


async def _ask(
    visit: Visit,
    file: kis_master.MasterFile,
    masters: _Masters,
    last: LastFile,
    morning: Morning,
    *,
    accept_smaller: bool,
) -> None:
    """Read one market's file and judge it. Raises SourceRefusedError, after which no other file is asked for."""
    try:
        answer = await kis_master.fetch_master(visit.client, file)
        master = await asyncio.to_thread(kis_master.parse_master, answer, file)
        refusal = master_files.refuse(_of(master), last, morning, accept_smaller=accept_smaller)
        if refusal is not None:
            raise SourceTemporaryError(refusal)
    except SourceRefusedError:
        raise
    except SourceError as error:
        visit.errors.append(error)
        masters.refusals[file.market] = error.detail
    else:
        masters.good.append(master)


async def _take(
    session: Session,
    good: Sequence[Master],
    last: Mapping[Market, LastFile],
    morning: Morning,
    recorded_at: datetime,
) -> int:
    """Store the believed files. After the close that of the morning stays: a newer one may be the next session's."""
    if not morning.has_prices:
        good = [master for master in good if last[master.market].trade_date != morning.trade_date]
    if not good:
        return 0
    for master in good:
        await master_files.record_file(session, _of(master), last[master.market], morning, recorded_at)
    return await listings.take_listings(
        session, [listing for master in good for listing in master.listings], morning, recorded_at,
        tick_size=tick_size_krw,
        is_whole=len(good) == len(kis_master.FILES),
        first_files=[market for market, known in last.items() if known.trade_date is None],
    )  # fmt: skip


def _of(master: Master) -> NewFile:
    return NewFile(master.market, master.digest, len(master.listings), master.told_at)


async def _refresh_companies(context: RunContext, admission: Admission) -> tuple[int, Visit]:
    """Returns the rows written, and the visit."""
    key = context.settings.sources.dart_key
    assert key is not None  # the catalogue keeps a source without its key off
    found: Sequence[Company] = ()
    async with visits.visit(context, admission) as visit:
        answer = await dart.fetch_companies(visit.client, key)
        found = await asyncio.to_thread(dart.parse_companies, answer)
    async with context.write() as session:
        recorded_at = await take_recording_moment(session)
        written = await stock_names.update_companies(session, found, recorded_at)
        # No items: this is not the list of filings whose freshness the row tells.
        await visit.record(session)
    return written, visit
