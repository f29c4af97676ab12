"""Sums, means and moments of the last sessions; what is missing does not count.

Every window is added up by itself and in the same order, so that neither where a panel begins nor how many stocks are
in it changes a digit.
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from backend.models.fitting.panel import FloatArray


def window_sum(values: FloatArray, length: int) -> FloatArray:
    """Sum of the known among the last `length` columns, fewer at the start; (stocks, dates) like `values`."""
    known = np.nan_to_num(values)
    total = known.copy()
    for back in range(1, min(length, values.shape[1])):
        total[:, back:] += known[:, :-back]
    return total


def window_count(values: FloatArray, length: int) -> FloatArray:
    """How many of the last `length` columns are known."""
    return window_sum(np.isfinite(values).astype(np.float64), length)


def window_mean(values: FloatArray, length: int, *, least: float = 0.25) -> FloatArray:
    """Mean of the known among the last `length` columns; NaN where none or less than the share `least` of them are."""
    return window_sum(values, length) / enough(window_count(values, length), length, least)


def enough(count: FloatArray, length: int, least: float = 0.25) -> FloatArray:
    """The same counts, NaN where they are 0 or below the share `least` of the window."""
    return np.where((count > 0) & (count >= least * length), count, np.nan)


def window_max(values: FloatArray, length: int) -> FloatArray:
    """Largest of the known among the last `length` columns, fewer at the start; NaN without any."""
    padded = np.concatenate([np.full((len(values), length - 1), -np.inf), np.nan_to_num(values, nan=-np.inf)], axis=1)
    found = sliding_window_view(padded, length, axis=1).max(axis=2)
    return np.where(np.isfinite(found), found, np.nan)


def window_moments(values: FloatArray, length: int) -> tuple[FloatArray, FloatArray]:
    """Standard deviation and skewness of the known among the last `length` columns, NaN like the mean.

    The skewness of a window without any spread is 0.
    """
    n = enough(window_count(values, length), length)
    mean = window_sum(values, length) / n
    square = window_sum(values**2, length) / n
    cube = window_sum(values**3, length) / n
    variance = np.maximum(square - mean**2, 0.0)
    third = cube - 3 * mean * square + 2 * mean**3
    deviation = np.sqrt(variance)
    flat = variance < 1e-12  # rounding, not a move
    return deviation, np.where(flat, np.where(np.isnan(mean), np.nan, 0.0), third / np.where(flat, 1.0, deviation**3))
