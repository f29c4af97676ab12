"""Return of a book that follows the calls, after taxes, fees and slippage (docs/methods.md 6.2; backend.stats.costs).

Each session opens an equal-weight book of its calls with 1/h of the capital and closes it h sessions later; a session
without a call earns nothing. The whole return of a book is counted on the session that opened it, so that sums are
those of money and only the path inside h sessions is coarser than in an account.
"""

import math
from dataclasses import replace
from typing import Any

import numpy as np

from backend.stats.blocks import Floats
from backend.stats.intervals import Days, Estimate, clustered_mean, described

SESSIONS_A_YEAR = 250
Json = dict[str, Any]


def _daily_book(days: Days, n_days: int, gains: Floats, chosen: Floats, share: float) -> Floats:
    """Return of the capital on each day: the mean gain of the chosen items, times the share of the capital."""
    counts = np.bincount(days, weights=chosen, minlength=n_days)
    sums = np.bincount(days, weights=gains * chosen, minlength=n_days)
    return share * sums / np.maximum(counts, 1)


def max_drawdown(returns: Floats) -> float:
    """Largest fall from a peak of the compounded capital, as a fraction above 0."""
    level = np.concatenate(([1.0], np.cumprod(1 + returns)))
    return float(np.max(1 - level / np.maximum.accumulate(level)))


def sharpe(returns: Floats, horizon: int) -> Estimate:
    """Yearly Sharpe ratio with Lo's (2002) error, the mean's own error being that of independent blocks.

    Of the daily ratio s: sqrt(se(mean)^2 / variance + s^2 / (2 n)).
    """
    mean, n = clustered_mean(returns, np.arange(len(returns)), horizon), len(returns)
    spread = float(returns.std(ddof=1)) if n > 1 else 0.0
    if not spread or mean.error is None:
        return replace(mean, value=0.0, error=None)
    daily, year = mean.value / spread, math.sqrt(SESSIONS_A_YEAR)
    error = math.sqrt((mean.error / spread) ** 2 + daily * daily / (2 * n))
    return replace(mean, value=daily * year, error=error * year)


def _book(returns: Floats, counts: Floats, universe: float, horizon: int) -> Json:
    days = np.arange(len(returns))
    ratio = sharpe(returns, horizon)
    return {
        "daily_return": described(clustered_mean(returns, days, horizon), universe),
        "total_return": float(np.prod(1 + returns) - 1),
        "sharpe": described(ratio, 0.0),
        "turnover": float(np.mean(counts > 0)) / max(horizon, 1),
        "max_drawdown": max_drawdown(returns),
    }


def money(days: Days, raw_returns: Floats, directions: Floats, costs: Floats, horizon: int) -> Json:
    """Books of the calls. `directions` are 1, 0 (hold) or -1 of each item, `costs` its round trip as a fraction."""
    n_days, share = int(days.max()) + 1, 1 / max(horizon, 1)
    everything = _daily_book(days, n_days, raw_returns, np.ones(len(days)), share)
    universe = clustered_mean(everything, np.arange(n_days), horizon)
    books = {}
    for name, chosen in (("long_only", directions > 0), ("long_short", directions != 0)):
        weights = chosen.astype(np.float64)
        returns = _daily_book(days, n_days, np.sign(directions) * raw_returns - costs, weights, share)
        books[name] = _book(returns, np.bincount(days, weights=weights).astype(np.float64), universe.value, horizon)
    move = float(np.mean(np.abs(raw_returns)))
    cost = float(costs.mean())
    even = min(1.0, 0.5 + cost / (2 * move)) if move else None
    return {"cost": cost, **books, "universe": described(universe, 0.0), "break_even_accuracy": even}
