"""Brier skill over days, with an error that knows that calm and wild times cluster."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from backend.models.fitting.panel import FloatArray
from backend.stats.ranking import ranks_within

LAGS: Final = 20
LEAST_STOCKS: Final = 10  # of a day that has a rank correlation


@dataclass(frozen=True)
class Skill:
    """1 - sum of squared errors / that of the base, and how many of its standard errors it is from 0."""

    value: float
    t: float


def brier_skill(p: FloatArray, base: FloatArray, y: FloatArray) -> Skill:
    """All (stocks, dates), NaN where there is nothing; t over days, Newey and West's with Bartlett weights."""
    known = np.isfinite(p) & np.isfinite(base) & np.isfinite(y)
    gains = np.where(known, (base - y) ** 2 - (p - y) ** 2, 0.0).sum(axis=0)[known.any(axis=0)]
    loss = float(np.where(known, (base - y) ** 2, 0.0).sum())
    if not loss:
        return Skill(0.0, 0.0)
    return Skill(float(gains.sum()) / loss, t_of_mean(gains))


def t_of_mean(values: FloatArray, lags: int = LAGS) -> float:
    """Mean over its standard error with Bartlett weights over `lags`; 0 where nothing varies."""
    errors = values - values.mean()
    variance = float(errors @ errors)
    for lag in range(1, min(lags, len(values) - 1) + 1):
        variance += 2 * (1 - lag / (lags + 1)) * float(errors[lag:] @ errors[:-lag])
    return float(values.mean()) * len(values) / variance**0.5 if variance > 0 else 0.0


def rank_ic(p: FloatArray, adjusted: FloatArray) -> float:
    """Mean over days of the rank correlation of p and the market-adjusted return; NaN without a day of ten stocks."""
    found = []
    for day in range(p.shape[1]):
        known = np.isfinite(p[:, day]) & np.isfinite(adjusted[:, day])
        if known.sum() >= LEAST_STOCKS:
            day_of = np.zeros(int(known.sum()), dtype=np.int64)
            said, came = (ranks_within(day_of, values[known, day]) for values in (p, adjusted))
            if said.std() > 0 and came.std() > 0:
                found.append(float(np.corrcoef(said, came)[0, 1]))
    return float(np.mean(found)) if found else float("nan")
