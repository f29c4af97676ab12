"""A file of listed stocks: adds to the list of the exchange, which tells names and markets; no stock is watched by it.

What the exchange's own files said stays. A file without a market (KIND, DART) tells it of no new stock.
"""

from typing import Final

from backend.db.recording import take_recording_moment
from backend.domain.market import Company
from backend.errors import InvalidInputError
from backend.pipelines.market.imports.file_import import FileImport
from backend.pipelines.market.imports.outcome import Outcome
from backend.services.market import imported, stock_names
from backend.services.market.imported import KnownStock
from backend.sources.files.listed import FileListing, ListingReader, merge
from backend.sources.files.reading.tables import open_table
from backend.sources.files.refusals import Refused

MOST_LISTED: Final = 300_000  # DART has about 100,000 companies


async def import_file(file: FileImport) -> None:
    """Import one file, or say what would be. Raises InvalidInputError when it cannot be read as a whole."""
    context, outcome = file.context, file.outcome
    rows = await file.in_thread(lambda: _read(file))
    found = merge(iter(rows))
    outcome.counts["merged"] += len(rows) - len(found)
    async with context.read() as session:
        known = await imported.list_known(session)
        listed = await imported.list_listed(session)
    new = [one for one in found.values() if one.code not in listed and _is_told(one, known, outcome)]
    outcome.counts["same"] += sum(one.code in listed for one in found.values())
    outcome.counts["new"] += len(new)
    companies = [Company(one.code, one.corp_code, one.name) for one in found.values() if one.corp_code is not None]
    if file.asked.dry_run or not (new or companies):
        return
    stocks = [KnownStock(one.code, one.name, _market(one, known) or "", False, one.kind) for one in new]
    async with context.write() as session:
        recorded_at = await take_recording_moment(session)
        await imported.add_listings(session, stocks, {one.code: one.listed_on for one in new})
        outcome.counts["named"] += await imported.name_stocks(session, {one.code: one.name for one in found.values()})
        outcome.counts["companies"] += await stock_names.update_companies(session, companies, recorded_at)


def _read(file: FileImport) -> list[FileListing]:
    rows: list[FileListing] = []
    with open_table("listed", file.reopen, file.said) as table:
        reader = ListingReader(table.columns, file.asked.market)
        for one in reader.listings(table.rows):
            file.report_rows(reader.read)
            if isinstance(one, Refused):
                file.outcome.refuse(one)
            elif len(rows) >= MOST_LISTED:
                raise InvalidInputError(f"The file lists more than {MOST_LISTED:,} stocks; it is no list of the KRX.")
            else:
                rows.append(one)
        file.outcome.counts["rows"] = reader.read
        file.outcome.describe("listed", table)
    return rows


def _market(one: FileListing, known: dict[str, KnownStock]) -> str | None:
    if one.market is not None:
        return one.market.value
    return known[one.code].market if one.code in known else None


def _is_told(one: FileListing, known: dict[str, KnownStock], outcome: Outcome) -> bool:
    """Whether somebody tells the market; DART does not, and its numbers count without."""
    is_told = _market(one, known) is not None
    if not is_told and one.corp_code is None:
        outcome.refuse(Refused(one.line, "unknown_market", one.code, value=one.name))
    return is_told
