"""A file of daily prices: read once into a spool, then stock by stock compared with what is stored, and written.

A bar is known from the close of its session, recorded now, and hindsight.
A stock that azak does not know is added as paused, so that no import starts to watch the whole exchange.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

from backend import clock
from backend.db.recording import take_recording_moment
from backend.domain.market import FILE_SOURCE, BarFlag, Basis, DailyBar, IndexBar
from backend.errors import InvalidInputError
from backend.internal import FIRST_SESSION
from backend.krx import TradingDay
from backend.pipelines.context import RunContext
from backend.pipelines.market.imports.file_import import FileImport
from backend.pipelines.market.imports.outcome import Outcome
from backend.pipelines.market.imports.paths import code_in_name
from backend.pipelines.market.imports.series import Plan, Stored, plan_series
from backend.services.market import bars, imported
from backend.services.market.imported import KnownStock
from backend.sources.files.bars import INDEX_MARKETS, BarReader, FileBar, GivenKeys, Stocks
from backend.sources.files.evidence import decide_basis
from backend.sources.files.layouts import recognise
from backend.sources.files.reading.tables import open_table
from backend.sources.files.refusals import REASONS, Refused
from backend.sources.files.spool import Spool, bucket_of

ROWS_A_WRITE: Final = 5_000
_MOST_DAYS: Final = 20
_INDICES: Final = frozenset(INDEX_MARKETS.values())


@dataclass(slots=True)
class _Found:
    """What the first reading of a file found, and what is known besides.

    `days`: ordinals; `of_stocks`: those of stocks, because an index has rows on days that a file lacks.
    """

    known: dict[str, KnownStock]
    stocks: Stocks
    days: set[int] = field(default_factory=set)
    of_stocks: set[int] = field(default_factory=set)
    basis: Basis = Basis.RAW
    sessions: Mapping[date, TradingDay] = field(default_factory=dict)


Series = Sequence[tuple[str, list[FileBar]]]


async def import_file(file: FileImport) -> None:
    """Import one file, or say what would be. Raises InvalidInputError when it cannot be read as a whole."""
    async with file.context.read() as session:
        known = await imported.list_known(session)
    found = _Found(known, Stocks(frozenset(known)))
    with Spool() as spool:
        await file.in_thread(lambda: _read(file, found, spool))
        if not spool.rows:
            return
        found.sessions = _sessions(file.context, found.days)
        _describe_days(file.outcome, found)
        done = 0
        for batch in _batches(spool):
            await _import_batch(file, batch, found)
            done += sum(len(rows) for _, rows in batch)
            file.report_done(done, spool.rows)


def _batches(spool: Spool) -> Iterator[Series]:
    """Whole series, together about as many rows as one transaction writes."""
    batch: list[tuple[str, list[FileBar]]] = []
    for code, rows in spool.series():
        batch.append((code, [FileBar(*row) for row in rows]))
        if sum(len(series) for _, series in batch) >= ROWS_A_WRITE:
            yield batch
            batch = []
    if batch:
        yield batch


def _read(file: FileImport, found: _Found, spool: Spool) -> None:
    """Every row into the spool or among the refused; then the basis of the whole file."""
    asked, outcome = file.asked, file.outcome
    with open_table("prices", file.reopen, file.said) as table:
        layout = recognise(table.columns.folded)
        given = GivenKeys(asked.code or code_in_name(file.path, found.known.keys()), asked.day)
        reader = BarReader(table.columns, layout, given, found.stocks, clock.now().astimezone(clock.KST).date())
        for one in reader.bars(table.rows):
            file.report_rows(reader.read)
            if isinstance(one, Refused):
                outcome.refuse(one)
            else:
                spool.add(bucket_of(one.code), one)
                found.days.add(one.day)
                if one.code not in _INDICES:
                    found.of_stocks.add(one.day)
        outcome.counts["rows"] = reader.read
        outcome.describe("prices", table, layout=layout.name, code=given.code, day=str(given.day or ""))
    if reader.days_first:
        raise InvalidInputError(f"{REASONS['day_first'].capitalize()}.")
    if spool.rows:
        found.basis, why = decide_basis(reader.evidence, layout, asked.basis)
        outcome.how |= {"basis": found.basis.value, "basis_because": why}
        outcome.how["repeat"] = [*outcome.how["repeat"], f"--{found.basis.value}"]
        if reader.evidence.unit is not None:
            outcome.how["amounts_in"] = reader.evidence.unit


def _sessions(context: RunContext, days: set[int]) -> dict[date, TradingDay]:
    """The closed sessions in the range of the file's days."""
    closed = context.calendar.last_closed(clock.now()).trade_date
    first = max(date.fromordinal(min(days)), FIRST_SESSION)
    last = min(date.fromordinal(max(days)), closed)
    return {day.trade_date: day for day in context.calendar.between(first, last)} if first <= last else {}


def _describe_days(outcome: Outcome, found: _Found) -> None:
    """Of the days on which the exchange was open; rows of others are refused."""
    told = {day for day in found.of_stocks or found.days if date.fromordinal(day) in found.sessions}
    if not told:
        return
    first, last = min(told), max(told)
    missing = sorted(day for day in found.sessions if first < day.toordinal() < last and day.toordinal() not in told)
    outcome.how |= {
        "first_day": str(date.fromordinal(first)),
        "last_day": str(date.fromordinal(last)),
        "sessions_missing": len(missing),
        "missing": [str(day) for day in missing[:_MOST_DAYS]],
    }


async def _import_batch(file: FileImport, batch: Series, found: _Found) -> None:
    """Compare some stocks with what is stored, and write what is new in one transaction."""
    batch = [(code, rows) for code, rows in batch if _is_known(code, rows, found, file.outcome)]
    if not batch:
        return
    stored = await _list_stored(file.context, batch)
    last = file.context.calendar.last_closed(clock.now()).trade_date
    plans = {}
    for code, rows in batch:
        told = _of_index(rows) if code in _INDICES else rows
        plans[code] = plan_series(told, stored[code], found.sessions.keys(), last, found.basis)
        _count(plans[code], file.outcome)
    if not file.asked.dry_run:
        # Those that were stored before, too: a run that ended in between may not have looked at them.
        file.outcome.since |= {
            code: min(row.trade_date for row in rows) for code, rows in batch if code not in _INDICES
        }
    new = [one for code, plan in plans.items() if plan.written and (one := _new_stock(code, found)) is not None]
    file.outcome.counts["stocks"] += len(new)
    if not file.asked.dry_run and any(plan.written for plan in plans.values()):
        await _write(file.context, plans, new, found)
        found.known |= {one.code: one for one in new}


def _is_known(code: str, rows: Sequence[FileBar], found: _Found, outcome: Outcome) -> bool:
    """Whether bars of the code can be stored: it is known, or the file says its market."""
    if code in _INDICES or code in found.known or code in found.stocks.markets:
        return True
    for row in rows:
        outcome.refuse(Refused(row.line, "unknown_stock", code, row.trade_date.isoformat()))
    return False


def _new_stock(code: str, found: _Found) -> KnownStock | None:
    """The stock to add before its bars; None if it is there."""
    listed = found.known.get(code)
    if code in _INDICES or (listed is not None and listed.is_stock):
        return None
    if listed is not None:
        return replace(listed, is_stock=True)
    return KnownStock(code, found.stocks.names.get(code, code), found.stocks.markets[code].value, is_stock=True)


async def _list_stored(context: RunContext, batch: Series) -> dict[str, Stored]:
    days = [row.day for _, rows in batch for row in rows]
    codes = [code for code, _ in batch if code not in _INDICES]
    async with context.read() as session:
        found = await imported.list_bars(session, codes, date.fromordinal(min(days)), date.fromordinal(max(days)))
        spans = await imported.list_spans(session, codes)
        indices = {code: await imported.list_index_closes(session, code) for code, _ in batch if code in _INDICES}
    return {code: Stored(indices.get(code) or found.get(code, {}), spans.get(code)) for code, _ in batch}


def _of_index(rows: Sequence[FileBar]) -> list[FileBar]:
    """Of an index only the close is kept."""
    return [row._replace(open=None, high=None, low=None, volume=0) for row in rows]


def _count(plan: Plan, outcome: Outcome) -> None:
    outcome.counts.update(
        new=len(plan.new), changed=len(plan.changed), same=plan.same, merged=plan.merged, rebased_series=plan.rebased,
        without_trade=sum(bar.open is None and bar.code not in _INDICES for bar in plan.written),
    )  # fmt: skip
    for one in plan.refused:
        outcome.refuse(one)


async def _write(context: RunContext, plans: Mapping[str, Plan], new: Sequence[KnownStock], found: _Found) -> None:
    """The one place where bars of files are stored."""
    daily = [_daily(bar, found.basis) for code, plan in plans.items() if code not in _INDICES for bar in plan.written]
    index = [
        IndexBar(code, bar.trade_date, bar.close, FILE_SOURCE)
        for code, plan in plans.items()
        if code in _INDICES
        for bar in plan.written
    ]
    closes = {day: session.closes_at for day, session in found.sessions.items()}
    async with context.write() as session:
        recorded_at = await take_recording_moment(session)
        await imported.add_paused(session, new)
        await bars.upsert_daily_bars(
            session, daily, closes=closes, final_through=max(closes), recorded_at=recorded_at, hindsight=True
        )
        await bars.upsert_index_bars(session, index, closes=closes, recorded_at=recorded_at, hindsight=True)


def _daily(bar: FileBar, basis: Basis) -> DailyBar:
    return DailyBar(
        stock_code=bar.code,
        trade_date=bar.trade_date,
        open_krw=bar.open,
        high_krw=bar.high,
        low_krw=bar.low,
        regular_close_krw=bar.close,
        volume=bar.volume,
        source=FILE_SOURCE,
        basis=basis,
        flags=frozenset({BarFlag.NO_TRADE} if bar.open is None else ()),
    )
