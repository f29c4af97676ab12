"""Information coefficients: correlation of p and return over the stocks of a day (Pearson IC, Spearman RankIC).

As qlib and alphalens define them (docs/methods.md 6.2). A stock asked several times a day counts once, with
its last answer.
"""

import numpy as np
from numpy.typing import NDArray

from backend.stats.intervals import Days, Floats

MINIMUM_STOCKS = 10


def last_of_each_stock(days: Days, stocks: NDArray[np.int64]) -> NDArray[np.int64]:
    """Positions of the last item of each (day, stock), in order of days."""
    key = days * (int(stocks.max()) + 1) + stocks
    _, first_from_behind = np.unique(key[::-1], return_index=True)
    positions: NDArray[np.int64] = np.sort(len(key) - 1 - first_from_behind)
    return positions


def ranks_within(days: Days, values: Floats) -> Floats:
    """Ranks 0, 1, ... of `values` among those of the same day; equal values share their mean rank."""
    order = np.lexsort((values, days))
    day, value = days[order], values[order]
    starts = np.concatenate(([True], (day[1:] != day[:-1]) | (value[1:] != value[:-1])))
    group = np.cumsum(starts) - 1
    position = np.arange(len(values), dtype=np.float64)
    means = np.bincount(group, weights=position) / np.bincount(group)
    ranked = np.empty(len(values))
    ranked[order] = means[group]
    counts = np.bincount(days)
    first: Floats = (np.cumsum(counts) - counts)[days].astype(np.float64)
    return ranked - first


def _daily_correlations(days: Days, x: Floats, y: Floats) -> Floats:
    """Pearson's correlation of each day; NaN where one side does not vary or fewer than ten stocks are there."""
    n = np.bincount(days)
    x, y = x - (np.bincount(days, weights=x) / n)[days], y - (np.bincount(days, weights=y) / n)[days]
    scale = np.sqrt(np.bincount(days, weights=x * x) * np.bincount(days, weights=y * y))
    # Differences of equal numbers leave 1e-33, which is no spread.
    usable = (scale > 1e-20) & (n >= MINIMUM_STOCKS)
    product = np.bincount(days, weights=x * y)
    return np.where(usable, product / np.where(usable, scale, 1.0), np.nan)


def daily_ic(days: Days, stocks: NDArray[np.int64], p: Floats, returns: Floats) -> tuple[Floats, Floats]:
    """(IC, RankIC) of each day that has one; days are 0..n_days-1, items ordered by day."""
    last = last_of_each_stock(days, stocks)
    day, said, happened = days[last], p[last], returns[last]
    plain = _daily_correlations(day, said, happened)
    ranked = _daily_correlations(day, ranks_within(day, said), ranks_within(day, happened))
    return plain[np.isfinite(plain)], ranked[np.isfinite(ranked)]
