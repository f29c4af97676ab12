"""Every morning: what the exchange says of the watched stocks (halted, managed, market) and DART's number of each.

A stock that no master file lists any more is delisted. Nothing else about a stock is changed: name and aliases are
how its owner searches for it.
"""

import asyncio
from collections.abc import Sequence

from backend.domain.market import Company, Listing
from backend.domain.runs import Counts
from backend.errors import SourceError
from backend.internal import NoArguments
from backend.pipelines import source_access
from backend.pipelines.context import RunContext
from backend.services.market import listings
from backend.sources import catalogue, dart, kis_master
from backend.sources.catalogue import SourceInfo


async def run(context: RunContext, arguments: NoArguments) -> Counts:  # noqa: ARG001  (the signature of every job)
    settings = context.settings.sources
    infos = [catalogue.get_source_info(settings, source) for source in (kis_master.SOURCE, dart.LIST)]
    detail = {"listings": 0, "companies": 0}
    failed = skipped = 0
    for one in await source_access.admit(context, infos):
        if one.refusal is not None:
            skipped += 1
        elif one.info.id == kis_master.SOURCE:
            detail["listings"], error = await _refresh_listings(context, one.info)
            failed += error
        else:
            detail["companies"], error = await _refresh_companies(context, one.info)
            failed += error
    return Counts(written=sum(detail.values()), skipped=skipped, failed=failed, detail=detail)


async def _refresh_listings(context: RunContext, info: SourceInfo) -> tuple[int, bool]:
    """Both files or nothing: with one of them missing half of the market would look delisted."""
    found: list[Listing] = []
    error: SourceError | None = None
    async with catalogue.open_source(context.settings.sources, info) as client:
        try:
            for file in kis_master.FILES:
                answer = await kis_master.fetch_master(client, file)
                found += await asyncio.to_thread(kis_master.parse_master, answer, file)
        except SourceError as failure:
            error, found = failure, []
        requests = client.requests
    async with context.write() as session:
        written = await listings.update_listings(session, found) if found else 0
        await source_access.record(context, session, info, error=error, requests=requests, items=len(found))
    return written, error is not None


async def _refresh_companies(context: RunContext, info: SourceInfo) -> tuple[int, bool]:
    key = context.settings.sources.dart_key
    assert key is not None  # the catalogue keeps a source without its key off
    found: Sequence[Company] = ()
    error: SourceError | None = None
    async with catalogue.open_source(context.settings.sources, info) as client:
        try:
            answer = await dart.fetch_companies(client, key)
            found = await asyncio.to_thread(dart.parse_companies, answer)
        except SourceError as failure:
            error = failure
        requests = client.requests
    async with context.write() as session:
        written = await listings.update_companies(session, found)
        # No items: this is not the list of filings whose freshness the row tells.
        await source_access.record(context, session, info, error=error, requests=requests)
    return written, error is not None
