"""Losses against scikit-learn and arithmetic by hand."""

import math

import numpy as np
import pytest

from backend.domain.forecasts import QUANTILES
from backend.stats import scoring
from tests import oracles

RNG = np.random.default_rng(3)
P = RNG.uniform(0, 1, 200)
Y = (RNG.random(200) < P).astype(float)


def test_brier_and_log_loss_equal_scikit_learn() -> None:
    pairs = list(zip(P.tolist(), Y.tolist(), strict=True))
    assert np.mean([scoring.brier_loss(p, y) for p, y in pairs]) == pytest.approx(
        oracles.sklearn_metrics.brier_score_loss(Y, P), abs=1e-12
    )
    assert np.mean([scoring.log_loss(p, y) for p, y in pairs]) == pytest.approx(
        oracles.sklearn_metrics.log_loss(Y, np.clip(P, 1e-4, 1 - 1e-4)), abs=1e-12
    )


def test_a_sure_miss_costs_no_more_than_the_clip() -> None:
    assert scoring.log_loss(0.0, 1.0) == pytest.approx(-math.log(1e-4))


def test_pinball_is_the_mean_over_the_quantile_levels() -> None:
    quantiles = sorted(RNG.normal(size=len(QUANTILES)).tolist())
    expected = [
        oracles.sklearn_metrics.mean_pinball_loss([0.3], [q], alpha=level)
        for level, q in zip(QUANTILES, quantiles, strict=True)
    ]
    assert scoring.pinball_loss(0.3, quantiles) == pytest.approx(np.mean(expected), abs=1e-12)


def test_no_move_is_half_up() -> None:
    assert [scoring.went_up(x) for x in (0.01, -0.01, 0.0, 1e-15)] == [1.0, 0.0, 0.5, 0.5]


def test_one_prediction_scored_by_hand() -> None:
    score = scoring.score_prediction(
        p_up=0.6,
        quantiles_krw=[90, 95, 98, 100, 102, 105, 110],
        sigma=0.02,
        horizon=4,
        exit_krw=105,
        adjusted_return=0.03,
    )
    assert (score.y, score.in_band) == (1.0, True)
    assert score.z == pytest.approx(0.75)
    assert score.loss_brier == pytest.approx(0.16)
    distances = [math.log(105 / q) / 0.04 for q in (90, 95, 98, 100, 102, 105, 110)]
    by_hand = [d * level if d > 0 else d * (level - 1) for level, d in zip(QUANTILES, distances, strict=True)]
    assert score.loss_pinball == pytest.approx(sum(by_hand) / 7)


@pytest.mark.parametrize(("exit_krw", "inside"), [(95, True), (94.99, False), (105, True), (105.01, False)])
def test_a_price_at_the_edge_of_a_band_is_inside_it(exit_krw: float, inside: bool) -> None:
    """The band of 80 % goes from the quantile at 0.1 to the one at 0.9, both included."""
    assert (QUANTILES[1], QUANTILES[5]) == (0.1, 0.9)
    score = scoring.score_prediction(
        p_up=0.5, quantiles_krw=[90, 95, 98, 100, 102, 105, 110], sigma=0.02, horizon=1, exit_krw=exit_krw,
        adjusted_return=0.0,
    )  # fmt: skip
    assert score.in_band is inside


def test_the_rest_of_a_session_counts_as_a_whole_one() -> None:
    assert [scoring.horizon_sigma(0.02, horizon) for horizon in (0, 1, 4)] == pytest.approx([0.02, 0.02, 0.04])
