"""Orders for real jobs, given through the API all the time, and what was promised of them."""

# ruff: noqa: ASYNC110  (what is waited for is another process's)

import asyncio
import random
import uuid
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

import httpx

from tests.chaos.wide.ground import KEY

STOCKS: Final = (("005930", "삼성전자", "KOSPI"), ("000660", "SK하이닉스", "KOSPI"), ("035420", "NAVER", "KOSPI"))
_CODES: Final = {"stock_codes": [code for code, _, _ in STOCKS]}
# Kind -> (weight, arguments).
MIX: Final[dict[str, tuple[int, dict[str, Any]]]] = {
    "crawl_news": (40, {}),
    "embed_news": (10, {}),
    "generate_predictions": (10, _CODES),
    "collect_prices": (9, {}),
    "generate_reports": (8, {}),
    "match_impacts": (7, {}),
    "evaluate_predictions": (6, {}),
    "collect_daily_bars": (4, {}),
    "aggregate_performance": (3, {}),
    "refresh_stocks": (2, {}),
    "housekeeping": (1, {}),
}
_EVERY_S: Final = 1.5
_TWICE: Final = 0.15
_OPEN: Final = 8  # orders that wait for their answer


@dataclass
class Orders:
    """`promised`: run id -> kind, for every order that was answered 202."""

    url: str
    rng: random.Random
    promised: dict[str, str] = field(default_factory=dict)
    asked_twice: list[str] = field(default_factory=list)
    answers: dict[int, int] = field(default_factory=dict)

    async def run(self, stop: asyncio.Event) -> None:
        """Order until `stop`, then wait until every order is answered."""
        asking: set[asyncio.Task[None]] = set()
        async with self._client() as client:
            while not stop.is_set():
                if len(asking) < _OPEN:  # else the test itself has no time for the cables
                    task = asyncio.create_task(self._order(client))
                    asking.add(task)
                    task.add_done_callback(asking.discard)
                await asyncio.sleep(self.rng.expovariate(1 / _EVERY_S))
            await asyncio.gather(*asking)

    async def finish(self, kind: str, arguments: dict[str, Any] | None = None, within_s: float = 300) -> dict[str, Any]:
        """Order one and wait for its end."""
        async with self._client() as client, asyncio.timeout(within_s):
            run_id = await self._send(client, f"/api/jobs/{kind}/runs", {"arguments": arguments or {}}, kind)
            while True:
                with suppress(httpx.TransportError):
                    answer = await client.get(f"/api/runs/{run_id}")
                    run: dict[str, Any] = answer.json() if answer.is_success else {"state": "queued"}
                    if run["state"] not in ("queued", "running", "retry"):
                        return run
                await asyncio.sleep(0.3)

    async def add_stocks(self) -> None:
        async with self._client() as client:
            for code, name, market in STOCKS:
                body = {"code": code, "name": name, "market": market, "history": False}
                while (await self._try(client, "/api/stocks", body, str(uuid.uuid4()))) is None:
                    await asyncio.sleep(0.5)

    def _client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            base_url=self.url, headers={"Authorization": f"Bearer {KEY}"}, timeout=30, trust_env=False
        )

    async def _order(self, client: httpx.AsyncClient) -> None:
        kind = self.rng.choices(list(MIX), [weight for weight, _ in MIX.values()])[0]
        twice = self.rng.random() < _TWICE
        path, body, key = f"/api/jobs/{kind}/runs", {"arguments": MIX[kind][1]}, str(uuid.uuid4())
        ids = [await self._send(client, path, body, kind, key) for _ in range(1 + twice)]
        if len(set(ids)) > 1:
            self.asked_twice.append(f"one key, two runs of {kind}: {ids}")

    async def _send(
        self, client: httpx.AsyncClient, path: str, body: dict[str, Any], kind: str, key: str | None = None
    ) -> str:
        """Ask with one key until there is an answer: an acceptance whose answer was lost is the same run."""
        key = key or str(uuid.uuid4())
        while (found := await self._try(client, path, body, key)) is None:
            await asyncio.sleep(0.5)
        self.promised[found] = kind
        return found

    async def _try(self, client: httpx.AsyncClient, path: str, body: dict[str, Any], key: str) -> str | None:
        try:
            answer = await client.post(path, json=body, headers={"Idempotency-Key": key})
        except httpx.TransportError:
            return None
        self.answers[answer.status_code] = self.answers.get(answer.status_code, 0) + 1
        if answer.status_code in (200, 201, 202):
            return str(answer.json().get("id") or answer.json().get("code"))
        if answer.status_code in (409, 429) or answer.status_code >= 500:
            return None
        raise RuntimeError(f"{path} answered {answer.status_code}: {answer.text[:300]}")
