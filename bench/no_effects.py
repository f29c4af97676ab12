"""`python -m bench.no_effects [--json FILE]`: does azak find anything where nothing is to be found?

Fills a demo in which news moves no price (`azak up --demo --no-effects`; two to three minutes) and asks its REST API.

- models_with_skill: rows of the leaderboards (replayed and live, each horizon, all windows) with has_skill (must be 0).
- sole_first_ranks: leaderboards on which one model alone is first and claims a skill (must be 0).
- base_rate_alone_first: leaderboards that rank the base rate apart from a shown model that says the same (must be 0).
- calls: stocks and horizons whose forecast is a call (must be 0), leans and forecasts beside it.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import httpx

from backend.domain.forecasts import HORIZONS
from bench.harness.command import Figures, run, say
from bench.harness.installation import ROOT, free_port

FILLED_WITHIN_S: Final = 600
WINDOWS: Final = ("20", "60", "250", "all")
MODES: Final = ("live", "backtest")


@contextmanager
def filled_demo() -> Iterator[str]:
    """The URL of the API of a filled demo without effects, which ends with the block."""
    ports = [free_port() for _ in range(4)]
    with tempfile.TemporaryDirectory(prefix="azak-bench-", dir="/tmp") as home:
        Path(home).chmod(0o755)
        environment = {name: value for name, value in os.environ.items() if not name.startswith("AZAK_")} | {
            "AZAK_DATA_DIR": home,
            "AZAK_API_PORT": str(ports[0]),
            "AZAK_SCHEDULER_PORT": str(ports[1]),
            "AZAK_DATABASE_PORT": str(ports[2]),
            "AZAK_SOURCES_DEMO_URL": f"http://127.0.0.1:{ports[3]}",
        }
        command = (sys.executable, "-m", "backend.cli", "up", "--demo", "--no-effects")
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
        try:
            _wait_until_filled(Path(home) / "demo" / "demo.json", process)
            yield f"http://127.0.0.1:{ports[0]}"
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(60)


def _wait_until_filled(state: Path, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + FILLED_WITHIN_S
    while not (state.exists() and json.loads(state.read_text())["filled"]):
        if process.poll() is not None or time.monotonic() > deadline:
            sys.exit("The demo was not filled; run 'azak up --demo --no-effects' to see why.")
        time.sleep(1)


def _board_figures(client: httpx.Client) -> Figures:
    skilled = sole = apart = 0
    for mode in MODES:
        for horizon in HORIZONS:
            for window in WINDOWS:
                asked = {"mode": mode, "horizon": horizon, "window": window}
                rows = client.get("/api/evaluations/leaderboard", params=asked).raise_for_status().json()["items"]
                skilled += sum(row["has_skill"] for row in rows)
                first = [row for row in rows if row["rank"] == 1]
                sole += len(first) == 1 and first[0]["has_skill"]
                apart += _is_base_apart(rows)
    return {"models_with_skill": skilled, "sole_first_ranks": sole, "base_rate_alone_first": apart}


def _is_base_apart(rows: list[dict[str, Any]]) -> bool:
    """Whether a model whose skill is exactly 0 stands on another rank than the base rate."""
    same = {row["rank"] for row in rows if row["rank"] is not None and (row["brier_skill"] or {}).get("value") == 0}
    return len(same) > 1


def measure(_quick: bool) -> Figures:
    """Fill, ask, end."""
    say("filling a demo in which news moves no price")
    with filled_demo() as url, httpx.Client(base_url=url, timeout=30, trust_env=False) as client:
        figures = _board_figures(client)
        stocks = client.get("/api/dashboard").raise_for_status().json()["stocks"]
    verdicts = [forecast["verdict"] for stock in stocks for forecast in stock["forecasts"]]
    return figures | {
        "calls": verdicts.count("call"),
        "leans": verdicts.count("lean"),
        "forecasts": len(verdicts),
    }


def main() -> None:
    run("no_effects", __doc__, measure)


if __name__ == "__main__":
    main()
