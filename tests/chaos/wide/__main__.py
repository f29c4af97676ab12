"""`python -m tests.chaos.wide [--faults N] [--minutes M] [--seed S] [--json FILE] [--logs FOLDER]`.

Exit code 1 if a promise broke.

Real job bodies over the stand-in: two schedulers, a worker and an API, hurt in every kind of `faults.SHARES`.
"""

import argparse
import asyncio
import json
import math
import random
import sys
import time
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import asyncpg

from backend import clock
from backend.domain.runs import RunReason
from backend.pipelines.sources.catalogue import SOURCES
from tests.chaos import checks
from tests.chaos.proxy import cable_to
from tests.chaos.wide.faults import SHARES, WideChaos
from tests.chaos.wide.fleet import ROLES, WideFleet
from tests.chaos.wide.ground import WORLD_HOURS, Ground, ground, missing
from tests.chaos.wide.orders import MIX, STOCKS, Orders
from tests.chaos.wide.truth import Told
from tests.chaos.wide.verdict import Verdict, judge

_DRAIN_S: Final = 600.0
_SPEED: Final = 30.0  # half an hour of the world's news a minute: 50 articles of a paper are gone in a quarter
# After the faults each of these must succeed (or say that there is nothing to do), in this order.
_AFTERWARDS: Final = (
    "check_sources", "crawl_news", "embed_news", "collect_daily_bars", "match_impacts", "generate_predictions",
    "evaluate_predictions", "aggregate_performance", "generate_reports", "housekeeping",
)  # fmt: skip
_NOTHING_LEFT: Final = (RunReason.NOTHING_DUE, RunReason.MARKET_CLOSED)


def _say(line: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {line}", flush=True)


async def _run(built: Ground, faults: int, within_s: float, verdict: Verdict) -> None:
    rng = random.Random(verdict.seed)
    async with AsyncExitStack() as stack:
        port = built.world.settings.database.port
        cables = [await stack.enter_async_context(cable_to(port)) for _ in ROLES]
        fleet = WideFleet(built, cables)
        orders = Orders(fleet.api_url, random.Random(rng.random()))
        told = Told(built, _SPEED)
        until = built.standin.start + timedelta(hours=WORLD_HOURS)
        telling = asyncio.create_task(told.run(until))
        try:
            await _begin(orders)
            begun, enough = clock.now(), asyncio.Event()
            ordering = asyncio.create_task(orders.run(enough))
            chaos = WideChaos(built, fleet, random.Random(rng.random()))
            await chaos.run(faults, set(verdict.left_out), _say, within_s)
            verdict.faults = dict(sorted(chaos.done.items()))
            await chaos.heal()
            enough.set()
            keeping = asyncio.create_task(chaos._keep_alive())
            await ordering
            verdict.drain_s = await _drain(built)
            await told.keep_journal()
            await built.control("reset", {})
            await _finish(orders, verdict)
            keeping.cancel()
            await told.keep_journal()
        finally:
            telling.cancel()
            await asyncio.to_thread(fleet.stop)
        verdict.problems += orders.asked_twice
        verdict.journal = len(told.journal)
        (built.world.home / "journal.log").write_text(json.dumps(list(told.journal.values())))
        connection = await asyncpg.connect(built.world.url)
        await judge(connection, verdict, orders.promised, told.served(begun))
        await connection.close()


async def _begin(orders: Orders) -> None:
    """A small filled installation: prices and news of three stocks, models that forecast, and one crawl.

    Without that crawl nobody could tell an article that a feed forgot before azak ever stored it.
    """
    _say("filling")
    await orders.add_stocks()
    for kind, arguments in (
        ("refresh_stocks", {}), ("load_history", {"days": 365}), ("embed_news", {}), ("match_impacts", {}),
        ("backtest", {"sessions": 75}), ("evaluate_predictions", {}), ("aggregate_performance", {}),
        ("initial_analysis", {"stock_code": STOCKS[0][0]}), ("crawl_news", {}), ("train_models", {}),
        ("generate_predictions", {}),
    ):  # fmt: skip
        run = await orders.finish(kind, arguments)
        _say(f"{kind}: {run['state']} {run.get('counts')}")
    for _ in range(5):
        if run["state"] == "succeeded":
            break  # else a session closed after the training, which the live record waits for
        await orders.finish("train_models")
        run = await orders.finish("generate_predictions")
        _say(f"generate_predictions: {run['state']} {run.get('reason') or ''} {run.get('counts')}")


async def _drain(built: Ground) -> float:
    started = time.monotonic()
    connection = await asyncpg.connect(built.world.url)
    while time.monotonic() - started < _DRAIN_S and await checks.count_unfinished(connection):  # noqa: ASYNC110  (rows)
        await asyncio.sleep(0.3)
    await connection.close()
    return round(time.monotonic() - started, 1)


async def _finish(orders: Orders, verdict: Verdict) -> None:
    """The work is complete afterwards. A source that refused (403) is asked again only when a person names it."""
    given: dict[str, dict[str, Any]] = {"check_sources": {"sources": sorted(SOURCES)}}
    for kind in _AFTERWARDS:
        arguments = given.get(kind) or MIX.get(kind, (0, {}))[1]
        run = await orders.finish(kind, arguments)
        if run["state"] in ("failed", "dead"):  # of one attempt, which may meet the last broken connection
            run = await orders.finish(kind, arguments)
        _say(f"afterwards {kind}: {run['state']} {run.get('reason') or ''} {run.get('counts')}")
        if run["state"] != "succeeded" and run.get("reason") not in _NOTHING_LEFT:
            verdict.problems.append(f"afterwards {kind} ended {run['state']}: {run.get('error') or run.get('reason')}")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.wide", description=__doc__)
    parser.add_argument("--faults", type=int, default=200)
    parser.add_argument("--minutes", type=float, default=math.inf, help="no fault begins later than this")
    parser.add_argument("--seed", type=int, help="repeats the order of a run; drawn and printed when missing")
    parser.add_argument("--only", help="kinds of faults, separated by commas")
    parser.add_argument("--json", type=Path, help="writes the verdict")
    parser.add_argument("--logs", type=Path, help="keeps the logs of the processes in this folder")
    given = parser.parse_args()
    verdict = Verdict(random.randrange(10**6) if given.seed is None else given.seed, left_out=missing())
    if given.only:
        wanted = given.only.split(",")
        verdict.left_out |= dict.fromkeys(set(SHARES) - set(wanted), "not asked for")
    started = time.monotonic()
    with ground() as built:
        try:
            asyncio.run(_run(built, given.faults, given.minutes * 60, verdict))
        finally:
            _keep_logs(built, given.logs)
    verdict.seconds = round(time.monotonic() - started, 1)
    print(json.dumps(verdict.as_json(), indent=2))
    if given.json is not None:
        given.json.write_text(json.dumps(verdict.as_json()) + "\n")
    for problem in verdict.problems:
        print(f"VIOLATION {problem}")
    return int(bool(verdict.problems))


def _keep_logs(built: Ground, logs: Path | None) -> None:
    if logs is not None:
        logs.mkdir(parents=True, exist_ok=True)
        for log in (*built.world.home.glob("*.log"), *(built.azak_disk.path / "logs").glob("*")):
            (logs / log.name).write_bytes(log.read_bytes())


if __name__ == "__main__":
    sys.exit(main())
