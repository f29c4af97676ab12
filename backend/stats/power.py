"""Sessions until a difference shows: two-sided test at 5 %, found in 80 % of the cases (docs/methods.md 6.3)."""

import math

import numpy as np

from backend.stats.blocks import Floats
from backend.stats.intervals import Json, clustered_mean

MINIMUM_SESSIONS = 20
# A gate that lets next to nothing through differs from the base rate by less than this; no wait would make it matter.
NO_DIFFERENCE = 1e-5
_DETECTION = 1.959964 + 0.841621


def sessions_for(gap: float, sd: float) -> int | None:
    """n = ((1.96 + 0.84) sd / gap)^2 sessions of a daily difference with this mean and standard deviation."""
    return math.ceil((_DETECTION * sd / gap) ** 2) if gap else None


def describe_need(daily_differences: Floats, horizon: int) -> Json:
    """Sessions needed for the difference measured so far; neighbouring sessions count as blocks of them."""
    n = len(daily_differences)
    estimate = clustered_mean(daily_differences, np.arange(n), horizon)
    sd = None if estimate.error is None else estimate.error * math.sqrt(n)
    known = sd is not None and n >= MINIMUM_SESSIONS and abs(estimate.value) >= NO_DIFFERENCE
    value = sessions_for(estimate.value, sd) if known and sd is not None else None
    return {"value": value, "gap": estimate.value, "sd": sd, "n_days": n}
