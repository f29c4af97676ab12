"""Every morning: the list of stocks from KIS's master files, and what it and DART say of the watched ones.

A stock that no master file lists any more is delisted. Name and aliases stay: they are what its owner searches for.
"""

import asyncio
from collections.abc import Sequence
from typing import Final

from backend.domain.market import Company, Listing
from backend.domain.runs import Counts, RunReason
from backend.internal import NoArguments
from backend.pipelines.context import RunContext
from backend.pipelines.sources import catalogue, visits
from backend.pipelines.sources.visits import Admission, Visit
from backend.services.market import listings
from backend.sources import dart, kis_master


async def run(context: RunContext, arguments: NoArguments) -> Counts:  # noqa: ARG001  (the signature of every job)
    settings = context.settings.sources
    infos = [catalogue.get_source_info(settings, source) for source in (kis_master.SOURCE, dart.LIST)]
    admitted = visits.require_open(await visits.admit(context, infos), RunReason.NO_SOURCE)
    detail = {"listings": 0, "companies": 0}
    asked: list[Visit] = []
    for admission in admitted:
        name, refresh = _OF_SOURCE[admission.info.id]
        detail[name], visit = await refresh(context, admission)
        asked.append(visit)
    visits.require_one_well(asked)
    failed = sum(visit.error is not None for visit in asked)
    return Counts(written=sum(detail.values()), skipped=len(infos) - len(admitted), failed=failed, detail=detail)


async def _refresh_listings(context: RunContext, admission: Admission) -> tuple[int, Visit]:
    """Both files or nothing: with one of them missing half of the market would look delisted.

    Returns the rows written, and the visit.
    """
    found: list[Listing] = []
    async with visits.visit(context, admission) as visit:
        for file in kis_master.FILES:
            answer = await kis_master.fetch_master(visit.client, file)
            found += await asyncio.to_thread(kis_master.parse_master, answer, file)
    if visit.error is not None:
        found = []
    async with context.write() as session:
        written = 0
        if found:
            written = await listings.store_listings(session, found) + await listings.update_listings(session, found)
        await visit.record(session, items=len(found))
    return written, visit


async def _refresh_companies(context: RunContext, admission: Admission) -> tuple[int, Visit]:
    """Returns the rows written, and the visit."""
    key = context.settings.sources.dart_key
    assert key is not None  # the catalogue keeps a source without its key off
    found: Sequence[Company] = ()
    async with visits.visit(context, admission) as visit:
        answer = await dart.fetch_companies(visit.client, key)
        found = await asyncio.to_thread(dart.parse_companies, answer)
    async with context.write() as session:
        written = await listings.update_companies(session, found)
        # No items: this is not the list of filings whose freshness the row tells.
        await visit.record(session)
    return written, visit


# What is read from each source, as it is counted.
_OF_SOURCE: Final = {
    kis_master.SOURCE: ("listings", _refresh_listings),
    dart.LIST: ("companies", _refresh_companies),
}
