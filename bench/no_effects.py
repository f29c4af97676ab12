"""`python -m bench.no_effects [--json FILE]`: does azak find anything where nothing is to be found?

Fills a demo in which news moves no price (`azak up --demo --no-effects`; two to three minutes) and asks its REST API.

- models_with_skill: rows of the leaderboards (replayed and live, each horizon, all windows) with has_skill (must be 0).
- sole_first_ranks: leaderboards on which one model alone is first and claims a skill (must be 0).
- base_rate_alone_first: leaderboards that rank the base rate apart from a shown model that says the same (must be 0).
- calls: stocks and horizons whose forecast is a call (must be 0), leans and forecasts beside it.
"""

from typing import Any, Final

import httpx

from backend.domain.forecasts import HORIZONS
from bench.harness.command import Figures, run, say
from bench.harness.demo import filled_demo

WINDOWS: Final = ("20", "60", "250", "all")
MODES: Final = ("live", "backtest")


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
    with filled_demo("--no-effects") as url, httpx.Client(base_url=url, timeout=30, trust_env=False) as client:
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
