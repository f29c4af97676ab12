"""Standard errors and intervals of means whose items are not independent (docs/methods.md 6.1).

Stocks of one day move together, so everything clusters by day; neighbouring days are not independent either, so days
are joined into blocks (backend.stats.blocks).
"""

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr, stdtrit

from backend.stats.blocks import Floats, block_length, left_over

Days = NDArray[np.int64]
Json = dict[str, Any]

NORMAL_95 = 1.959964


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean of n items on `n_days` days with its standard error over `n_blocks` independent blocks of them.

    The error is None with fewer than two blocks.
    """

    value: float
    error: float | None
    n: int
    n_days: int
    n_blocks: int

    def interval(self, alpha: float = 0.05) -> tuple[float, float] | None:
        """Interval at 1 - alpha, Student's t with n_blocks - 1 degrees of freedom."""
        if self.error is None:
            return None
        half = student_quantile(alpha, self.n_blocks - 1) * self.error
        return self.value - half, self.value + half


def described(estimate: Estimate, baseline: float | None, *, bounds: tuple[float, float] | None = None) -> Json:
    """The shape of every metric: value, 95% interval, what it must beat, and how much it rests on."""
    interval = estimate.interval()
    if interval is not None and bounds is not None:
        interval = max(bounds[0], interval[0]), min(bounds[1], interval[1])
    low, high = interval if interval is not None else (None, None)
    counts = {"n": estimate.n, "n_days": estimate.n_days, "n_blocks": estimate.n_blocks}
    return {"value": estimate.value, "low": low, "high": high, "baseline": baseline, **counts}


@lru_cache(maxsize=4096)
def student_quantile(alpha: float, degrees: int) -> float:
    """Two-sided quantile of Student's t: P(|t| > q) = alpha."""
    return float(stdtrit(max(degrees, 1), 1 - alpha / 2))


def student_p(t: float, degrees: int) -> float:
    """Two-sided p-value of `t`."""
    return float(2 * stdtr(max(degrees, 1), -abs(t)))


def day_sums(values: Floats, days: Days) -> Floats:
    """Sum of `values` for each day; `days` are 0..n_days-1."""
    return np.asarray(np.bincount(days, weights=values), dtype=np.float64)


def block_sums(sums: Floats, length: int) -> Floats:
    """Daily sums added up over blocks of about `length` sessions; a begun last block is spread over the others."""
    count = max(len(sums) // length, 1)
    edges = np.linspace(0, len(sums), count + 1).astype(np.int64)[:-1]
    return np.asarray(np.add.reduceat(sums, edges), dtype=np.float64)


def clustered_ratio(numerator: Floats, denominator: Floats, days: Days, horizon: int) -> Estimate:
    """sum(numerator) / sum(denominator), error by the delta method on the residuals of independent blocks of sessions.

    With denominator 1 and blocks of one session: se^2 = n_d / (n_d - 1) sum_d (c_d - A n_d)^2 / N^2.
    """
    total = float(denominator.sum())
    value = float(numerator.sum()) / total
    sums = day_sums(numerator - value * denominator, days)
    parts = block_sums(sums, block_length(sums, horizon))
    error = None
    if len(parts) >= 2:
        variance = len(parts) / (len(parts) - 1) * float(parts @ parts) * left_over(parts)
        error = math.sqrt(variance) / total
    return Estimate(value, error, len(numerator), len(sums), len(parts))


def clustered_mean(values: Floats, days: Days, horizon: int) -> Estimate:
    """Mean over items, with the error of independent blocks of sessions."""
    return clustered_ratio(values, np.ones(len(values)), days, horizon)


def wilson(share: float, n: float) -> tuple[float, float]:
    """Wilson's (1927) 95% interval of a share seen in `n` (effective) trials."""
    z2 = NORMAL_95**2
    centre = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = NORMAL_95 * math.sqrt(share * (1 - share) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    return centre - half, centre + half
