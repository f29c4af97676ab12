"""The band of prices by hand: weighted quantiles, the shift by p, and the price grid."""

from statistics import NormalDist

import numpy as np
import pytest

from backend.models.fitting.band import NORMAL_GRID, PooledBand, price_band, quantile_levels, weighted_quantiles


def test_weighted_quantiles_lie_at_the_midpoints_of_the_weights() -> None:
    """Weights 1, 2, 1 of the values 10, 20, 40: their midpoints are at 1/8, 1/2 and 7/8."""
    values, weights = np.array([40.0, 10.0, 20.0]), np.array([1.0, 1.0, 2.0])
    levels = [0.05, 0.125, 0.3125, 0.5, 0.6875, 0.875, 0.99]
    assert weighted_quantiles(values, weights, levels).tolist() == pytest.approx([10, 10, 15, 20, 30, 40, 40])


def test_a_higher_p_shifts_the_band_by_as_many_widths_as_the_normal_distribution_would() -> None:
    """The quartiles of a normal distribution with standard deviation 2 are 2 * 1.349 apart."""
    levels = quantile_levels(2 * NORMAL_GRID)
    shift = np.array(PooledBand(2 * NORMAL_GRID, 0.5).shifted(0.6)) - levels
    expected = 2 * 2 * NormalDist().inv_cdf(0.75) / 1.349 * NormalDist().inv_cdf(0.6)
    assert shift == pytest.approx(np.full(len(levels), expected))
    assert PooledBand(NORMAL_GRID, 0.48).shifted(0.48) == pytest.approx(quantile_levels(NORMAL_GRID))


def test_prices_of_a_band_are_moves_of_the_logarithm_by_sigma_and_the_root_of_the_sessions() -> None:
    """z of the seven levels for a normal distribution, sigma 2 % over four sessions: steps of 4 %."""
    expected = [
        100_000 * np.exp(NormalDist().inv_cdf(level) * 0.04) for level in (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)
    ]
    band = price_band(100_000, 0.02, 4, quantile_levels(NORMAL_GRID))
    assert band == tuple(round(price / (100 if price >= 50_000 else 50)) * 100 for price in expected)
