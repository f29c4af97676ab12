"""The price band of a forecast: quantiles of past moves in sigmas, times today's sigma (docs/methods.md 4.2)."""

import math
from collections.abc import Sequence
from statistics import NormalDist
from typing import Final

import numpy as np

from backend.domain.forecasts import QUANTILES
from backend.krx import tick_size_krw
from backend.models.fitting.panel import FloatArray
from backend.stats.scoring import horizon_sigma

# Levels at which pooled moves are stored: fine enough to mix them with neighbours.
GRID: Final = tuple(level / 40 for level in range(1, 40))
_NORMAL: Final = NormalDist()
NORMAL_GRID: Final = np.array([_NORMAL.inv_cdf(level) for level in GRID])


def round_to_tick(price_krw: float) -> int:
    """The nearest price that can be traded, at least one tick."""
    tick = tick_size_krw(price_krw)
    return round(price_krw / tick) * tick or tick


def weighted_quantiles(values: FloatArray, weights: FloatArray, levels: Sequence[float]) -> FloatArray:
    """Quantiles of a weighted sample, interpolated between the midpoints of the sorted weights."""
    order = np.argsort(values)
    heights = weights[order]
    middles = (np.cumsum(heights) - heights / 2) / heights.sum()
    quantiles: FloatArray = np.interp(levels, middles, values[order])
    return quantiles


def quantile_levels(grid: FloatArray) -> list[float]:
    """Of quantiles in sigmas at GRID levels, those at domain.forecasts.QUANTILES."""
    levels: list[float] = np.interp(QUANTILES, GRID, grid).tolist()
    return levels


class PooledBand:
    """The band of a model that has none of its own; the same for all its forecasts of a horizon but for a shift."""

    def __init__(self, grid: FloatArray, p0: float) -> None:
        """`grid`: pooled quantiles of the move in sigmas at GRID levels. `p0`: the base rate that they belong to."""
        self._levels = quantile_levels(grid)
        self._width = float(np.interp(0.75, GRID, grid) - np.interp(0.25, GRID, grid)) / 1.349
        self._score = _NORMAL.inv_cdf(p0)

    def shifted(self, p_up: float) -> list[float]:
        """Quantiles at domain.forecasts.QUANTILES, shifted as far as `p_up` stands from the base rate."""
        shift = self._width * (_NORMAL.inv_cdf(p_up) - self._score)
        return [level + shift for level in self._levels]


def price_band(base_price_krw: int, sigma: float, horizon: int, levels: Sequence[float]) -> tuple[int, ...]:
    """Prices in KRW at domain.forecasts.QUANTILES, rounded to ticks, never falling from one level to the next.

    `sigma`: daily, a fraction. `horizon`: sessions. `levels`: quantiles of the move in sigmas at these levels.
    """
    unit = horizon_sigma(sigma, horizon)
    return tuple(sorted([round_to_tick(base_price_krw * math.exp(z * unit)) for z in levels]))
