"""`python -m bench.harness.driver PORT URL`: asks for all work of bench.harness.workload, over and over, until ended.

A process of its own: in the load generator's event loop it would wait for the answers that are measured there.
"""

import asyncio
import sys

import asyncpg
import httpx

from backend import internal
from bench.harness.workload import WORK, Work, repeat_all

TOKEN = "token-of-the-benchmark"


class Scheduler:
    """Asks the running scheduler for work and waits for its end in the ledger."""

    def __init__(self, port: int, pool: asyncpg.Pool) -> None:
        headers = {"Authorization": f"Bearer {TOKEN}"}
        self._client = httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=headers, trust_env=False)
        self._pool = pool

    async def execute(self, work: Work) -> str:
        body = {"kind": work.kind, "arguments": dict(work.arguments)}
        answer = await self._client.post(internal.RUNS, json=body, timeout=10)
        run_id = answer.raise_for_status().json()["id"]
        while True:
            state = str(await self._pool.fetchval("SELECT state FROM runs WHERE id = $1", run_id))
            if state not in ("queued", "running", "retry"):
                return state
            await asyncio.sleep(0.1)


async def _drive(port: int, url: str) -> None:
    async with asyncpg.create_pool(url, min_size=1, max_size=len(WORK)) as pool:
        await repeat_all(Scheduler(port, pool).execute, url)


if __name__ == "__main__":
    asyncio.run(_drive(int(sys.argv[1]), sys.argv[2]))
