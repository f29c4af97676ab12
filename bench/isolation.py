"""`python -m bench.isolation [--quick] [--json FILE]`: what readers notice of crawl, models and evaluation.

A filled demo of 20 stocks; 50 hot reads a second, due at fixed moments whatever the answers do. Busy means that a
crawl, the embedding of 2,000 texts, training, reports and evaluation run all at once, again
and again (bench.harness.workload).

- busy_over_idle_p95, busy_p95_ms: azak's API and scheduler, busy against idle; errors must be 0.
- monolith_loop_over_split_p95: the same routers and jobs in one process (bench.harness.monolith), the jobs in its
  event loop, over busy_p95_ms; monolith_threads_over_split_p95: the jobs in threads; monolith_torch_over_split_p95:
  only the embedding in a thread, over azak busy with all.
- busy_runs_*: runs that ended while azak was read busily.
"""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

import asyncpg
import httpx

from backend import clock
from backend.cli.environment import DemoState, demo_environment
from backend.demo.world.stocks import DEMO_STOCKS
from bench.harness.bare import CODE, HOT
from bench.harness.command import Figures, run, say
from bench.harness.driver import TOKEN, Scheduler
from bench.harness.installation import KEY, Installation, free_port
from bench.harness.load import Load, pace
from bench.harness.workload import WORK, Work, add_texts, count_ended, end_runs, wait_for_work

PER_SECOND = 50
PATHS = [path.replace(CODE, DEMO_STOCKS[0].code) for path in HOT]
MODELS_READY_WITHIN_S = 300


def _steps(quick: bool) -> list[tuple[str, dict[str, Any]]]:
    """The demo's chain; half of its history when it must be quick."""
    return [
        ("load_history", {"days": 120 if quick else 365}),
        ("embed_news", {}),
        ("match_impacts", {}),
        ("backtest", {"sessions": 20 if quick else 75}),
        ("aggregate_performance", {}),
        ("train_models", {}),
        ("generate_predictions", {}),
        ("generate_reports", {}),
    ]


@contextmanager
def outside_world(installation: Installation) -> Iterator[None]:
    """The stand-in, and settings that read it."""
    port = free_port()
    state = DemoState(clock.now().replace(second=0, microsecond=0).isoformat(), seed=7, session_minutes=60)
    demo = demo_environment(state, installation.home)
    base = demo["AZAK_SOURCES_DEMO_URL"]
    installation.environment |= {name: value.replace(base, f"http://127.0.0.1:{port}") for name, value in demo.items()}
    with installation.serving("backend.demo", port, "/livez", "--port", str(port)):
        yield


@contextmanager
def split(installation: Installation) -> Iterator[tuple[int, int]]:
    """The two processes; returns the ports of API and scheduler."""
    scheduler = free_port()
    installation.environment |= {
        "AZAK_SCHEDULER_PORT": str(scheduler),
        "AZAK_SCHEDULER_TOKEN": TOKEN,
        "AZAK_SCHEDULER_CLOCK": "false",
    }
    with (
        installation.serving("backend.scheduler_main", scheduler, "/livez"),
        installation.api() as (api, _),
    ):
        yield api, scheduler


async def _fill(api: int, scheduler: Scheduler, port: int, steps: list[tuple[str, dict[str, Any]]]) -> None:
    deadline = time.monotonic() + MODELS_READY_WITHIN_S
    async with httpx.AsyncClient(trust_env=False, headers={"Authorization": f"Bearer {KEY}"}, timeout=10) as client:
        while not (await client.get(f"http://127.0.0.1:{port}/readyz")).is_success:
            if time.monotonic() > deadline:
                raise RuntimeError("the models did not load; run 'azak scheduler' to see why")
            await asyncio.sleep(0.2)
        for stock in DEMO_STOCKS:
            body = {name: value for name, value in asdict(stock).items() if name in ("code", "name", "market")}
            answer = await client.post(f"http://127.0.0.1:{api}/api/stocks", json=body | {"history": False})
            answer.raise_for_status()
    for kind, arguments in steps:
        began = time.monotonic()
        if (state := await scheduler.execute(Work(kind, arguments))) != "succeeded":
            raise RuntimeError(f"{kind} ended as {state}; 'azak up --demo' shows why")
        say(f"{kind}: {time.monotonic() - began:.1f} s")


async def _read(port: int, seconds: float) -> Load:
    return await pace(port, PATHS, per_second=PER_SECOND, seconds=seconds)


async def _measure_split(installation: Installation, *, quick: bool) -> Figures:
    idle_s, busy_s = (8, 15) if quick else (60, 120)
    with split(installation) as (api, scheduler_port):
        async with asyncpg.create_pool(installation.url, min_size=1, max_size=len(WORK)) as pool:
            await _fill(api, Scheduler(scheduler_port, pool), scheduler_port, _steps(quick))
        await add_texts(installation.url)
        await _read(api, 2)
        idle = await _read(api, idle_s)
        with installation.running("bench.harness.driver", str(scheduler_port), installation.url):
            await wait_for_work(installation.url)
            busy = await _read(api, busy_s)
            ended = await count_ended(installation.url, busy.elapsed_s)
    say(f"split: idle p95 {idle.percentile_ms(0.95):.1f} ms, busy {busy.percentile_ms(0.95):.1f} ms; {dict(ended)}")
    return {
        "busy_over_idle_p95": busy.percentile_ms(0.95) / idle.percentile_ms(0.95),
        "busy_p95_ms": busy.percentile_ms(0.95),
        "idle_p95_ms": idle.percentile_ms(0.95),
        "busy_p99_ms": busy.percentile_ms(0.99),
        "errors": sum(load.errors + load.unanswered for load in (busy, idle)),
        **{f"busy_runs_{work.kind}": ended[work.kind] for work in WORK},
    }


async def _measure_monolith(installation: Installation, mode: str, seconds: float) -> Load:
    """Its p95 is too low where many reads were not answered at all."""
    # Its leases are as long as may be set: a body that blocks the loop blocks the heartbeat, too.
    with installation.api("bench.harness.monolith", mode, AZAK_SCHEDULER_RUN_LEASE_S="120") as (port, _):
        await _read(port, 2)
        async with httpx.AsyncClient(trust_env=False, timeout=60) as client:
            (await client.post(f"http://127.0.0.1:{port}/bench/start")).raise_for_status()
        load = await _read(port, seconds)
    failed = load.errors + load.unanswered
    say(f"monolith, {mode}: p95 {load.percentile_ms(0.95):.1f} ms, {failed} reads failed or were not answered")
    return load


def measure(quick: bool) -> Figures:
    """All figures."""
    with Installation() as installation, outside_world(installation):
        figures = asyncio.run(_measure_split(installation, quick=quick))
        for mode in ("loop", "threads", "torch"):
            asyncio.run(end_runs(installation.url))
            load = asyncio.run(_measure_monolith(installation, mode, 8 if quick else 60))
            figures |= {
                f"monolith_{mode}_over_split_p95": load.percentile_ms(0.95) / figures["busy_p95_ms"],
                f"monolith_{mode}_p95_ms": load.percentile_ms(0.95),
                f"monolith_{mode}_errors": load.errors + load.unanswered,
            }
    return figures


if __name__ == "__main__":
    run("isolation", __doc__, measure)
