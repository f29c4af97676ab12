"""The metric set against scikit-learn, statsmodels, scoringrules, scipy and brute force; clustering by day."""

import base64
import json
import math
from datetime import date
from typing import Any

import numpy as np
import pytest

from backend.domain.forecasts import QUANTILES
from backend.stats.costs import round_trip_cost
from backend.stats.intervals import student_p, student_quantile, wilson
from backend.stats.metrics import log_losses, summarise_metrics
from backend.stats.money import max_drawdown, sharpe
from backend.stats.ranking import equal_forecasts
from backend.stats.scoring import pinball_loss
from tests import oracles

DAYS, STOCKS = 30, 15
N = DAYS * STOCKS
CODES = [f"{100 + k:04}00" for k in range(STOCKS)]


def columns(*, seed: int = 1, **changes: Any) -> dict[str, Any]:
    """A panel in which p is right about y, in order of days."""
    rng = np.random.default_rng(seed)
    p = rng.uniform(0.35, 0.65, N)
    y = (rng.random(N) < p).astype(float)
    returns = (y - 0.5) * rng.uniform(0.001, 0.03, N)
    return {
        "p": p,
        "reference_p": np.full(N, 0.52),
        "y": y,
        "adjusted_returns": returns,
        "raw_returns": returns + np.repeat(rng.normal(0, 0.01, DAYS), STOCKS),
        "gaps": rng.normal(0, 0.01, N),
        "directions": np.where(np.abs(p - 0.5) > 0.05, np.sign(p - 0.5), 0),
        "in_band": (rng.random(N) < 0.8).astype(float),
        "band_widths": rng.uniform(0.02, 0.1, N),
        "pinball": rng.uniform(0.1, 0.5, N),
        "reference_pinball": rng.uniform(0.1, 0.5, N),
    } | {name: np.asarray(values, dtype=float) for name, values in changes.items()}


def pack(values: Any, kind: str = ">f8") -> str:
    return base64.b64encode(np.asarray(values).astype(kind).tobytes()).decode()


def payload(items: dict[str, Any], *, stocks: int = STOCKS, days: int = DAYS, horizon: int = 1) -> dict[str, Any]:
    dates = [f"2026-0{3 + day // 28}-{day % 28 + 1:02}" for day in range(days)]
    return {
        "horizon": horizon,
        "trade_dates": dates,
        "counts": [stocks] * days,
        "columns": {name: pack(values) for name, values in items.items()},
        "stocks": pack(CODES[:stocks] * days, "S6"),
        "windows": [[dates[0], dates[-1]]],
    }


def summarise(items: dict[str, Any], **shape: Any) -> Any:
    answer = summarise_metrics(payload(items, **shape))
    return json.loads(json.dumps(answer, allow_nan=False))["windows"][0]


def test_values_equal_the_oracles() -> None:
    items = columns()
    p, y = items["p"], items["y"]
    values = summarise(items)["values"]
    assert values["brier"]["value"] == pytest.approx(oracles.sklearn_metrics.brier_score_loss(y, p), abs=1e-9)
    assert values["log_loss"]["value"] == pytest.approx(oracles.sklearn_metrics.log_loss(y, p), abs=1e-9)
    assert values["two_by_two"]["mcc"] == pytest.approx(oracles.sklearn_metrics.matthews_corrcoef(y, p > 0.5), abs=1e-9)
    assert values["two_by_two"]["balanced_accuracy"] == pytest.approx(
        oracles.sklearn_metrics.balanced_accuracy_score(y, p > 0.5), abs=1e-9
    )
    assert values["accuracy"]["value"] == pytest.approx(np.mean((p > 0.5) == (y == 1)))
    assert values["accuracy"]["baseline"] == pytest.approx(y.mean())
    assert values["base_rate"]["value"] == pytest.approx(y.mean())
    expected_skill = 1 - np.mean((p - y) ** 2) / np.mean((0.52 - y) ** 2)
    assert values["brier_skill"]["value"] == pytest.approx(expected_skill, abs=1e-12)
    assert values["coverage"]["value"] == pytest.approx(np.mean(items["directions"] != 0))
    assert values["band_coverage"]["baseline"] == 0.8
    assert values["reaction"]["value"] == pytest.approx(np.mean((p > 0.5) == (items["gaps"] > 0)))


def wider(parts: Any) -> float:
    """How much the correlation of neighbouring parts (mean 0) widens the variance of their sum: see methods.md 6.1."""
    r = (parts[1:] * parts[:-1]).sum() / (parts**2).sum()
    r = min(max(r + (1 + 3 * r) / len(parts), 0), 0.8)
    return float((1 + r) / (1 - r))


@pytest.mark.parametrize("horizon", [1, 3, 5])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_intervals_equal_those_of_a_regression_on_a_constant(seed: int, horizon: int) -> None:
    """statsmodels, clustered by blocks of as many sessions as the horizon: 30 sessions allow no longer ones."""
    items = columns(seed=seed)
    losses = (items["p"] - items["y"]) ** 2
    found = summarise(items, horizon=horizon)["values"]["brier"]
    count = DAYS // horizon
    groups = np.repeat(np.arange(count), N // count)
    options = {"groups": groups, "use_correction": True, "df_correction": False}
    error = oracles.regression.OLS(losses, np.ones(N)).fit(cov_type="cluster", cov_kwds=options).bse[0]
    parts = (losses - losses.mean()).reshape(count, -1).sum(axis=1)
    half = oracles.scipy_stats.t.ppf(0.975, count - 1) * error * math.sqrt(wider(parts))
    assert (found["low"], found["high"]) == pytest.approx((losses.mean() - half, losses.mean() + half), abs=1e-9)
    assert found["n_blocks"] == count


@pytest.mark.parametrize("seed", [1, 2])
def test_crps_equals_scoringrules(seed: int) -> None:
    """The stored loss is the mean pinball loss of the seven quantiles; their CRPS is twice that."""
    rng = np.random.default_rng(seed)
    quantiles, seen = np.sort(rng.normal(size=(N, len(QUANTILES))), axis=1), rng.normal(size=N)
    losses = [pinball_loss(value, row.tolist()) for value, row in zip(seen, quantiles, strict=True)]
    found = summarise(columns(pinball=losses))["values"]["crps"]
    expected = oracles.scoringrules.crps_quantile(seen, quantiles, np.array(QUANTILES))
    assert found["value"] == pytest.approx(expected.mean(), abs=1e-9)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_parts_of_the_brier_score_add_up(seed: int) -> None:
    values = summarise(columns(seed=seed))["values"]
    parts = values["brier_parts"]
    total = parts["reliability"] - parts["resolution"] + parts["uncertainty"] + parts["within"]
    assert total == pytest.approx(values["brier"]["value"], abs=1e-12)
    y = columns(seed=seed)["y"]
    assert parts["uncertainty"] == pytest.approx(y.mean() * (1 - y.mean()), abs=1e-12)
    bins = values["ece"]["bins"]
    resolution = sum(row["n"] * (row["mean_y"] - y.mean()) ** 2 for row in bins) / N
    assert parts["resolution"] == pytest.approx(resolution, abs=1e-12)


def test_reliability_bins_equal_those_of_scikit_learn() -> None:
    items = columns()
    true, said = oracles.calibration.calibration_curve(items["y"], items["p"], n_bins=10, strategy="quantile")
    bins = summarise(items)["values"]["ece"]["bins"]
    assert [row["mean_y"] for row in bins] == pytest.approx(true, abs=1e-9)
    assert [row["mean_p"] for row in bins] == pytest.approx(said, abs=1e-9)


def test_accuracy_has_the_day_clustered_error_of_the_formula() -> None:
    items = columns()
    right = (items["p"] > 0.5) == (items["y"] == 1)
    accuracy = right.mean()
    parts = np.array([right[d * STOCKS : (d + 1) * STOCKS].sum() - accuracy * STOCKS for d in range(DAYS)])
    error = np.sqrt((parts**2).sum() * DAYS / (DAYS - 1) * wider(parts)) / N
    row = summarise(items)
    half = oracles.scipy_stats.t.ppf(0.975, DAYS - 1) * error
    assert row["values"]["accuracy"]["low"] == pytest.approx(accuracy - half, abs=1e-9)
    assert row["values"]["accuracy"]["high"] == pytest.approx(accuracy + half, abs=1e-9)
    assert row["n_eff"] == pytest.approx(min(N, accuracy * (1 - accuracy) / error**2))
    assert (row["n"], row["n_days"]) == (N, DAYS)


def test_skill_interval_holds_the_true_skill_in_nineteen_of_twenty_panels() -> None:
    """Brute force: the interval from one panel must cover the skill that many panels average to."""
    rows = [summarise(columns(seed=seed))["values"]["brier_skill"] for seed in range(200)]
    truth = np.mean([row["value"] for row in rows])
    assert 0.90 <= np.mean([row["low"] <= truth <= row["high"] for row in rows]) <= 0.99


def test_shared_days_widen_the_interval() -> None:
    day_luck = np.repeat(np.random.default_rng(5).random(DAYS) < 0.5, STOCKS)
    same_day = columns(p=np.full(N, 0.6), y=day_luck)
    independent = summarise(columns())["n_eff"]
    assert summarise(same_day)["n_eff"] <= DAYS
    assert independent > 5 * DAYS


def test_an_effective_sample_is_never_larger_than_the_sample() -> None:
    """Every day has the same share of hits: the days do not differ at all, and yet there are no more than N items."""
    p, y = np.tile([0.6, 0.4, 0.6], N // 3), np.tile([1.0, 0.0, 0.0], N // 3)
    y[:STOCKS] = 1.0 - y[:STOCKS]
    assert summarise(columns(p=p, y=y))["n_eff"] == N


def test_ic_and_rank_ic_are_means_of_daily_correlations() -> None:
    items = columns()
    p, r = items["p"].reshape(DAYS, STOCKS), items["adjusted_returns"].reshape(DAYS, STOCKS)
    values = summarise(items)["values"]
    for name, correlate in (("rank_ic", oracles.scipy_stats.spearmanr), ("ic", oracles.scipy_stats.pearsonr)):
        daily = [correlate(a, b).statistic for a, b in zip(p, r, strict=True)]
        assert values[name]["value"] == pytest.approx(np.mean(daily), abs=1e-9)
        error = np.std(daily, ddof=1) * math.sqrt(wider(np.array(daily) - np.mean(daily)) / DAYS)
        assert values[name]["t"] == pytest.approx(np.mean(daily) / error, abs=1e-9)
        assert values[name]["icir"] == pytest.approx(np.mean(daily) / np.std(daily, ddof=1), abs=1e-9)
        assert values[name]["n_days"] == DAYS


def test_rank_ic_is_absent_with_few_stocks_a_day() -> None:
    few = {name: values.reshape(DAYS, STOCKS)[:, :9].ravel() for name, values in columns().items()}
    assert summarise(few, stocks=9)["values"]["rank_ic"] is None


def test_a_stock_asked_twice_a_day_counts_once_in_the_rank_correlation() -> None:
    items = columns()
    twice = {name: np.repeat(values.reshape(DAYS, STOCKS), 2, axis=0).ravel() for name, values in items.items()}
    again = payload(twice, days=DAYS) | {"counts": [2 * STOCKS] * DAYS, "stocks": pack(CODES * 2 * DAYS, "S6")}
    assert summarise_metrics(again)["windows"][0]["values"]["rank_ic"] == summarise(items)["values"]["rank_ic"]


def test_ten_bins_of_equal_mass_and_a_constant_forecast_in_one() -> None:
    values = summarise(columns())["values"]["ece"]
    assert [row["n"] for row in values["bins"]] == [N // 10] * 10
    by_hand = sum(row["n"] * abs(row["mean_p"] - row["mean_y"]) for row in values["bins"]) / N
    assert values["value"] == pytest.approx(by_hand)
    constant = summarise(columns(p=np.full(N, 0.52)))["values"]
    assert len(constant["ece"]["bins"]) == 1
    assert constant["brier_skill"]["value"] == 0
    assert constant["two_by_two"]["mcc"] is None


@pytest.mark.parametrize(("distance", "has_one"), [(0.0, False), (0.0009, False), (0.0011, True)])
def test_forecasts_that_are_the_same_as_the_baseline_have_no_skill_to_speak_of(distance: float, has_one: bool) -> None:
    """They knew every outcome, by less than a reader could see."""
    y = columns()["y"]
    found = summarise(columns(p=0.52 + distance * (2 * y - 1)))["values"]["brier_skill"]
    assert (found["value"] > 0, found["low"] is not None) == (has_one, has_one)


def test_confidence_buckets_hold_every_item_once() -> None:
    rows = summarise(columns())["values"]["by_confidence"]
    assert sum(row["n"] for row in rows) == N
    assert [row["bucket"] for row in rows] == ["<0.02", "0.02-0.05", "0.05-0.1", ">=0.1"]


def test_a_tie_is_neither_right_nor_wrong() -> None:
    values = summarise(columns(y=np.full(N, 0.5)))["values"]
    assert values["accuracy"]["value"] == 0.5
    assert values["two_by_two"]["n"] == 0


@pytest.mark.parametrize("horizon", [1, 3])
def test_figures_of_a_stock_equal_those_of_a_panel_of_that_stock_alone(horizon: int) -> None:
    items = columns()
    figures = {row["stock_code"]: row for row in summarise(items, horizon=horizon)["details"]["stocks"]}
    assert set(figures) == set(CODES)
    assert {(row["n"], row["n_days"]) for row in figures.values()} == {(DAYS, DAYS)}
    alone = {name: values.reshape(DAYS, STOCKS)[:, 3] for name, values in items.items()}
    expected = summarise(alone, stocks=1, horizon=horizon)["values"]
    for name in ("accuracy", "brier_skill"):
        assert figures[CODES[3]][name] == pytest.approx(expected[name], abs=1e-9)


@pytest.mark.parametrize("reference_p", [0.42, 0.5, 0.58])
def test_a_call_is_right_by_its_direction_and_not_by_the_side_of_one_half(reference_p: float) -> None:
    """Three calls up and two down, all with p on the side of one half that their base rate is on; one hold."""
    items = {name: values[:6].copy() for name, values in columns().items()}
    items["directions"] = np.array([1, 1, 1, -1, -1, 0.0])
    items["y"] = np.array([1, 1, 0, 0, 0.5, 1.0])
    items["p"] = reference_p + 0.06 * items["directions"]
    items["reference_p"] = np.full(6, reference_p)
    values = summarise(items, stocks=3, days=2)["values"]
    of_baseline = {0.42: 1 + 1 + 0.5, 0.5: 2.5, 0.58: 1 + 1 + 0.5}[reference_p]
    assert (values["accuracy_shown"]["value"], values["accuracy_shown"]["n"]) == (pytest.approx(3.5 / 5), 5)
    assert values["accuracy_shown"]["baseline"] == pytest.approx(of_baseline / 5)


def test_money_by_hand() -> None:
    """Two sessions, one call up and one down on each, one hold; 2026 costs 0.3372 %."""
    items = columns()
    small = {name: values[:6].copy() for name, values in items.items()}
    small["directions"] = np.array([1, -1, 0, 1, 0, 0.0])
    small["raw_returns"] = np.array([0.02, -0.01, 0.5, -0.03, 0.1, 0.2])
    money = summarise(small, stocks=3, days=2)["values"]["money"]
    cost = 0.0020 + 2 * 0.000186 + 2 * 0.0005
    assert money["cost"] == pytest.approx(cost, abs=1e-12)
    long_only, both = money["long_only"], money["long_short"]
    assert long_only["daily_return"]["value"] == pytest.approx((0.02 - cost - 0.03 - cost) / 2)
    assert both["daily_return"]["value"] == pytest.approx(((0.02 + 0.01) / 2 - cost - 0.03 - cost) / 2)
    assert long_only["total_return"] == pytest.approx((1 + 0.02 - cost) * (1 - 0.03 - cost) - 1)
    assert long_only["max_drawdown"] == pytest.approx(0.03 + cost)
    assert money["universe"]["value"] == pytest.approx((0.51 / 3 + 0.27 / 3) / 2)
    assert money["break_even_accuracy"] == pytest.approx(0.5 + cost / (2 * 0.86 / 6))


def test_turnover_is_the_share_of_the_capital_that_a_session_moves() -> None:
    """Four sessions, a call up on the first, one down on the second; at three sessions a third of the capital each."""
    items = {name: values[:8].copy() for name, values in columns().items()}
    items["directions"] = np.array([1, 0, -1, 0, 0, 0, 0, 0.0])
    money = summarise(items, stocks=2, days=4, horizon=3)["values"]["money"]
    assert money["long_only"]["turnover"] == pytest.approx(1 / 4 / 3)
    assert money["long_short"]["turnover"] == pytest.approx(2 / 4 / 3)
    cost = 0.0020 + 0.001372
    gain = (items["raw_returns"][0] - cost) / 3
    assert money["long_only"]["total_return"] == pytest.approx(gain)
    assert money["long_only"]["daily_return"]["value"] == pytest.approx(gain / 4)


def test_sharpe_ratio_of_a_year_with_the_error_of_lo() -> None:
    """Daily returns of 3, 1, 3 and 1 %: mean 2 %, standard deviation 1.1547 %."""
    estimate = sharpe(np.array([0.03, 0.01, 0.03, 0.01]), 1)
    daily = 0.02 / 0.011547005
    assert estimate.value == pytest.approx(daily * math.sqrt(250), rel=1e-6)
    # The mean's own error is that of four days: 1.1547 % / 2.
    assert estimate.error == pytest.approx(math.sqrt(1 / 4 + daily**2 / 8) * math.sqrt(250), rel=1e-6)
    assert (estimate.n, estimate.n_days) == (4, 4)
    assert (sharpe(np.array([0.01, 0.01]), 1).value, sharpe(np.array([0.01]), 1).error) == (0.0, None)


def test_the_largest_fall_is_measured_from_the_peak_before_it() -> None:
    """1 -> 1.1 -> 0.88 -> 1.056 -> 1.0032: 20 % from the peak of 1.1, though only 12 % from the start."""
    assert max_drawdown(np.array([0.1, -0.2, 0.2, -0.05])) == pytest.approx(0.2)
    assert max_drawdown(np.array([-0.1, 0.5])) == pytest.approx(0.1)


def test_bins_of_dependent_items_have_wider_bands() -> None:
    """All stocks of a day rise or fall together: the bands of calibration rest on n_eff and not on n."""
    day_luck = np.repeat(np.random.default_rng(5).random(DAYS) < 0.5, STOCKS)
    found = summarise(columns(p=np.full(N, 0.6), y=day_luck))
    (row,) = found["values"]["ece"]["bins"]
    assert (row["low"], row["high"]) == pytest.approx(wilson(day_luck.mean(), found["n_eff"]))


def test_a_confidence_at_the_edge_of_a_band_belongs_to_the_band_above() -> None:
    p = np.repeat([0.48, 0.52, 0.45, 0.55, 0.6, 0.4, 0.519, 0.599, 1.0], 50)
    rows = summarise(columns(p=p))["values"]["by_confidence"]
    assert {row["bucket"]: row["n"] for row in rows} == {"<0.02": 50, "0.02-0.05": 100, "0.05-0.1": 150, ">=0.1": 150}


@pytest.mark.parametrize(
    ("first", "tax", "before"),
    [(2021, 0.0023, 0.0023), (2023, 0.0020, 0.0023), (2024, 0.0018, 0.0020), (2025, 0.0015, 0.0018),
     (2026, 0.0020, 0.0015)],
)  # fmt: skip
def test_costs_change_with_the_law_of_each_year(first: int, tax: float, before: float) -> None:
    assert round_trip_cost(date(first, 1, 1)) == pytest.approx(tax + 0.001372)
    assert round_trip_cost(date(first - 1, 12, 31)) == pytest.approx(before + 0.001372)


def test_a_sure_miss_costs_no_more_than_the_clip_on_either_side() -> None:
    losses = log_losses(np.array([1.0, 0.0, 1.0, 0.0]), np.array([0.0, 1.0, 1.0, 0.0]))
    assert losses == pytest.approx([9.2103, 9.2103, 0.0001, 0.0001], abs=1e-4)


def test_one_day_has_no_interval() -> None:
    one = summarise({name: values[:STOCKS] for name, values in columns().items()}, days=1)
    assert (one["n"], one["n_days"], one["values"]["accuracy"]["low"], one["details"]) == (STOCKS, 1, None, {})


def test_a_window_holds_its_sessions_and_no_others() -> None:
    asked = payload(columns()) | {"windows": [["2026-03-02", "2026-03-04"]]}
    part = {name: values[STOCKS : 4 * STOCKS] for name, values in columns().items()}
    assert summarise_metrics(asked)["windows"][0] == summarise_metrics(payload(part, days=3))["windows"][0]


def test_items_without_a_baseline_are_compared_with_one_half() -> None:
    nobody = np.full(N, np.nan)
    values = summarise(columns(reference_p=nobody, reference_pinball=nobody))["values"]
    assert values["brier"]["baseline"] == pytest.approx(0.25)
    assert values["crps"]["baseline"] is None


def test_sessions_needed_follow_the_formula() -> None:
    items = columns()
    gain = ((items["reference_p"] - items["y"]) ** 2 - (items["p"] - items["y"]) ** 2).reshape(DAYS, STOCKS)
    daily = gain.mean(axis=1)
    need = summarise(items)["values"]["sessions_needed"]
    spread = daily.std() * math.sqrt(wider(daily - daily.mean()))
    power = oracles.power.TTestPower().solve_power(effect_size=daily.mean() / spread, alpha=0.05, power=0.8)
    assert need["gap"] == pytest.approx(daily.mean(), abs=1e-12)
    assert need["value"] == pytest.approx(power, rel=0.1, abs=2)


@pytest.mark.parametrize("degrees", [1, 2, 5, 59, 249])
def test_student_equals_scipy(degrees: int) -> None:
    assert student_quantile(0.05, degrees) == pytest.approx(oracles.scipy_stats.t.ppf(0.975, degrees), abs=1e-9)
    assert student_p(1.7, degrees) == pytest.approx(2 * oracles.scipy_stats.t.sf(1.7, degrees), abs=1e-9)


def test_wilson_equals_scipy() -> None:
    expected = oracles.scipy_stats.binomtest(37, 80).proportion_ci(method="wilson")
    assert wilson(37 / 80, 80) == pytest.approx((expected.low, expected.high), abs=1e-6)


def said(p: Any, *, days: int = DAYS) -> dict[str, Any]:
    dates = [f"2026-03-{day + 1:02}" for day in range(days)]
    return {"trade_dates": dates, "counts": [STOCKS] * days, "stocks": pack(CODES * days, "S6"), "p": pack(p)}


def test_models_that_say_the_same_of_every_item_are_known_by_the_first_of_them() -> None:
    """2 is 1 less a hair, 3 differs from both on the first session alone, 4 is 1 without that session."""
    p = columns()["p"]
    other = np.concatenate([p[:STOCKS] + 0.01, p[STOCKS:]])
    models = {"1": said(p), "2": said(p - 0.0009), "3": said(other), "4": said(p[STOCKS:], days=DAYS - 1)}
    models["4"]["trade_dates"] = models["1"]["trade_dates"][1:]
    found = equal_forecasts({"models": models, "windows": {"20": 20, "all": None}})
    assert found == {"windows": {"20": {"1": 1, "2": 1, "3": 1, "4": 1}, "all": {"1": 1, "2": 1, "4": 1}}}


def test_models_that_share_only_half_of_their_items_are_not_called_the_same() -> None:
    p = columns()["p"]
    half = said(p[: N // 2], days=DAYS // 2)
    found = equal_forecasts({"models": {"1": said(p), "2": half}, "windows": {"all": None}})
    assert found == {"windows": {"all": {}}}


def test_a_difference_that_a_reader_could_see_on_one_item_is_one() -> None:
    p = columns()["p"]
    one = p.copy()
    one[7] += 0.0011
    assert equal_forecasts({"models": {"1": said(p), "2": said(one)}, "windows": {"all": None}}) == {
        "windows": {"all": {}}
    }
    chain = {"1": said(p), "2": said(p - 0.0009), "3": said(p - 0.0018)}
    assert equal_forecasts({"models": chain, "windows": {"all": None}}) == {"windows": {"all": {"1": 1, "2": 1}}}
    assert equal_forecasts({"models": {}, "windows": {"all": None}}) == {"windows": {"all": {}}}
