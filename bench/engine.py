"""`python -m bench.engine [--quick] [--json FILE]`: what the job engine costs, with its ledger.

- accept_p50_ms, accept_p95_ms: ledger row and engine row in one committed transaction (must stay under 15 ms);
  commit_p95_ms: a transaction that writes one row, for comparison with the same disk and neighbours;
- start_p50_ms, start_p95_ms: from that commit to the first line of the body, one run at a time (under 100 ms);
- drain_per_s: empty runs a second that one worker executes, from claim to end (must reach 300);
- idle_cpu_percent, idle_transactions_per_s: an active scheduler process that has nothing to do, clock and watchdog on
  (must stay under 2 % of one processor and 10 transactions);
- larger_share: of 200 runs that embed, what the busier of two worker processes executed (must stay under 0.6).
"""

import asyncio
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
from sqlalchemy import text

from backend.config import Settings
from backend.db.session import Database
from backend.domain.runs import Counts, Origin
from backend.internal import NoArguments
from backend.krx import KrxCalendar
from backend.log import configure_logging
from backend.models.process.client import ModelClient
from backend.pipelines.context import RunContext, Tools
from backend.scheduler import engine
from backend.scheduler.accept import accept
from backend.scheduler.kinds import Kind
from backend.scheduler.registry import KINDS, choose_queues
from backend.scheduler.runner import Runner
from bench.harness.command import Figures, run, say
from bench.harness.installation import Installation, end, free_port
from tests.chaos import kinds

_SHARE_RUNS = 200
_started: dict[str, float] = {}


async def _empty(context: RunContext, _arguments: NoArguments) -> Counts:
    _started[str(context.run_id)] = time.perf_counter()
    return Counts()


def percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


async def _accept(database: Database, number: int, kind: str = "bench_empty") -> str:
    arguments = {} if kind == "bench_empty" else kinds.Work(number=number).model_dump()
    async with database.write() as session:
        # A key of its own, and another active key: the bodies take no arguments, and equal work would be one run.
        made = await accept(session, kind, arguments, origin=Origin.API, key=f"bench:{kind}:{number}")
        if kind == "bench_empty":
            rename = text("UPDATE runs SET active_key = key WHERE id = :id")
            await session.execute(rename, {"id": made.id})
    return str(made.id)


async def _measure_accepting(database: Database, count: int) -> Figures:
    """Interleaved with the plain commits, so that both meet the same neighbours."""
    accepting, committing = [], []
    for number in range(count):
        begun = time.perf_counter()
        await _accept(database, number)
        between = time.perf_counter()
        async with database.write() as session:
            await session.execute(text("INSERT INTO jobs (id, cron) VALUES (:id, '')"), {"id": f"bench_{number}"})
        accepting.append(1000 * (between - begun))
        committing.append(1000 * (time.perf_counter() - between))
    return {
        "accept_p50_ms": percentile(accepting, 0.5),
        "accept_p95_ms": percentile(accepting, 0.95),
        "commit_p95_ms": percentile(committing, 0.95),
    }


@asynccontextmanager
async def _serving(settings: Settings, database: Database) -> AsyncIterator[None]:
    runner = Runner(Tools(settings, database, KrxCalendar(), ModelClient(settings)), worker="bench:1:a")
    stop, queues = asyncio.Event(), choose_queues("")
    concurrency = settings.scheduler.concurrency
    serving = asyncio.create_task(
        engine.keep_serving(settings, runner.execute, queues, concurrency=concurrency, stop=stop)
    )
    yield
    stop.set()
    await serving


async def _measure_draining(settings: Settings, database: Database, count: int) -> Figures:
    async with database.read() as session:
        waiting = await session.scalar(text("SELECT count(*) FROM runs WHERE state = 'queued'")) or 0
    for number in range(waiting, count):
        await _accept(database, number)
    begun = time.perf_counter()
    async with _serving(settings, database):
        while len(_started) < count:  # noqa: ASYNC110  (the bodies count themselves)
            await asyncio.sleep(0.01)
        took = time.perf_counter() - begun
    return {"drain_per_s": count / took}


async def _measure_starting(settings: Settings, database: Database, count: int) -> Figures:
    waits = []
    async with _serving(settings, database):
        await asyncio.sleep(1)
        for number in range(count):
            run_id = await _accept(database, 10**6 + number)
            committed = time.perf_counter()
            while run_id not in _started:  # noqa: ASYNC110
                await asyncio.sleep(0.0005)
            waits.append(1000 * max(0.0, _started[run_id] - committed))
            await asyncio.sleep(0.05)  # idle again
    return {"start_p50_ms": percentile(waits, 0.5), "start_p95_ms": percentile(waits, 0.95)}


def _cpu_s(pid: int) -> float:
    """Processor seconds of a process without its children: the model process has its own figures."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def _transactions(url: str) -> int:
    connection = await asyncpg.connect(url)
    await connection.execute("SELECT pg_stat_clear_snapshot()")
    query = "SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = current_database()"
    count: int = await connection.fetchval(query)
    await connection.close()
    return count


def _measure_idling(installation: Installation, seconds: float) -> Figures:
    """The clock is on, but every job is paused until it is measured: what is left is the engine itself."""
    port = free_port()
    given = {"AZAK_SCHEDULER_PORT": str(port), "AZAK_MODELS_ENGINE": "light", "AZAK_MODELS_NICENESS": "0"}
    with installation.serving("backend.scheduler_main", port, "/readyz", **given) as pid:
        time.sleep(15)  # the catch-up of what was never run
        cpu, transactions = _cpu_s(pid), asyncio.run(_transactions(installation.url))
        time.sleep(seconds)
        used, made = _cpu_s(pid) - cpu, asyncio.run(_transactions(installation.url)) - transactions
    return {"idle_cpu_percent": 100 * used / seconds, "idle_transactions_per_s": made / seconds}


async def _ask_for_embeddings(settings: Settings) -> None:
    database = Database(settings, "bench")
    for number in range(_SHARE_RUNS):
        await _accept(database, number, "chaos_embed")
    await database.close()


async def _shares(url: str) -> list[int]:
    """How many of the runs each worker executed, once all have ended."""
    connection = await asyncpg.connect(url)
    ended = "SELECT count(*) FROM runs WHERE kind = 'chaos_embed' AND state = 'succeeded'"
    async with asyncio.timeout(300):
        while await connection.fetchval(ended) < _SHARE_RUNS:  # noqa: ASYNC110  (other processes)
            await asyncio.sleep(0.1)
    rows = await connection.fetch("SELECT count(*) FROM runs WHERE kind = 'chaos_embed' GROUP BY worker")
    await connection.close()
    return [row["count"] for row in rows]


async def _until_workers(url: str, count: int) -> None:
    connection = await asyncpg.connect(url)
    ready = "SELECT count(*) FROM workers WHERE state = 'working' AND details #>> '{models,state}' = 'ready'"
    async with asyncio.timeout(300):
        while await connection.fetchval(ready) < count:  # noqa: ASYNC110
            await asyncio.sleep(0.1)
    await connection.close()


async def _make_tables(url: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(kinds.TABLES)
    await connection.close()


def _measure_sharing(installation: Installation) -> Figures:
    asyncio.run(_make_tables(installation.url))
    given = {"AZAK_MODELS_ENGINE": "light", "AZAK_MODELS_NICENESS": "0", "AZAK_WORKER_KINDS": "chaos_embed"}
    workers = [installation.start("-m", "tests.chaos.process", "worker", **given) for _ in range(2)]
    asyncio.run(_until_workers(installation.url, 2))
    asyncio.run(_ask_for_embeddings(installation.settings()))
    shares = asyncio.run(_shares(installation.url))
    for worker in workers:
        end(worker)
    return {"larger_share": max(shares) / sum(shares), "workers": len(shares)}


async def _measure_engine(settings: Settings, *, quick: bool) -> Figures:
    database = Database(settings, "bench")
    figures = await _measure_accepting(database, 100 if quick else 400)
    figures |= await _measure_draining(settings, database, 1_000 if quick else 5_000)
    figures |= await _measure_starting(settings, database, 50 if quick else 200)
    await database.close()
    return figures


def measure(quick: bool) -> Figures:
    """Flat, for --json."""
    configure_logging("bench", level="warning", log_format="json")
    kinds.register()
    KINDS["bench_empty"] = Kind("bench_empty", _empty)
    with Installation() as installation:
        figures = asyncio.run(_measure_engine(installation.settings(), quick=quick))
        say(f"{figures}")
        figures |= _measure_sharing(installation)
        figures |= _measure_idling(installation, 15 if quick else 60)
    return figures


if __name__ == "__main__":
    run("engine", __doc__, measure)
