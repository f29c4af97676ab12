"""`python -m bench.replay --prices FILE [--stocks 100] [--sessions 250] [--json FILE]`: a year replayed and evaluated.

Loads daily bars of a file (CSV, plain or .gz, columns symbol, market, date, open, high, low, close, volume; the markets
INDEX_KOSPI and INDEX_KOSDAQ stand for the indices) into a database of its own, then runs azak's own jobs over it:
the backtest of the last sessions by all members at all horizons, and the evaluation of what it predicted. The models
run in the model process, as in an installation.

- market_model_s, replay_s, evaluation_s: seconds of each; total_s: all three (at most 300 on two quiet cores).
- predictions, outcomes: rows written. slowest_statement_s: of all statements (must stay below 5).
- job_mb, models_mb: most memory of the process of the jobs, and of the model process at the end.
"""

import argparse
import asyncio
import csv
import gzip
import resource
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Engine, event

from backend.config import Settings
from backend.db.recording import take_recording_moment
from backend.db.session import Database
from backend.db.tables.stocks import Stock
from backend.db.upsert import upsert
from backend.domain.market import DailyBar, IndexBar
from backend.domain.runs import Counts, Origin
from backend.internal import BacktestArguments
from backend.krx import KrxCalendar
from backend.models.process.client import ModelClient
from backend.pipelines.context import RunContext, Tools
from backend.pipelines.market import market_model
from backend.pipelines.record import backtest, scoring
from backend.services.market import bars, imported
from backend.services.runs import run_attempts, runs
from bench.harness.command import publish, say
from bench.harness.installation import Installation

_INDEX: Final = "INDEX_"
_LONGEST_HORIZON: Final = 5
_BARS_A_WRITE: Final = 20_000


@dataclass
class Prices:
    """What is loaded: the chosen stocks by code with their market, and all bars of them and of the indices."""

    markets: dict[str, str]
    daily: list[DailyBar] = field(default_factory=list)
    index: list[IndexBar] = field(default_factory=list)


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as lines:
        yield from csv.DictReader(lines)


def read_prices(path: Path, stocks: int, sessions: int) -> Prices:
    """The `stocks` with the most bars in the last `sessions` sessions of the file, over their whole history."""
    days = sorted({row["date"] for row in _rows(path)})
    recent = days[-sessions - _LONGEST_HORIZON :][0]
    known = {row["symbol"]: row["market"] for row in _rows(path) if not row["market"].startswith(_INDEX)}
    seen = Counter(row["symbol"] for row in _rows(path) if row["symbol"] in known and row["date"] >= recent)
    chosen = sorted(seen, key=lambda code: (-seen[code], code))[:stocks]
    prices = Prices({code: known[code] for code in chosen})
    for row in _rows(path):
        day = date.fromisoformat(row["date"])
        if row["market"].startswith(_INDEX):
            prices.index.append(IndexBar(row["market"].removeprefix(_INDEX), day, float(row["close"]), "bench"))
        elif row["symbol"] in prices.markets:
            opened, high, low, close = (float(row[name]) for name in ("open", "high", "low", "close"))
            volume = round(float(row["volume"]))
            prices.daily.append(DailyBar(row["symbol"], day, opened, high, low, close, volume, "bench"))
    return prices


async def load(database: Database, prices: Prices) -> date:
    """Store `prices` by the services of the jobs; returns the newest session."""
    newest = max(bar.trade_date for bar in prices.daily)
    oldest = min(bar.trade_date for bar in prices.daily)
    closes = {day.trade_date: day.closes_at for day in KrxCalendar().between(oldest, newest)}
    index = [bar for bar in prices.index if bar.trade_date in closes]
    daily = [bar for bar in prices.daily if bar.trade_date in closes]
    async with database.write() as session:
        rows = [{"code": code, "name": code, "market": market} for code, market in prices.markets.items()]
        await upsert(session, Stock, rows, key=["code"])
        recorded_at = await take_recording_moment(session)
        await bars.upsert_index_bars(session, index, closes=closes, recorded_at=recorded_at)
    for start in range(0, len(daily), _BARS_A_WRITE):
        async with database.write() as session:
            batch = daily[start : start + _BARS_A_WRITE]
            recorded_at = await take_recording_moment(session)
            await bars.upsert_daily_bars(
                session, batch, closes=closes, final_through=newest, recorded_at=recorded_at, hindsight=True
            )
    async with database.write() as session:
        await imported.refresh_statistics(session)  # as an import does
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


async def measure(settings: Settings, prices: Prices, sessions: int) -> dict[str, float]:
    database, calendar = Database(settings, "bench"), KrxCalendar()
    client = ModelClient(settings)
    await client.start()
    await client.wait_ready()
    tools = Tools(settings, database, calendar, client)
    newest = await load(database, prices)
    last = calendar.shift(newest, -_LONGEST_HORIZON).trade_date
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
    figures = {
        "market_model_s": market_model_s,
        "replay_s": replay_s,
        "evaluation_s": evaluation_s,
        "total_s": market_model_s + replay_s + evaluation_s,
        "predictions": replayed.detail["predictions"],
        "outcomes": evaluated.detail["outcomes"],
        "slowest_statement_s": longest[-1],
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
    prices = read_prices(given.prices, given.stocks, given.sessions)
    say(f"{len(prices.markets)} stocks, {len(prices.daily)} bars")
    with Installation() as installation:
        figures = asyncio.run(measure(installation.settings(), prices, given.sessions))
    publish({name: round(value, 3) for name, value in figures.items()}, given.json)


if __name__ == "__main__":
    main()
