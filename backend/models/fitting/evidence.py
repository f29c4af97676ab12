"""How much many outcomes tell that move together (docs/methods.md 3)."""

import numpy as np

from backend.models.fitting.panel import FloatArray


def design_effect(residuals: FloatArray, days: FloatArray) -> float:
    """By how much the outcomes of one day, which move together, tell less than independent ones; at least 1.

    `residuals`: outcome minus base rate; `days`: the session of each.
    """
    spread = float((residuals**2).sum())
    sums = np.bincount(np.unique(days, return_inverse=True)[1], weights=residuals)
    return max(1.0, float((sums**2).sum()) / spread) if spread else 1.0
