"""`python -m bench.replay --prices FILE [--stocks 100] [--sessions 250] [--json FILE]`: a year replayed and evaluated.

Imports daily bars of a file (CSV, plain or .gz, columns symbol, market, date, open, high, low, close, volume; the
markets INDEX_KOSPI and INDEX_KOSDAQ stand for the indices) into a database of its own, then runs azak's own jobs over
it: the backtest of the last sessions by all members at all horizons, the evaluation of what it predicted, and the audit
of a sample. The models run in the model process, as in an installation.

- market_model_s, replay_s, evaluation_s: seconds of each; total_s: all three (at most 300 on two quiet cores).
- predictions, outcomes: rows written. slowest_statement_s: of all statements (must stay below 5).
- import_s: the import with its check of the bars. audited, reproduced: predictions computed again, and those that came
  out as they were said (all).
- job_mb, models_mb: most memory of the process of the jobs, and of the model process at the end.
"""

import argparse
import asyncio
import csv
import gzip
import resource
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Engine, event, text

from backend.config import Settings
from backend.db.session import Database
from backend.domain.forecasts import Mode
from backend.domain.market import StockState
from backend.domain.runs import Counts, Origin
from backend.internal import AuditArguments, BacktestArguments, ImportArguments
from backend.krx import KrxCalendar
from backend.models.process.client import ModelClient
from backend.pipelines.context import RunContext, Tools
from backend.pipelines.market import import_files, market_model
from backend.pipelines.record import audit_predictions, backtest, scoring
from backend.services.market import stocks
from backend.services.runs import run_attempts, runs
from bench.harness.command import publish, say
from bench.harness.installation import Installation

_INDEX: Final = "INDEX_"
_LONGEST_HORIZON: Final = 5
_AUDITED: Final = 100


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as lines:
        yield from csv.DictReader(lines)


def choose_stocks(path: Path, count: int, sessions: int) -> list[str]:
    """The `count` stocks with the most bars in the last `sessions` sessions of the file."""
    days = sorted({row["date"] for row in _rows(path)})
    recent = days[-sessions - _LONGEST_HORIZON :][0]
    found = (row for row in _rows(path) if not row["market"].startswith(_INDEX))
    seen = Counter(row["symbol"] for row in found if row["date"] >= recent)
    return sorted(seen, key=lambda code: (-seen[code], code))[:count]


def write_part(path: Path, codes: Collection[str], target: Path) -> None:
    """Those stocks and the indices over their whole history, in the columns of the file."""
    rows = [row for row in _rows(path) if row["symbol"] in codes or row["market"].startswith(_INDEX)]
    with target.open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)


async def load(tools: Tools, path: Path, codes: Collection[str]) -> dict[str, int]:
    """Import the file and watch its stocks; returns what the check of its bars found."""
    context = await _context(tools, "import_files")
    counts = await import_files.run(context, ImportArguments(kind="prices", files=[str(path)]))
    async with tools.database.write() as session:
        for code in codes:
            await stocks.change_state(session, code, StockState.ACTIVE)
    return {name: number for name, number in counts.detail.items() if name.startswith(("flag.", "missing"))}


async def _last_session(database: Database) -> date:
    async with database.read() as session:
        newest: date = (await session.execute(text("SELECT max(trade_date) FROM daily_bars"))).scalar_one()
    return newest


@contextmanager
def slowest_statement() -> Iterator[list[float]]:
    """A list whose last entry is the longest time (s) that a statement of this process has taken so far."""
    longest = [0.0]

    def begin(connection: Any, *_: Any) -> None:
        connection.info["began"] = time.perf_counter()

    def end(connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        taken = time.perf_counter() - connection.info["began"]
        if taken > longest[-1]:
            longest.append(taken)
            say(f"  {taken:.2f} s: {' '.join(statement.split())[:100]}")

    event.listen(Engine, "before_cursor_execute", begin)
    event.listen(Engine, "after_cursor_execute", end)
    try:
        yield longest
    finally:
        event.remove(Engine, "before_cursor_execute", begin)
        event.remove(Engine, "after_cursor_execute", end)


async def _context(tools: Tools, kind: str) -> RunContext:
    async with tools.database.write() as session:
        accepted = await runs.accept(session, kind=kind, arguments={}, origin=Origin.CLI)
    async with tools.database.write() as session:
        claim = await run_attempts.claim(session, accepted.id, worker="bench", lease_s=7200)
    assert isinstance(claim, run_attempts.Claim)
    return RunContext(tools, accepted.id, claim.attempt, kind, Origin.CLI, time.monotonic() + 7200)


async def _timed(name: str, work: Callable[[], Awaitable[Counts]]) -> tuple[float, Counts]:
    before = time.perf_counter()
    counts = await work()
    taken = time.perf_counter() - before
    say(f"{name}: {taken:.1f} s, {counts.written} rows {dict(counts.detail)}")
    return taken, counts


async def measure(settings: Settings, path: Path, codes: Collection[str], sessions: int) -> dict[str, float]:
    """The figures; `path` holds the bars of `codes` and of the indices."""
    database, calendar = Database(settings, "bench"), KrxCalendar()
    client = ModelClient(settings)
    await client.start()
    await client.wait_ready()
    tools = Tools(settings, database, calendar, client)
    before = time.perf_counter()
    flaws = await load(tools, path, codes)
    import_s = time.perf_counter() - before
    say(f"import: {import_s:.1f} s, {flaws}")
    last = calendar.shift(await _last_session(database), -_LONGEST_HORIZON).trade_date
    first = calendar.shift(last, 1 - sessions).trade_date
    asked = BacktestArguments(first=first, last=last)
    with slowest_statement() as longest:
        context = await _context(tools, "backtest")
        before = time.perf_counter()
        await market_model.update(context)
        market_model_s = time.perf_counter() - before
        say(f"market model: {market_model_s:.1f} s")
        replay_s, replayed = await _timed(f"replay of {first} to {last}", lambda: backtest.run(context, asked))
        context = await _context(tools, "evaluate_predictions")
        evaluation_s, evaluated = await _timed("evaluation", lambda: scoring.evaluate(context))
    context = await _context(tools, "audit_predictions")
    sample = AuditArguments(mode=Mode.BACKTEST, sample=_AUDITED)
    audit_s, audited = await _timed("audit", lambda: audit_predictions.run(context, sample))
    figures = {
        "import_s": import_s,
        "market_model_s": market_model_s,
        "replay_s": replay_s,
        "evaluation_s": evaluation_s,
        "total_s": market_model_s + replay_s + evaluation_s,
        "predictions": replayed.detail["predictions"],
        "outcomes": evaluated.detail["outcomes"],
        "slowest_statement_s": longest[-1],
        "audit_s": audit_s,
        "audited": audited.read,
        "reproduced": audited.detail["reproduced"],
        "job_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "models_mb": client.state()["rss_mb"],
    }
    await client.stop()
    await database.close()
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m bench.replay", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--prices", type=Path, required=True, metavar="FILE")
    parser.add_argument("--stocks", type=int, default=100)
    parser.add_argument("--sessions", type=int, default=250)
    parser.add_argument("--json", type=Path, metavar="FILE", help="writes the figures as one flat object")
    given = parser.parse_args()
    codes = choose_stocks(given.prices, given.stocks, given.sessions)
    say(f"{len(codes)} stocks")
    with Installation() as installation:
        part = installation.home / "prices.csv"
        write_part(given.prices, codes, part)
        settings = installation.settings()
        settings.general.data_dir = installation.home / "azak"
        figures = asyncio.run(measure(settings, part, codes, given.sessions))
    publish({name: round(value, 3) for name, value in figures.items()}, given.json)


if __name__ == "__main__":
    main()
