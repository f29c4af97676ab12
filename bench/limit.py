"""`python -m bench.limit [--quick] [--json FILE]`: what the hot reads cost, and what they must not cost.

- worst_hot_read_ratio: requests a second of the API over those of a bare Starlette + asyncpg handler that sends the
  same bytes from the same statement, in turns; the worst of the five.
- worst_p99_at_half_load_ms: p99 of the API at half of the requests a second it can answer.
- worst_p95_growth: p95 over a database `growth_scale` times as large over p95 over the small one, both asked at the
  same time at the same rate; 100 times is 1 million news, 10 million predictions and 50 million minute bars.
- api_rss_mb: resident MB (1024 kB) of one API process after `rss_requests` requests; api_rss_growth: over the one in
  the middle of them.
"""

import asyncio
import re
from contextlib import ExitStack
from pathlib import Path
from statistics import median

from bench.harness import world
from bench.harness.bare import HOT
from bench.harness.command import Figures, run, say
from bench.harness.installation import Installation
from bench.harness.load import pace, saturate

TURN_S = 0.4
PER_SECOND = 20  # of each path, on each of the two databases


def _resident_mb(pid: int) -> float:
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert found is not None
    return int(found[1]) / 1024


def _name(path: str) -> str:
    """`/api/stocks/000101/bars` -> `bars`."""
    return path.partition("?")[0].rpartition("/")[2]


async def _ratios(api: int, bare: int, *, rounds: int) -> Figures:
    """Requests a second of both in short turns, so that a busy neighbour slows both; then the API at half of that."""
    figures: Figures = {}
    for path in HOT:
        shares, rates = [], []
        for _ in range(rounds):
            least = await saturate(bare, path, seconds=TURN_S)
            ours = await saturate(api, path, seconds=TURN_S)
            if least.errors or ours.errors or least.size != ours.size:
                raise RuntimeError(f"{path} was not answered the same by both: {least.size} and {ours.size} bytes")
            shares.append(ours.per_second / least.per_second)
            rates.append(ours.per_second)
        half = await pace(api, [path], per_second=median(rates) / 2, seconds=rounds * TURN_S)
        figures |= {
            f"{_name(path)}_ratio": median(shares),
            f"{_name(path)}_per_second": median(rates),
            f"{_name(path)}_p99_at_half_load_ms": half.percentile_ms(0.99),
        }
        say(f"{path}: {median(rates):.0f}/s, {median(shares):.2f} of bare, p99 {half.percentile_ms(0.99):.1f} ms")
    return figures


async def _growth(small: int, large: int, *, seconds: float) -> Figures:
    """p95 of both at the same moments, so that a busy neighbour slows both."""
    figures: Figures = {}
    for path in HOT:
        for port in (small, large):  # plans and pages in memory, as in any hour but the first
            await saturate(port, path, seconds=0.5, connections=2)

        async def after_half_a_step(path: str = path) -> float:
            await asyncio.sleep(0.5 / PER_SECOND)
            return (await pace(large, [path], per_second=PER_SECOND, seconds=seconds)).percentile_ms(0.95)

        first, then = await asyncio.gather(
            pace(small, [path], per_second=PER_SECOND, seconds=seconds), after_half_a_step()
        )
        p95_ms = first.percentile_ms(0.95)
        figures |= {f"{_name(path)}_p95_ms": p95_ms, f"{_name(path)}_p95_growth": then / p95_ms}
        say(f"{path}: p95 {p95_ms:.1f} ms, {then / p95_ms:.2f} times that on the large database")
    return figures


async def _memory(port: int, pid: int, requests: int) -> Figures:
    """Every path in turn until `requests` were answered; as much of each in both halves."""
    answered, resident = 0, []
    for half in (1, 2):
        while answered < half * requests / 2:
            for path in HOT:
                load = await saturate(port, path, seconds=TURN_S)
                if load.errors:
                    raise RuntimeError(f"{load.errors} errors of {path}")
                answered += len(load.seconds)
        resident.append(_resident_mb(pid))
    say(f"{resident[1]:.1f} MB after {answered} requests, {resident[0]:.1f} after half of them")
    return {"api_rss_mb": resident[1], "api_rss_growth": resident[1] / resident[0], "rss_requests": answered}


def measure(quick: bool) -> Figures:
    """All figures."""
    scale, rounds, requests = (4, 7, 10_000) if quick else (100, 40, 100_000)
    with Installation() as installation, ExitStack() as stack:
        small, large = installation.url, installation.add_database("large")
        for url, size in ((small, 1), (large, scale)):
            say(f"database at {size} x: {asyncio.run(world.fill(url, size))}")
        port, _ = stack.enter_context(installation.api(AZAK_DATABASE_URL=small))
        bare, _ = stack.enter_context(installation.api("bench.harness.bare", AZAK_DATABASE_URL=small))
        figures = asyncio.run(_ratios(port, bare, rounds=rounds))
        other, _ = stack.enter_context(installation.api(AZAK_DATABASE_URL=large))
        figures |= asyncio.run(_growth(port, other, seconds=4 if quick else 30))
        fresh, pid = stack.enter_context(installation.api(AZAK_DATABASE_URL=large))
        figures |= asyncio.run(_memory(fresh, pid, requests))
    worst = {
        "worst_hot_read_ratio": min(value for name, value in figures.items() if name.endswith("_ratio")),
        "worst_p99_at_half_load_ms": max(value for name, value in figures.items() if name.endswith("half_load_ms")),
        "worst_p95_growth": max(value for name, value in figures.items() if name.endswith("_p95_growth")),
        "growth_scale": scale,
    }
    return worst | figures


if __name__ == "__main__":
    run("limit", __doc__, measure)
