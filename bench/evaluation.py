"""How long evaluating and aggregating one day takes beside a million outcomes, and reading the leaderboard.

`python -m bench.evaluation [--sessions 240]`: seven models, three horizons, 200 stocks; 240 sessions are 1,008,000
outcomes. The newest session is then evaluated and aggregated by the code of the jobs, twice. The operations of the
model process run in this process, through the same JSON.
"""

import argparse
import asyncio
import json
import resource
import statistics
import time
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any

import asyncpg

from backend import clock
from backend.config import DatabaseSettings, Settings
from backend.db.session import Database
from backend.domain.forecasts import HORIZONS
from backend.domain.members import BUILT_IN
from backend.domain.record import ENGINE_VERSION
from backend.domain.runs import Origin
from backend.krx import KrxCalendar
from backend.models.process.operations import OPERATIONS
from backend.pipelines.context import RunContext
from backend.pipelines.market import market_model
from backend.pipelines.record import aggregation, scoring
from backend.services.record import evaluations
from backend.services.runs import run_attempts, runs
from bench.harness.installation import Installation

STOCKS, HISTORY, READS = 200, 150, 200
_WORLD = """
SET session_replication_role = replica;
INSERT INTO stocks (code, name, market)
SELECT lpad(n::text, 6, '0'), '종목 ' || n, CASE WHEN n % 3 = 0 THEN 'KOSDAQ' ELSE 'KOSPI' END
FROM generate_series(1, {stocks}) n;
CREATE UNLOGGED TABLE sessions AS
SELECT n, day, opens_at, closes_at FROM unnest('{days}'::date[], '{opens}'::timestamptz[], '{closes}'::timestamptz[])
WITH ORDINALITY AS s (day, opens_at, closes_at, n);
INSERT INTO daily_bars
    (stock_code, trade_date, open_krw, high_krw, low_krw, regular_close_krw, volume, source, is_final, known_at)
SELECT code, day, price, price + 3000, price - 3000, price + (hashint8extended(code::int * 1000 + n, 7) % 2500)::int,
       1000000, 'bench', true, closes_at
FROM stocks, sessions, LATERAL (SELECT 50000 + (hashint8extended(code::int * 1000 + n, 1) % 5000)::int AS price) p;
INSERT INTO index_bars (index_code, trade_date, close, source, known_at)
SELECT market, day, 2500 + 20 * sin(n), 'bench', closes_at FROM sessions, (VALUES ('KOSPI'), ('KOSDAQ')) m (market);
INSERT INTO models (name, kind, is_shown) SELECT name, name, name = 'gated' FROM unnest('{models}'::text[]) name;
INSERT INTO model_versions (model_id, version, data_hash, parameters)
SELECT id, 'v' || block, 'h', '{{}}' FROM models, generate_series(0, {blocks}) block;
INSERT INTO predictions (model_version_id, stock_code, asof, trade_date, horizon, mode, base_price_krw, entry_ts,
    exit_trade_date, p_up, quantiles_krw, direction, verdict, confidence, sigma, explanation,
    features_hash)
SELECT v.id, s.code, b.closes_at + interval '10 minutes', b.day, h, 'backtest', 50000, e.opens_at, x.day,
    0.5 + (hashint8extended(v.id * 1000000 + s.code::int * 1000 + b.n, h) % 1000)::float8 / 20000,
    '{{45000,46000,48000,50000,52000,54000,55000}}', (ARRAY['up','down','hold','hold'])[1 + (s.code::int + b.n) % 4],
    (ARRAY['call','call','lean','none'])[1 + (s.code::int + b.n) % 4],
    0.1, 0.02, '{{"state": "trained", "members": {{"base": 0.52, "price": 0.55}}}}', md5(b.day::text)
FROM sessions b CROSS JOIN stocks s CROSS JOIN unnest('{horizons}'::int[]) h
JOIN sessions e ON e.n = b.n + 1 JOIN sessions x ON x.n = b.n + h
JOIN model_versions v ON v.version = 'v' || (b.n / 20)
WHERE b.n >= {history};
INSERT INTO outcomes (prediction_id, engine_version, state, entry_ts, entry_price_krw, exit_trade_date, exit_price_krw,
    raw_return, adjusted_return, gap, z, y, in_band, loss_brier, loss_log, loss_pinball, input_hash, evaluated_at)
SELECT p.id, '{engine}', 'final', p.entry_ts, e.open_krw, x.trade_date, x.regular_close_krw, r, r, 0.001, r / 0.02,
    CASE WHEN r > 0 THEN 1 WHEN r < 0 THEN 0 ELSE 0.5 END, true, 0.25, 0.69, 0.2, md5(p.id::text),
    now() - interval '1 day'
FROM predictions p
JOIN sessions s ON s.opens_at = p.entry_ts
JOIN daily_bars e ON e.stock_code = p.stock_code AND e.trade_date = s.day
JOIN daily_bars x ON x.stock_code = p.stock_code AND x.trade_date = p.exit_trade_date,
LATERAL (SELECT x.regular_close_krw::float8 / e.open_krw - 1 AS r) returns
WHERE p.exit_trade_date < '{newest}';
"""


async def fill(url: str, sessions: int) -> int:
    """Outcomes of `sessions` base sessions up to yesterday's exits, and what is due today; returns the outcomes."""
    calendar = KrxCalendar()
    newest = calendar.last_closed(clock.now()).trade_date
    days = calendar.between(calendar.shift(newest, -(sessions + HISTORY)).trade_date, newest)

    def column(values: list[Any]) -> str:
        return "{" + ",".join(str(value) for value in values) + "}"

    script = _WORLD.format(
        stocks=STOCKS,
        days=column([day.trade_date for day in days]),
        opens=column([day.opens_at.isoformat() for day in days]),
        closes=column([day.closes_at.isoformat() for day in days]),
        models=column(list(BUILT_IN)),
        horizons=column(list(HORIZONS)),
        blocks=len(days) // 20 + 1,
        history=HISTORY,
        engine=ENGINE_VERSION,
        newest=newest,
    )
    connection = await asyncpg.connect(url, command_timeout=3600)
    try:
        await connection.execute(script)
        await connection.execute("VACUUM (ANALYZE, PARALLEL 0)")
        count: int = await connection.fetchval("SELECT count(*) FROM outcomes")
        return count
    finally:
        await connection.close()


class Models:
    """The model process's operations, here, with both ways through JSON."""

    async def call(self, operation: str, payload: dict[str, Any]) -> Any:
        return json.loads(json.dumps(OPERATIONS[operation](json.loads(json.dumps(payload)))))


async def context_for(database: Database, settings: Settings) -> RunContext:
    async with database.write() as session:
        accepted = await runs.accept(session, kind="evaluate_predictions", arguments={}, origin=Origin.CLI)
    async with database.write() as session:
        claim = await run_attempts.claim(session, accepted.id, worker="bench", lease_s=3600)
    assert isinstance(claim, run_attempts.Claim)
    tools: Any = SimpleNamespace(settings=settings, database=database, calendar=KrxCalendar(), models=Models())
    return RunContext(tools, accepted.id, claim.attempt, "evaluate_predictions", Origin.CLI, time.monotonic() + 3600)


async def timed(name: str, work: Callable[[], Awaitable[Any]]) -> None:
    before = time.perf_counter()
    counts = await work()
    print(f"{name:<44} {time.perf_counter() - before:7.2f} s   {counts.written:>7} rows")


async def read_leaderboard(database: Database) -> None:
    taken = []
    for _ in range(READS):
        async with database.read() as session:
            before = time.perf_counter()
            await evaluations.list_leaderboard(session, horizon=1, mode="backtest", window="all")
            taken.append(1000 * (time.perf_counter() - before))
    p95 = statistics.quantiles(taken, n=20)[-1]
    print(f"leaderboard read: median {statistics.median(taken):.1f} ms, p95 {p95:.1f} ms")


async def measure(url: str, sessions: int) -> None:
    settings = Settings()
    settings.database = DatabaseSettings(url=url)
    before = time.perf_counter()
    print(f"{await fill(url, sessions)} outcomes made in {time.perf_counter() - before:.0f} s")
    database = Database(settings, "bench")
    context = await context_for(database, settings)
    await timed("first aggregation, every session", lambda: aggregation.aggregate(context))
    before = time.perf_counter()
    written = await market_model.update(context)
    print(f"{'market model, every session':<44} {time.perf_counter() - before:7.2f} s   {written:>7} rows")
    await timed("evaluation of one day", lambda: scoring.evaluate(context))
    await timed("aggregation of one day", lambda: aggregation.aggregate(context))
    await timed("evaluation, nothing due", lambda: scoring.evaluate(context))
    await timed("aggregation, nothing changed", lambda: aggregation.aggregate(context))
    await read_leaderboard(database)
    print(f"peak memory of this process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")
    await database.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--sessions", type=int, default=240)
    sessions = parser.parse_args().sessions
    with Installation() as installation:
        asyncio.run(measure(installation.url, sessions))


if __name__ == "__main__":
    main()
