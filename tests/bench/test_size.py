"""The bench of the size finds a size where there is one, none where there is none, and its page says what it read."""

import json
from typing import Any

import numpy as np
import pytest

from backend.models.fitting.features import compute_features
from backend.models.fitting.panel import build_panel
from backend.models.size.fitting import size_data
from backend.models.size.moves import moves_ahead
from bench.forecastable import page
from bench.harness.walk.size_figures import measure, skill
from bench.size import walk
from tests.models.panels import make_panel


def figures_of(payload: dict[str, Any], first: int = 200) -> dict[str, float | None]:
    panel = build_panel(payload)
    computed = compute_features(panel)
    data, moves = size_data(panel, computed.betas, computed.early_sigmas), moves_ahead(panel, computed.betas, 1)
    return measure(walk(data, moves), data, moves, first)


def in_spells(payload: dict[str, Any]) -> dict[str, Any]:
    """The same market with wild spells of 40 sessions between calm ones, each stock at its own time."""
    changed = dict(payload)
    for name in ("open", "high", "low", "close"):
        changed[name] = [list(row) for row in payload[name]]
    for stock, closes in enumerate(payload["close"]):
        level = last = next(price for price in closes if price is not None)
        for day, close in enumerate(closes):
            if close is None:
                continue
            factor = 3.0 if ((day + 13 * stock) // 40) % 2 else 1.0
            start = level
            for name in ("open", "high", "low", "close"):
                changed[name][stock][day] = start * (payload[name][stock][day] / last) ** factor
            level, last = changed["close"][stock][day], close
    return changed


def test_spells_are_found_and_the_band_holds_what_it_promises() -> None:
    found = figures_of(in_spells(make_panel(12, 500)))
    assert found["brier_skill_3pct"] is not None
    assert found["brier_skill_3pct"] > 0.05
    assert found["coverage_80"] == pytest.approx(0.8, abs=0.03)
    assert found["interval_score_ratio"] is not None
    assert found["interval_score_ratio"] < 1


def test_nothing_is_found_where_every_day_is_as_wild_as_the_next() -> None:
    found = figures_of(make_panel(12, 500))
    assert found["brier_skill_3pct"] == pytest.approx(0, abs=0.01)
    assert found["coverage_80"] == pytest.approx(0.8, abs=0.03)


def test_two_stocks_of_a_market_without_an_index_are_measured() -> None:
    assert figures_of(make_panel(2, 700) | {"index": {}}, 600)["n"]


def test_skill_by_hand() -> None:
    """Two days: a loss of a half where the base lost one."""
    chosen = np.ones((2, 2), dtype=bool)
    value, t = skill(np.full((2, 2), 0.5), np.ones((2, 2)), chosen)
    assert (value, t) == (0.5, None)


SIZE = {
    "n": 1000, "n_days": 50, "rate_3pct": 0.19, "ece": 0.004, "coverage_80": 0.8, "worst_coverage_21": 0.72,
    "interval_score_ratio": 0.97, "brier_skill_3pct_2023": 0.06, "brier_skill_3pct_half_1": 0.06,
    "brier_skill_3pct_half_2": 0.05, "brier_skill_3pct_low": 0.052, "brier_skill_3pct_high": 0.071,
    **{f"brier_skill_{name}": 0.06 for name in ("3pct", "3pct_250", "3pct_ewma", "5pct")}, "pinball_skill": 0.044,
    **{f"brier_skill_{name}_t": 6.0 for name in ("3pct", "3pct_250", "3pct_ewma", "5pct")}, "pinball_skill_t": 9.0,
}  # fmt: skip
DIRECTION = {
    "member_skill_h1": 0.004, "member_skill_h1_t": 4.0, "gated_skill_h1": 0.0035, "gated_skill_h1_t": 4.0,
    "gated_skill_h3": 0.001, "gated_skill_h3_t": 1.0, "gated_skill_h5": -0.001, "gated_skill_h5_t": -1.0,
    "rank_ic_h1": 0.08, "shuffled_h1": 1e-5, "shuffled_h3": 1e-4, "shuffled_h5": -1.2e-4,
}  # fmt: skip


def test_the_page_holds_the_figures_and_claims_no_side_that_is_not_proven() -> None:
    text = page(json.loads(json.dumps(SIZE)), DIRECTION, "ten stocks of a test")
    assert "ten stocks of a test" in text
    assert "6.00 % | 5.20 % to 7.10 %" in text
    assert "0.40 % | 0.20 % to 0.60 %" in text
    assert "where the interval above holds 0: 3 sessions, 5 sessions." in text
    assert "not investment advice" in " ".join(text.split())
    with pytest.raises(KeyError):
        page({}, DIRECTION, "nothing")
