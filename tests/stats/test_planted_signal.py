"""The record finds what is there, after as many sessions as it says, and nothing where nothing is."""

from typing import Any

import numpy as np
import pytest

from backend.stats.metrics import summarise_metrics
from tests.stats.test_metrics import CODES, STOCKS, pack

PANELS = 60


def panel(*, seed: int, days: int, planted: float) -> dict[str, Any]:
    """A tenth of the items is up with p = 0.5 + planted or its mirror, and the model knows; the rest is chance."""
    rng = np.random.default_rng(seed)
    n = days * STOCKS
    p = np.where(rng.random(n) < 0.1, 0.5 + planted * rng.choice([-1, 1], n), 0.5)
    y = (rng.random(n) < p).astype(float)
    none = np.zeros(n)
    return {
        "p": p, "reference_p": np.full(n, 0.5), "y": y, "adjusted_returns": (y - 0.5) * 0.02,
        "raw_returns": (y - 0.5) * 0.02, "gaps": none, "directions": none, "in_band": none, "band_widths": none,
        "pinball": none, "reference_pinball": none,
    }  # fmt: skip


def values(items: dict[str, Any], days: int, windows: list[int]) -> list[dict[str, Any]]:
    """Figures of the first so many sessions, for each of `windows`."""
    dates = [str(np.datetime64("2024-01-01") + day) for day in range(days)]
    payload = {
        "horizon": 1, "trade_dates": dates, "counts": [STOCKS] * days, "stocks": pack(CODES * days, "S6"),
        "columns": {name: pack(column) for name, column in items.items()},
        "windows": [[dates[0], dates[end - 1]] for end in windows],
    }  # fmt: skip
    return [window["values"] for window in summarise_metrics(payload)["windows"]]


def test_a_planted_signal_shows_after_the_sessions_that_the_page_predicts() -> None:
    """Four panels of five show it (lower bound above 0) after 1.5 times the prediction, and fewer after two thirds."""
    planted, days = 0.25, 600
    predicted = np.median(
        [
            values(panel(seed=seed, days=200, planted=planted), 200, [200])[0]["sessions_needed"]["value"]
            for seed in range(PANELS)
        ]
    )
    ends = [int(predicted / 1.5), int(predicted * 1.5)]
    found = np.array(
        [
            [row["brier_skill"]["low"] > 0 for row in values(panel(seed=seed, days=days, planted=planted), days, ends)]
            for seed in range(100, 100 + PANELS)
        ]
    ).mean(axis=0)
    assert found[0] < 0.8 < found[1]


@pytest.mark.parametrize("seed", range(5))
def test_with_shuffled_labels_nobody_has_skill(seed: int) -> None:
    rng = np.random.default_rng(seed)
    items = panel(seed=seed, days=200, planted=0.25)
    items["y"] = rng.permutation(items["y"])
    sides = {
        "informed before": items["p"],
        "momentum": 0.5 + 0.03 * rng.choice([-1, 1], len(items["p"])),
        "always up": np.full(len(items["p"]), 0.53),
        "base rate": items["reference_p"],
    }
    for p in sides.values():
        (found,) = values(items | {"p": p}, 200, [200])
        assert found["brier_skill"]["low"] <= 0
