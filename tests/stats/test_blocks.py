"""Blocks of sessions: how long they are, what is left between them, and the sequence that decides on them."""

import math

import numpy as np
import pytest

from backend.stats import blocks
from backend.stats.intervals import block_sums, clustered_mean
from tests import oracles

ALPHA = 0.05


def autoregressive(persistence: float, n: int, seed: int = 1) -> blocks.Floats:
    rng = np.random.default_rng(seed)
    values = rng.normal(size=n)
    for day in range(1, n):
        values[day] = persistence * values[day - 1] + math.sqrt(1 - persistence**2) * values[day]
    return values


def overlapping(horizon: int, n: int, seed: int = 1) -> blocks.Floats:
    """Sums of the next `horizon` independent days, as outcomes overlap."""
    return np.convolve(np.random.default_rng(seed).normal(size=n + horizon - 1), np.ones(horizon), mode="valid")


def test_independent_days_are_blocks_of_their_own() -> None:
    lengths = [blocks.block_length(autoregressive(0.0, 500, seed), 1) for seed in range(20)]
    assert np.mean(lengths) < 2


@pytest.mark.parametrize(("persistence", "time"), [(0.5, 3.0), (0.8, 9.0)])
def test_the_correlation_time_is_that_of_the_process(persistence: float, time: float) -> None:
    """Of an autoregression (1 + r) / (1 - r): 3 sessions at .5, 9 at .8."""
    found = [blocks.correlation_time(autoregressive(persistence, 5000, seed), 1) for seed in range(10)]
    assert np.mean(found) == pytest.approx(time, rel=0.15)


def test_the_correlation_time_is_the_sum_of_the_autocorrelations_of_statsmodels() -> None:
    values = autoregressive(0.5, 300, 4)
    correlations = oracles.time_series.acf(values, nlags=70)[1:]
    end = int(np.flatnonzero(correlations <= 0)[0])
    assert blocks.correlation_time(values, 1) == pytest.approx(1 + 2 * correlations[:end].sum())


@pytest.mark.parametrize("horizon", [1, 3, 5])
@pytest.mark.parametrize("n", [1, 2, 40, 250])
def test_a_block_is_never_shorter_than_the_horizon(n: int, horizon: int) -> None:
    for values in (np.zeros(n), autoregressive(-0.5, n), overlapping(horizon, n)):
        assert blocks.block_length(values, horizon) >= horizon


def test_at_least_25_blocks_remain_unless_the_horizon_is_longer() -> None:
    slow = autoregressive(0.97, 250)
    assert blocks.correlation_time(slow, 1) > 20
    assert blocks.block_length(slow, 1) == 10
    assert blocks.block_length(slow, 20) == 20


def test_a_begun_block_waits_and_no_session_is_lost_of_an_interval() -> None:
    daily = np.arange(1.0, 12.0)
    assert blocks.block_means(daily, 5).tolist() == [3.0, 8.0]
    assert block_sums(daily, 5).tolist() == [15.0, 51.0]
    assert block_sums(daily, 20).tolist() == [66.0]


def test_what_is_left_between_blocks_by_hand() -> None:
    """Blocks 2, 1, -1, -2: r = (2 - 1 + 2) / 10 = .3, with its bias (1 + .9) / 4 it is .775, so 1.775 / .225."""
    assert blocks.left_over(np.array([2.0, 1.0, -1.0, -2.0])) == pytest.approx(1.775 / 0.225)
    assert blocks.left_over(np.array([1.0, -1.0] * 20)) == 1
    assert blocks.left_over(np.zeros(9)) == 1


def test_the_sequence_is_that_of_its_formula_with_students_quantile() -> None:
    k, length = 30, 5
    rho2 = blocks.rho_for(120 / length, ALPHA) ** 2
    z = math.sqrt(2 * (k * rho2 + 1) / (k * rho2) * math.log(math.sqrt(k * rho2 + 1) / ALPHA))
    expected = oracles.scipy_stats.t.isf(oracles.scipy_stats.norm.sf(z), k - 1) / math.sqrt(k)
    assert blocks.half_width(k, length, ALPHA) == pytest.approx(expected, rel=1e-9)
    means = autoregressive(0.0, 30, 2)
    low, high = blocks.bounds(means, length, ALPHA) or (math.nan, math.nan)
    spread = means.std(ddof=1) * math.sqrt(blocks.left_over(means - means.mean()))
    assert (low, high) == pytest.approx((means.mean() - expected * spread, means.mean() + expected * spread))


def test_the_sequence_is_tightest_where_it_is_tuned() -> None:
    rho = blocks.rho_for(120, ALPHA)

    def width(tuned: float) -> float:
        scale = 120 * tuned**2
        return (scale + 1) / scale * math.log(math.sqrt(scale + 1) / ALPHA)

    assert width(rho) < min(width(rho * 0.95), width(rho * 1.05))


def test_before_eight_blocks_nothing_is_decided() -> None:
    assert blocks.bounds(np.full(7, 0.5), 1, ALPHA) is None
    assert blocks.bounds(np.array([]), 1, ALPHA) is None
    assert blocks.bounds(np.full(8, 0.5), 1, ALPHA) == (0.5, 0.5)


@pytest.mark.parametrize("length", [1, 5])
@pytest.mark.parametrize("gap", [0.3, 1.0])
def test_the_blocks_needed_are_the_first_that_are_narrow_enough(length: int, gap: float) -> None:
    need = blocks.blocks_for(gap, 1.0, length, ALPHA)
    assert blocks.half_width(need, length, ALPHA) <= gap
    assert need == 8 or blocks.half_width(need - 1, length, ALPHA) > gap


@pytest.mark.parametrize("make", [autoregressive, overlapping], ids=["persistent", "overlapping"])
def test_intervals_of_dependent_days_hold_the_truth_as_often_as_they_say(make: object) -> None:
    """The mean is 0; days taken for independent would hold it in 73 and 60 % of the cases."""
    held = []
    for seed in range(300):
        daily = autoregressive(0.6, 250, seed) if make is autoregressive else overlapping(5, 250, seed)
        low, high = clustered_mean(daily, np.arange(250), 1 if make is autoregressive else 5).interval() or (0.0, 0.0)
        held.append(low <= 0 <= high)
    assert 0.92 <= np.mean(held) <= 0.98
