"""What a forecast of size must beat: the stock's own rate so far, that of its last 250 sessions, and an EWMA.

All are known at their column: an outcome counts once it has ended. Rates are shrunk to that of all stocks by 20
sessions, without which the first weeks of a listing would be beaten by anything.
"""

from typing import Final

import numpy as np

from backend.models.fitting.panel import FloatArray

THRESHOLD: Final = 0.03  # the move that all forecasts of size give a probability of
RECENT: Final = 250
SMALLEST_LARGE: Final = 0.002  # a stock that hardly trades has no large move of nothing
_PRIOR: Final = 20


def _ended(values: FloatArray, horizon: int) -> FloatArray:
    """Running sums of what had ended at each column."""
    late = np.zeros_like(values)
    late[:, horizon:] = np.cumsum(values, axis=1)[:, :-horizon]
    return late


def _mean_so_far(values: FloatArray, horizon: int, sessions: int | None) -> FloatArray:
    """By stock the mean of the known `values` that had ended, of the last `sessions` or all; shrunk to all stocks'."""
    known = np.isfinite(values)
    sums, counts = _ended(np.where(known, values, 0.0), horizon), _ended(known.astype(np.float64), horizon)
    pooled = sums.sum(axis=0) / np.maximum(counts.sum(axis=0), 1)
    if sessions is not None:
        earlier = sums.copy(), counts.copy()
        sums[:, sessions:] -= earlier[0][:, :-sessions]
        counts[:, sessions:] -= earlier[1][:, :-sessions]
    mean: FloatArray = (sums + _PRIOR * pooled) / (counts + _PRIOR)
    return mean


def own_rates(moves: FloatArray, threshold: float, horizon: int, sessions: int | None = None) -> FloatArray:
    """Share of the stock's moves beyond the threshold, (stocks, dates); of the last `sessions` only where given."""
    return _mean_so_far(np.where(np.isfinite(moves), np.abs(moves) > threshold, np.nan), horizon, sessions)


def own_sigmas(moves: FloatArray, horizon: int) -> FloatArray:
    """Root of the mean square of the stock's moves so far, (stocks, dates); NaN before any stock had moved."""
    squares = _mean_so_far(moves**2, horizon, None)
    return np.sqrt(np.where(squares > 0, squares, np.nan))


def own_means(moves: FloatArray, horizon: int) -> FloatArray:
    """Mean absolute move of the last 250 sessions, (stocks, dates): what people call usual."""
    return _mean_so_far(np.abs(moves), horizon, RECENT)
