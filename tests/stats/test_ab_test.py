"""A/B statistics against their oracles, and how often they are wrong about two equal models."""

import json
from typing import Any, get_args

import numpy as np
import pytest

from backend.api.ab_test import Reason
from backend.stats import ab_test
from bench.ab_test import Cell, decided_at, false_winners, found_over_predicted, pair_losses
from tests import oracles

ALPHA = 0.05


def daily(seed: int, days: int = 80) -> Any:
    return np.random.default_rng(seed).normal(0.001, 0.01, days)


def alternating(seed: int, days: int = 40) -> Any:
    """Days that change their side each time, so that no correlation is left to allow for."""
    return np.abs(daily(seed, days)) * np.where(np.arange(days) % 2, 1, -1) + 0.001


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_day_t_equals_scipy_where_days_are_independent(seed: int) -> None:
    values = alternating(seed)
    found, expected = ab_test.day_t(values, ALPHA, 1), oracles.scipy_stats.ttest_1samp(values, 0)
    interval = expected.confidence_interval(0.95)
    assert (found["statistic"], found["p_value"]) == pytest.approx((expected.statistic, expected.pvalue), abs=1e-9)
    assert (found["low"], found["high"]) == pytest.approx((interval.low, interval.high), abs=1e-9)


def test_day_t_counts_blocks_where_outcomes_overlap() -> None:
    """Forty days of outcomes of five sessions are eight blocks: Student's t with seven degrees."""
    values = np.repeat(np.array([3.0, -1.0, 2.0, -2.0, 4.0, -1.0, 1.0, 0.0]), 5)
    found = ab_test.day_t(values, ALPHA, 5)
    expected = oracles.scipy_stats.ttest_1samp(values[::5], 0)
    assert (found["statistic"], found["p_value"]) == pytest.approx((expected.statistic, expected.pvalue), abs=1e-9)


@pytest.mark.parametrize("horizon", [1, 10])
@pytest.mark.parametrize("seed", [1, 2])
def test_diebold_mariano_equals_statsmodels_with_the_small_sample_factor(seed: int, horizon: int) -> None:
    values, lag = daily(seed), max(horizon - 1, 5)
    fitted = oracles.regression.OLS(values, np.ones(len(values))).fit(
        cov_type="HAC", cov_kwds={"maxlags": lag, "use_correction": False}
    )
    n, h = len(values), lag + 1
    statistic = fitted.tvalues[0] * np.sqrt((n + 1 - 2 * h + h * (h - 1) / n) / n)
    found = ab_test.diebold_mariano(values, ALPHA, horizon)
    assert found["statistic"] == pytest.approx(statistic, abs=1e-9)
    assert found["p_value"] == pytest.approx(2 * oracles.scipy_stats.t.sf(abs(statistic), n - 1), abs=1e-9)


def test_the_stationary_bootstrap_spreads_like_that_of_arch() -> None:
    """Correlated days: a plain bootstrap would be a third too narrow."""
    noise = np.random.default_rng(3).normal(size=400)
    values = np.convolve(noise, [1, 0.8, 0.6, 0.4], mode="valid")
    ours = ab_test.bootstrap_means(values, 1, 5).std()
    theirs = np.std(oracles.bootstrap.StationaryBootstrap(5, values, seed=1).apply(np.mean, 2000))
    assert ours == pytest.approx(theirs, rel=0.08)
    assert ours > 1.3 * values.std() / np.sqrt(len(values))
    assert (ab_test.bootstrap_means(values, 1, 5) == ab_test.bootstrap_means(values, 1, 5)).all()


@pytest.mark.parametrize("horizon", [1, 5])
@pytest.mark.parametrize("is_market_wide", [True, False])
def test_equal_models_with_persistent_views_are_told_apart_as_seldom_as_promised(
    horizon: int, is_market_wide: bool
) -> None:
    """Looked at after every session. Counting items calls a difference far too often: never go back to that."""
    by_session, by_item = false_winners(Cell(horizon, 0.9, is_market_wide), runs=40, seed=9)
    assert by_session <= 4
    assert by_item >= (4 if is_market_wide or horizon > 1 else 0)


@pytest.mark.parametrize("horizon", [1, 5])
def test_a_planted_difference_is_found_in_about_the_sessions_that_were_predicted(horizon: int) -> None:
    assert 0.3 < found_over_predicted(horizon, runs=15) <= 1.6


def test_sessions_that_overlap_decide_nothing_by_their_number() -> None:
    """The same difference on each of five sessions in a row is one observation of outcomes of five sessions."""
    daily = np.repeat(pair_losses(np.random.default_rng(3), Cell(1, 0.0, is_market_wide=False), 60).mean(axis=1), 5)
    assert decided_at(daily, 5) is None


def asked(*, gap: float = 0.0, days: int = 60, items: int = 40, **changes: Any) -> dict[str, Any]:
    """B is nearer to the truth by `gap` on every item."""
    rng = np.random.default_rng(8)
    y = (rng.random(days * items) < 0.5).astype(float)
    p_a = rng.uniform(0.4, 0.6, days * items)
    return {
        "metric": "brier", "horizon": 1, "alpha": ALPHA, "minimum_sessions": 40, "seed": 7,
        "trade_dates": [f"d{n}" for n in range(days)], "counts": [items] * days, "p_a": p_a.tolist(),
        "p_b": (p_a + gap * (2 * y - 1)).tolist(), "y": y.tolist(), "failed_a": 0, "failed_b": 3,
    } | changes  # fmt: skip


def compare(payload: dict[str, Any]) -> Any:
    return json.loads(json.dumps(ab_test.compare(payload), allow_nan=False))


@pytest.mark.parametrize(
    ("changes", "verdict"),
    [
        ({"gap": 0.02}, "B"),
        ({"gap": -0.02}, "A"),
        ({"gap": 0.02, "days": 39}, "no difference yet"),
        ({"gap": 0.0}, "no difference worth having"),
        ({"gap": 0.0009}, "no difference worth having"),
    ],
)
def test_verdicts(changes: dict[str, Any], verdict: str) -> None:
    panel = compare(asked(**changes))
    assert (panel["verdict"], panel["reason"].endswith(".")) == (verdict, True)


def test_the_panel_has_every_look_and_the_same_numbers_at_the_end() -> None:
    panel = compare(asked(gap=0.02))
    assert (panel["n"], panel["n_days"], panel["failed_b"], len(panel["days"])) == (2400, 60, 3, 60)
    assert panel["days"][-1]["mean"] == pytest.approx(panel["difference"])
    assert (panel["days"][-1]["low"], panel["days"][0]["low"]) == (panel["low"], None)
    assert panel["loss_a"]["value"] - panel["loss_b"]["value"] == pytest.approx(panel["difference"])
    assert set(panel["secondary"]) == {"log_loss", "accuracy"}
    for name in ("day_t", "diebold_mariano", "bootstrap"):
        assert panel[name]["low"] < panel["difference"] < panel[name]["high"]
        assert panel[name]["p_value"] < 0.01


@pytest.mark.parametrize("metric", ["brier", "log_loss", "accuracy"])
@pytest.mark.parametrize("days", [1, 2, 25, 40, 120])
@pytest.mark.parametrize("gap", [0.0, 0.0009])
def test_versions_that_say_the_same_have_no_winner_however_long_it_runs(metric: str, days: int, gap: float) -> None:
    """B is nearer to the truth on every item, by less than a reader could see."""
    panel = compare(asked(metric=metric, days=days, gap=gap))
    equal = "Both say the same of every item, to a tenth of a percentage point: there is nothing to tell apart."
    early = f"{days} of the 40 sessions fixed before the start have been seen."
    expected = ("no difference yet", early) if days < 40 else ("no difference worth having", equal)
    assert (panel["verdict"], panel["reason"]) == expected


def test_versions_that_both_still_learn_are_not_called_equal_before_the_sessions_fixed_at_the_start() -> None:
    """Both say the base rate on the first day, as two untrained versions do: one day tells nothing of the test."""
    panel = compare(
        asked() | {"trade_dates": ["d1"], "counts": [3], "p_a": [0.46] * 3, "p_b": [0.46] * 3, "y": [1.0, 0.0, 1.0]}
    )
    assert panel["verdict"] == "no difference yet"
    assert panel["reason"] == "1 of the 40 sessions fixed before the start have been seen."


@pytest.mark.parametrize(("metric", "gap"), [("size_brier", 0.002), ("size_pinball", 0.0001)])
def test_sizes_are_judged_by_the_same_sequence_with_a_gap_of_their_own(metric: str, gap: float) -> None:
    """A loses `gap` more on average, and half as much by the other metric."""
    rng = np.random.default_rng(5)
    loss = rng.uniform(0, 10 * gap, 60 * 40)
    more = loss + gap * rng.uniform(0, 2, len(loss))
    other = "size_pinball" if metric == "size_brier" else "size_brier"
    asking = asked(metric=metric, losses={metric: [more.tolist(), loss.tolist()], other: [loss.tolist()] * 2})
    del asking["y"]
    panel = compare(asking | {"p_b": [0.3] * len(loss)})
    assert (panel["verdict"], panel["smallest_gap"]) == ("B", ab_test.SMALLEST_GAP[metric])
    assert panel["difference"] == pytest.approx((more - loss).mean())
    assert panel["secondary"][other]["value"] == 0
    small = compare(asking | {"p_b": [0.3] * len(loss), "losses": {metric: [(loss * 1.0001).tolist(), loss.tolist()]}})
    assert small["verdict"] == "no difference worth having"
    assert f"smaller than {ab_test.SMALLEST_GAP[metric]:.5f}"[:-1] in small["reason"]


def test_one_that_says_one_half_always_and_one_that_knows() -> None:
    y = np.array(asked()["y"])
    panel = compare(asked(p_a=[0.5] * len(y), p_b=(0.5 + 0.02 * (2 * y - 1)).tolist()))
    assert panel["verdict"] == "B"
    market_falls = compare(asked(y=[0.0] * len(y), p_a=[0.5] * len(y), p_b=[0.45] * len(y)))
    assert market_falls["verdict"] == "B"


def test_the_first_decision_is_the_first_session_whose_bounds_leave_out_zero() -> None:
    low, high = np.array([np.nan, -1.0, 0.0, 0.1, -1.0]), np.array([np.nan, 1.0, 1.0, 1.0, -0.5])
    assert ab_test.first_decision(low, high) == 4
    assert ab_test.first_decision(low[:3], high[:3]) is None
    assert ab_test.first_decision(np.array([-2.0]), np.array([-1.0])) == 1


def test_the_panel_says_when_it_was_decided() -> None:
    panel = compare(asked(gap=0.02))
    decided = next(n for n, look in enumerate(panel["days"], start=1) if look["low"] is not None and look["low"] > 0)
    assert (panel["blocks"] * panel["block_length"] <= 60, panel["blocks"] >= 25) == (True, True)
    assert panel["sequence"] == {
        "low": panel["low"], "high": panel["high"], "first_session": 8 * panel["block_length"],
        "decided_at_session": decided,
    }  # fmt: skip
    assert compare(asked(gap=0.0))["sequence"]["decided_at_session"] is None


def test_the_api_names_each_reason() -> None:
    """It may not load numpy, and so has a list of its own."""
    assert set(get_args(Reason)) == ab_test.REASONS.keys()


TEST = {"metric": "brier", "minimum_sessions": 40}


@pytest.mark.parametrize(
    ("mean", "bounds", "need", "days", "expected"),
    [
        (0.0005, (0.0001, 0.001), 10, 40, ("B", "B loses less on average, by 0.00050")),
        (-0.0005, (-0.001, -0.0001), 10, 40, ("A", "A loses less on average, by 0.00050")),
        (0.0005, (0.0001, 0.001), 10, 39, ("no difference yet", "39 of the 40 sessions fixed before")),
        (0.00049, (0.0001, 0.001), 10, 40, ("no difference yet", "is sure, but so far smaller than 0.0005")),
        (0.0005, (0.0, 0.001), 10, 40, ("no difference yet", "The confidence sequence still holds 0")),
        (0.0001, (-0.0004, 0.00049), 10, 40, ("no difference worth having", "smaller than 0.0005")),
        (0.0001, (-0.0005, 0.00049), 10, 40, ("no difference yet", "The confidence sequence still holds 0")),
        (0.0001, (-0.0004, 0.0005), 500, 40, ("no difference yet", "The confidence sequence still holds 0")),
        (0.0001, (-0.0004, 0.0005), 501, 40, ("no difference worth having", "would take 501 sessions")),
        (0.0001, (None, None), None, 40, ("no difference yet", "too few independent blocks")),
    ],
)  # fmt: skip
def test_a_verdict_by_hand(
    mean: float, bounds: tuple[float | None, float | None], need: int | None, days: int, expected: tuple[str, str]
) -> None:
    judged = ab_test.judge(TEST, mean, bounds, need, days)
    assert (judged["verdict"], expected[1] in judged["reason"]) == (expected[0], True), judged
    assert ab_test.REASONS[judged["code"]].format(**judged["values"]) == judged["reason"]


def test_a_panel_of_two_sessions_by_hand() -> None:
    """A says 0.6 and 0.5, B says 0.8 of a stock that rises; on the second day another one falls."""
    panel = compare(
        asked() | {"trade_dates": ["d1", "d2"], "counts": [1, 2], "p_a": [0.6, 0.5, 0.5], "p_b": [0.8, 0.8, 0.5],
                   "y": [1.0, 1.0, 0.0]}
    )  # fmt: skip
    brier = [0.16 - 0.04, (0.25 + 0.25) / 2 - (0.04 + 0.25) / 2]
    assert [look["difference"] for look in panel["days"]] == pytest.approx(brier)
    assert [(look["trade_date"], look["n"]) for look in panel["days"]] == [("d1", 1), ("d2", 2)]
    assert panel["days"][1]["mean"] == panel["difference"] == pytest.approx(sum(brier) / 2)
    assert (panel["loss_a"]["value"], panel["loss_a"]["n"]) == (pytest.approx((0.16 + 0.25) / 2), 3)
    assert panel["loss_b"]["value"] == pytest.approx((0.04 + 0.145) / 2)
    assert panel["secondary"]["accuracy"]["value"] == pytest.approx((0 + 0.25) / 2)
    assert panel["sd_of_days"] == pytest.approx(abs(brier[0] - brier[1]) / 2**0.5)
    assert (panel["smallest_gap"], panel["sessions_needed"], panel["n"]) == (0.0005, None, 3)
