"""The price band of a forecast: quantiles of past moves in sigmas, times today's sigma (docs/methods.md 4.2)."""

from collections.abc import Sequence
from statistics import NormalDist
from typing import Final

import numpy as np

from backend.domain.forecasts import QUANTILES
from backend.krx import tick_size_krw
from backend.models.fitting.panel import FloatArray

# Levels at which pooled moves are stored: fine enough to mix them with neighbours.
GRID: Final = tuple(level / 40 for level in range(1, 40))
_NORMAL: Final = NormalDist()
NORMAL_GRID: Final = np.array([_NORMAL.inv_cdf(level) for level in GRID])


def round_to_tick(price_krw: float) -> int:
    """The nearest price that can be traded, at least one tick."""
    tick = tick_size_krw(price_krw)
    return max(tick, round(price_krw / tick) * tick)


def weighted_quantiles(values: FloatArray, weights: FloatArray, levels: Sequence[float]) -> FloatArray:
    """Quantiles of a weighted sample, interpolated between the midpoints of the sorted weights."""
    order = np.argsort(values)
    heights = weights[order]
    middles = (np.cumsum(heights) - heights / 2) / heights.sum()
    quantiles: FloatArray = np.interp(levels, middles, values[order])
    return quantiles


def shifted_grid(grid: FloatArray, p_up: float, p0: float) -> FloatArray:
    """`grid` (quantiles in sigmas at GRID levels) shifted as far as `p_up` stands from the base rate `p0`."""
    width = (np.interp(0.75, GRID, grid) - np.interp(0.25, GRID, grid)) / 1.349
    return grid + width * (_NORMAL.inv_cdf(p_up) - _NORMAL.inv_cdf(p0))


def price_band(base_price_krw: int, sigma: float, horizon: int, grid: FloatArray) -> tuple[int, ...]:
    """Prices in KRW at domain.forecasts.QUANTILES, rounded to ticks, never falling from one level to the next.

    `sigma`: daily, a fraction. `horizon`: sessions. `grid`: quantiles of the move in sigmas at GRID levels.
    """
    z = np.interp(QUANTILES, GRID, grid)
    prices = base_price_krw * np.exp(z * sigma * np.sqrt(horizon))
    return tuple(sorted(round_to_tick(float(price)) for price in prices))
