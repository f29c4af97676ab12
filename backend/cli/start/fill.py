"""Fills a new demo through the public REST API: adds its stocks, then runs each job once.

It uses no database and no code of jobs.
"""

import asyncio
from collections.abc import Callable
from typing import Any, Final, Protocol

import httpx

from backend.cli.client import OPEN_STATES, RequestRefusedError, response_sentence, run_failure
from backend.demo.world.stocks import DEMO_STOCKS
from backend.errors import AzakError

STEPS: Final[tuple[tuple[str, dict[str, Any]], ...]] = (
    ("refresh_stocks", {}),
    ("load_history", {"days": 365}),
    ("embed_news", {}),
    ("match_impacts", {}),
    ("backtest", {"sessions": 150}),
    ("evaluate_predictions", {}),
    ("aggregate_performance", {}),
    # After the replay, because the gate is fitted to scored predictions (at least 60 sessions).
    ("train_models", {}),
    ("crawl_news", {}),
    ("collect_prices", {}),
    ("generate_predictions", {}),
    ("generate_reports", {}),
    ("collect_daily_bars", {}),
    ("collect_minute_bars", {}),
    ("housekeeping", {}),
)
POLL_S: Final = 0.3
# Retry that long: an API instance may be restarting.
PATIENCE_S: Final = 30


class FillError(AzakError):
    """A step failed; the results of earlier steps are kept."""


class Reporter(Protocol):
    """Receiver of progress."""

    def step(self, position: int, name: str) -> None: ...

    def progress(self, fraction: float, message: str) -> None: ...


async def _send(
    client: httpx.AsyncClient, method: str, path: str, body: Any = None, *, repeated_ok: bool = False
) -> Any:
    """Send a request and decode the response. `repeated_ok`: 409 is a success, as after an earlier, failed fill."""
    clock = asyncio.get_running_loop().time
    deadline = clock() + PATIENCE_S
    while True:
        try:
            response = await client.request(method, path, json=body)
        except httpx.TransportError as error:
            if clock() > deadline:
                raise FillError(f"The API did not answer {method} {path} for {PATIENCE_S} s: {error!r}") from error
        else:
            if response.is_success or (repeated_ok and response.status_code == httpx.codes.CONFLICT):
                return response.json()
            if response.status_code != httpx.codes.SERVICE_UNAVAILABLE or clock() > deadline:
                raise RequestRefusedError(f"{method} {path}: {response_sentence(response)}")
        await asyncio.sleep(POLL_S)


async def _run_to_its_end(client: httpx.AsyncClient, run: dict[str, Any], show: Callable[[float, str], None]) -> None:
    while run["state"] in OPEN_STATES:
        show(run.get("progress") or 0.0, run.get("message") or run["state"])
        await asyncio.sleep(POLL_S)
        run = await _send(client, "GET", f"/api/runs/{run['id']}")
    if run["state"] not in {"succeeded", "skipped"}:
        raise FillError(f"{run_failure(run)} (azak runs show {run['id']} --demo)")
    show(1.0, "done")


async def _add_stocks(client: httpx.AsyncClient, reporter: Reporter) -> None:
    for count, stock in enumerate(DEMO_STOCKS, start=1):
        body = {
            "code": stock.code, "name": stock.name, "market": stock.market, "aliases": stock.aliases, "history": False,
        }  # fmt: skip
        await _send(client, "POST", "/api/stocks", body, repeated_ok=True)
        reporter.progress(count / len(DEMO_STOCKS), stock.name)


async def fill(client: httpx.AsyncClient, reporter: Reporter) -> None:
    """Add the demo's stocks and run every step once. Raises FillError or RequestRefusedError."""
    reporter.step(0, "stocks")
    await _add_stocks(client, reporter)
    for position, (job, arguments) in enumerate(STEPS, start=1):
        reporter.step(position, job)
        run = await _send(client, "POST", f"/api/jobs/{job}/runs", {"arguments": arguments})
        await _run_to_its_end(client, run, reporter.progress)
