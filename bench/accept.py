"""`python -m bench.accept [--quick] [--json FILE]`: what the API adds to a request for work.

The same request for a report, in turns: to the API (key, audit, limit, forwarding, the run read back) and directly to
the scheduler's internal route.
accept_over_direct_p95_ms is the difference of their 95th percentiles; 15 ms is the limit.
"""

import asyncio
import time

import httpx

from backend import internal
from backend.db.session import Database
from bench.harness.command import Figures, run, say
from bench.harness.driver import TOKEN
from bench.harness.installation import KEY, Installation
from bench.harness.load import Load
from bench.isolation import outside_world, split
from tests.factories import SAMSUNG, add_stock

BODY = {"stock_code": SAMSUNG}


async def _fill(installation: Installation) -> None:
    database = Database(installation.settings(), "bench.accept")
    async with database.write() as session:
        await add_stock(session)
    await database.close()


async def _ask(client: httpx.AsyncClient, path: str, load: Load) -> None:
    began = time.perf_counter()
    answer = await client.post(path, json=BODY)
    load.seconds.append(time.perf_counter() - began)
    if answer.status_code != 202 or answer.json().get("deferred"):
        raise RuntimeError(f"{path} answered {answer.status_code}: {answer.text[:200]}")


def _client(port: int, key: str) -> httpx.AsyncClient:
    headers = {"Authorization": f"Bearer {key}"}
    return httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=headers, trust_env=False, timeout=30)


async def _measure(api: int, scheduler: int, rounds: int) -> Figures:
    forwarded, direct, warm = Load(), Load(), Load()
    async with _client(api, KEY) as people, _client(scheduler, TOKEN) as inside:
        for number in range(rounds + 20):
            warming = number < 20
            await _ask(people, "/api/reports", warm if warming else forwarded)
            await _ask(inside, internal.GENERATE_REPORT, warm if warming else direct)
    figures = {"accept_p95_ms": forwarded.percentile_ms(0.95), "direct_p95_ms": direct.percentile_ms(0.95)}
    say(f"202 through the API {figures['accept_p95_ms']:.1f} ms, direct {figures['direct_p95_ms']:.1f} ms (p95)")
    figures |= {"accept_p50_ms": forwarded.percentile_ms(0.5), "direct_p50_ms": direct.percentile_ms(0.5)}
    return {"accept_over_direct_p95_ms": figures["accept_p95_ms"] - figures["direct_p95_ms"], **figures}


def measure(quick: bool) -> Figures:
    """All figures."""
    with Installation() as installation:
        installation.environment |= {"AZAK_API_ORDERS_PER_MINUTE": "1000000", "AZAK_API_SCHEDULER_TIMEOUT_S": "10"}
        installation.environment |= {"AZAK_MODELS_ENGINE": "light"}
        asyncio.run(_fill(installation))
        with outside_world(installation), split(installation) as (api, scheduler):
            return asyncio.run(_measure(api, scheduler, 200 if quick else 2000))


if __name__ == "__main__":
    run("accept", __doc__, measure)
