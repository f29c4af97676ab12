"""The market model against brute force, and its as-of property."""

import numpy as np
import pytest

from backend.stats.returns import rolling_market_model

RNG = np.random.default_rng(7)
MARKET = RNG.normal(0, 0.01, 300)
STOCK = 1.4 * MARKET + RNG.normal(0, 0.02, 300)
GAPPY = np.where(RNG.random(300) < 0.1, np.nan, STOCK)


def brute_force_beta(stock: np.ndarray, market: np.ndarray, t: int) -> float:
    y, x = stock[max(0, t - 119) : t + 1], market[max(0, t - 119) : t + 1]
    seen = ~np.isnan(x) & ~np.isnan(y)
    if seen.sum() < 20:
        return 1.0
    slope = np.polyfit(x[seen], y[seen], 1)[0]
    return float(np.clip(0.33 + 0.67 * slope, 0.2, 2.5))


@pytest.mark.parametrize("stock", [STOCK, GAPPY, -3 * MARKET, 9 * MARKET])
def test_beta_is_the_shrunk_slope_of_the_last_120_sessions(stock: np.ndarray) -> None:
    betas, _ = rolling_market_model(stock, MARKET)
    assert betas == pytest.approx([brute_force_beta(stock, MARKET, t) for t in range(300)], abs=1e-9)


def test_sigma_follows_the_adjusted_returns() -> None:
    betas, sigmas = rolling_market_model(GAPPY, MARKET)
    variance, expected = 0.02**2, []
    for r, beta, market_r in zip(GAPPY, betas, MARKET, strict=True):
        if not np.isnan(r):
            variance = 0.94 * variance + 0.06 * (r - beta * market_r) ** 2
        expected.append(max(variance**0.5, 0.002))
    assert sigmas == pytest.approx(expected, abs=1e-12)
    assert 0.015 < sigmas[-1] < 0.03


def test_future_data_changes_nothing() -> None:
    betas, sigmas = rolling_market_model(GAPPY, MARKET)
    for t in (1, 19, 20, 119, 120, 250):
        earlier = rolling_market_model(GAPPY[:t], MARKET[:t])
        assert np.array_equal(earlier[0], betas[:t])
        assert np.array_equal(earlier[1], sigmas[:t])


def test_a_stock_that_never_moves_keeps_the_floor() -> None:
    _, sigmas = rolling_market_model(np.zeros(400), np.zeros(400))
    assert sigmas[-1] == 0.002
