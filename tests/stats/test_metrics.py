"""The metric set against scikit-learn, scipy and brute force; clustering by day; independence of order."""

import json
from typing import Any

import numpy as np
import pytest
from scipy import stats as scipy_stats
from sklearn.metrics import balanced_accuracy_score, brier_score_loss, log_loss, matthews_corrcoef

from backend.stats.intervals import clustered_mean, student_95, wilson
from backend.stats.metrics import summarise_metrics

DAYS, STOCKS = 30, 15
N = DAYS * STOCKS


def columns(*, seed: int = 1, **changes: Any) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    p = rng.uniform(0.35, 0.65, N)
    y = (rng.random(N) < p).astype(float)
    returns = (y - 0.5) * rng.uniform(0.001, 0.03, N)
    dates = [f"2026-0{3 + day // 28}-{day % 28 + 1:02}" for day in range(DAYS) for _ in range(STOCKS)]
    return {
        "trade_dates": dates,
        "stocks": [f"{100 + k:04}00" for _ in range(DAYS) for k in range(STOCKS)],
        "p": p.tolist(),
        "reference_p": [0.52] * N,
        "y": y.tolist(),
        "adjusted_returns": returns.tolist(),
        "shown": (np.abs(p - 0.5) > 0.05).tolist(),
        "in_band": (rng.random(N) < 0.8).tolist(),
        "band_widths": rng.uniform(0.02, 0.1, N).tolist(),
        "pinball": rng.uniform(0.1, 0.5, N).tolist(),
    } | changes


def summarise(items: dict[str, Any], *, horizon: int = 1, first: str = "2000-01-01", last: str = "2100-01-01") -> Any:
    payload = {"horizon": horizon, "items": items, "windows": [[first, last]]}
    return json.loads(json.dumps(summarise_metrics(payload), allow_nan=False))["windows"][0]


def test_values_equal_the_oracles() -> None:
    items = columns()
    p, y = np.array(items["p"]), np.array(items["y"])
    values = summarise(items)["values"]
    assert values["brier"]["value"] == pytest.approx(brier_score_loss(y, p), abs=1e-9)
    assert values["log_loss"]["value"] == pytest.approx(log_loss(y, p), abs=1e-9)
    assert values["two_by_two"]["mcc"] == pytest.approx(matthews_corrcoef(y, p > 0.5), abs=1e-9)
    assert values["two_by_two"]["balanced_accuracy"] == pytest.approx(balanced_accuracy_score(y, p > 0.5), abs=1e-9)
    assert values["accuracy"]["value"] == pytest.approx(np.mean((p > 0.5) == (y == 1)))
    assert values["accuracy"]["baseline"] == pytest.approx(y.mean())
    assert values["base_rate"]["value"] == pytest.approx(y.mean())
    expected_skill = 1 - np.mean((p - y) ** 2) / np.mean((0.52 - y) ** 2)
    assert values["brier_skill"]["value"] == pytest.approx(expected_skill, abs=1e-12)
    assert values["coverage"]["value"] == pytest.approx(np.mean(items["shown"]))
    assert values["band_coverage"]["baseline"] == 0.8


def test_accuracy_has_the_day_clustered_error_of_the_formula() -> None:
    items = columns()
    right = (np.array(items["p"]) > 0.5) == (np.array(items["y"]) == 1)
    accuracy = right.mean()
    squares = sum((right[d * STOCKS : (d + 1) * STOCKS].sum() - accuracy * STOCKS) ** 2 for d in range(DAYS))
    error = np.sqrt(squares) / N
    row = summarise(items)
    half = scipy_stats.t.ppf(0.975, DAYS - 1) * error
    assert row["values"]["accuracy"]["low"] == pytest.approx(accuracy - half, abs=1e-5)
    assert row["values"]["accuracy"]["high"] == pytest.approx(accuracy + half, abs=1e-5)
    assert row["n_eff"] == pytest.approx(accuracy * (1 - accuracy) / error**2)
    assert (row["n"], row["n_days"]) == (N, DAYS)


def test_skill_interval_holds_the_true_skill_in_nineteen_of_twenty_panels() -> None:
    """Brute force: the interval from one panel must cover the skill that many panels average to."""
    rows = [summarise(columns(seed=seed))["values"]["brier_skill"] for seed in range(200)]
    truth = np.mean([row["value"] for row in rows])
    assert 0.90 <= np.mean([row["low"] <= truth <= row["high"] for row in rows]) <= 0.99


def test_shared_days_widen_the_interval() -> None:
    items = columns()
    day_luck = np.repeat(np.random.default_rng(5).random(DAYS) < 0.5, STOCKS)
    same_day = columns(p=[0.6] * N, y=day_luck.astype(float).tolist())
    independent = summarise(items)["n_eff"]
    assert summarise(same_day)["n_eff"] == pytest.approx(DAYS)
    assert independent > 5 * DAYS


def test_overlapping_horizons_allow_for_neighbouring_days() -> None:
    rng = np.random.default_rng(2)
    values, days = rng.normal(size=300).cumsum(), np.arange(300)
    centred = values - values.mean()
    expected = centred @ centred + 2 * sum((1 - k / 5) * (centred[k:] @ centred[:-k]) for k in range(1, 5))
    assert clustered_mean(values, days, lag=4).error == pytest.approx(np.sqrt(expected) / 300)


def test_rank_ic_is_the_mean_of_daily_spearman() -> None:
    items = columns()
    p, r = np.array(items["p"]).reshape(DAYS, STOCKS), np.array(items["adjusted_returns"]).reshape(DAYS, STOCKS)
    daily = [scipy_stats.spearmanr(a, b).statistic for a, b in zip(p, r, strict=True)]
    rank_ic = summarise(items)["values"]["rank_ic"]
    assert rank_ic["value"] == pytest.approx(np.mean(daily), abs=1e-9)
    assert rank_ic["t"] == pytest.approx(np.mean(daily) / (np.std(daily) / np.sqrt(DAYS)), abs=1e-9)
    assert rank_ic["n_days"] == DAYS


def test_rank_ic_is_absent_with_few_stocks_a_day() -> None:
    few = {name: [value for k, value in enumerate(column) if k % STOCKS < 9] for name, column in columns().items()}
    assert summarise(few)["values"]["rank_ic"] is None


def test_ten_bins_of_equal_mass_and_a_constant_forecast_in_one() -> None:
    values = summarise(columns())["values"]["ece"]
    assert [row["n"] for row in values["bins"]] == [N // 10] * 10
    by_hand = sum(row["n"] * abs(row["mean_p"] - row["mean_y"]) for row in values["bins"]) / N
    assert values["value"] == pytest.approx(by_hand)
    constant = summarise(columns(p=[0.52] * N))["values"]
    assert len(constant["ece"]["bins"]) == 1
    assert constant["brier_skill"]["value"] == 0
    assert constant["two_by_two"]["mcc"] is None


def test_confidence_buckets_hold_every_item_once() -> None:
    rows = summarise(columns())["values"]["by_confidence"]
    assert sum(row["n"] for row in rows) == N
    assert [row["bucket"] for row in rows] == ["<0.02", "0.02-0.05", "0.05-0.1", ">=0.1"]


def test_a_tie_is_neither_right_nor_wrong() -> None:
    values = summarise(columns(y=[0.5] * N))["values"]
    assert values["accuracy"]["value"] == 0.5
    assert values["two_by_two"]["n"] == 0


def test_order_of_days_is_irrelevant() -> None:
    items = columns()
    order = np.random.default_rng(9).permutation(DAYS)
    rows = [day * STOCKS + k for day in order for k in range(STOCKS)]
    shuffled = {name: [column[row] for row in rows] for name, column in items.items()}
    assert summarise(shuffled) == summarise(items)


def test_one_day_has_no_interval_and_no_items_no_values() -> None:
    one = summarise(columns(), last="2026-03-01")
    assert (one["n"], one["n_days"], one["values"]["accuracy"]["low"]) == (STOCKS, 1, None)
    assert summarise(columns(), last="2026-01-01") == {"n": 0, "n_days": 0, "n_eff": None, "values": {}}


def test_items_without_a_baseline_are_compared_with_one_half() -> None:
    values = summarise(columns(reference_p=[None] * N))["values"]
    assert values["brier"]["baseline"] == pytest.approx(0.25)


@pytest.mark.parametrize("degrees", [1, 2, 3, 4, 5, 6, 10, 59, 249])
def test_student_quantile(degrees: int) -> None:
    assert student_95(degrees) == pytest.approx(scipy_stats.t.ppf(0.975, degrees), abs=3e-3)


def test_wilson_equals_scipy() -> None:
    expected = scipy_stats.binomtest(37, 80).proportion_ci(method="wilson")
    assert wilson(37 / 80, 80) == pytest.approx((expected.low, expected.high), abs=1e-6)
