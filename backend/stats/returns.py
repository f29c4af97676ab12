"""The market model: beta, market-adjusted return and daily sigma of a stock (docs/methods.md 1.2 and 1.3).

One definition for labels (impacts, outcomes) and features, because a label and a feature that disagree about
beta are a silent bug. Everything at session t uses data up to and including t only. No setting: the constants
below are part of the engine version (`domain.record.ENGINE_VERSION`).
"""

import numpy as np
from numpy.typing import NDArray

Series = NDArray[np.float64]

BETA_WINDOW = 120
BETA_MINIMUM = 20
BETA_RANGE = (0.2, 2.5)
DECAY = 0.94
SIGMA_FLOOR = 0.002
# EWMA starts here: the usual daily move of a KRX stock, so that a newly listed one is not taken for a calm one.
SIGMA_START = 0.02
# Below this sum of squares the market did not move in the window, so a slope means nothing.
_FLAT = 1e-12


def _window_sum(values: Series) -> Series:
    """Sum of the last BETA_WINDOW entries at each t; a running sum, so later data cannot change earlier results."""
    total = np.concatenate(([0.0], np.cumsum(values)))
    end = np.arange(1, len(values) + 1)
    return total[end] - total[np.maximum(end - BETA_WINDOW, 0)]


def rolling_beta(stock_returns: Series, market_returns: Series) -> Series:
    """beta_t = clip(0.33 + 0.67 * OLS slope over the last 120 sessions up to t, 0.2, 2.5).

    Sessions in which either return is NaN do not count; with fewer than 20 that count, beta is 1.
    """
    both = np.isfinite(stock_returns) & np.isfinite(market_returns)
    x, y = np.where(both, market_returns, 0.0), np.where(both, stock_returns, 0.0)
    n = np.maximum(_window_sum(both.astype(np.float64)), 1.0)
    sum_x, sum_y = _window_sum(x), _window_sum(y)
    square = _window_sum(x * x) - sum_x * sum_x / n
    product = _window_sum(x * y) - sum_x * sum_y / n
    slope = product / np.where(square > _FLAT, square, 1.0)
    beta = np.clip(0.33 + 0.67 * slope, *BETA_RANGE)
    return np.where((n >= BETA_MINIMUM) & (square > _FLAT), beta, 1.0)


def ewma_sigma(adjusted_returns: Series) -> Series:
    """Daily sigma: sqrt of v_t = 0.94 v_{t-1} + 0.06 AR_t^2, starting at 2 %, never below 0.002.

    A session without a return (NaN) leaves sigma as it was.
    """
    variance = SIGMA_START**2
    variances = np.empty(len(adjusted_returns))
    for t, value in enumerate(adjusted_returns.tolist()):
        if value == value:  # noqa: PLR0124  (NaN is the one number that differs from itself)
            variance = DECAY * variance + (1 - DECAY) * value * value
        variances[t] = variance
    return np.maximum(np.sqrt(variances), SIGMA_FLOOR)


def rolling_market_model(stock_returns: Series, market_returns: Series) -> tuple[Series, Series]:
    """(betas, sigmas) of length T from daily returns of length T (fractions, NaN = no bar).

    Both are known at the close of t: beta_t and sigma_t may be used for anything that happens after it.
    """
    betas = rolling_beta(stock_returns, market_returns)
    return betas, ewma_sigma(stock_returns - betas * market_returns)


def daily_returns(closes: Series) -> Series:
    """r_t = close_t / close_{t-1} - 1 of split-adjusted closes; NaN at the start and beside a missing bar."""
    returns = np.full(len(closes), np.nan)
    returns[1:] = closes[1:] / closes[:-1] - 1.0
    return returns
