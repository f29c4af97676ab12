"""How moves are spread around their scale: the share of past moves that were larger than so many scales.

Quantiles of log(|move| / scale) of the last sessions, so that a probability is a share of what happened at forecasts of
the same ratio of threshold to scale, and never rises with the threshold (docs/methods.md 2.7).
"""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from backend.models.fitting.panel import FloatArray

# Every half percent, and finer where large moves are.
LEVELS: Final = (*(level / 200 for level in range(1, 200)), 0.9975, 0.999, 0.9995)
# At these a forecast of the size is scored.
SCORED: Final = tuple(level / 20 for level in range(1, 20))
MINIMUM: Final = 100
_SMALLEST: Final = 1e-6  # a session in which the stock moved with its market exactly


def fit_shape(moves: FloatArray, log_scales: FloatArray) -> list[float] | None:
    """Quantiles at LEVELS of log(|move| / scale), over pairs where both are known; None with fewer than 100."""
    ratios = np.log(np.abs(moves) + _SMALLEST) - log_scales
    ratios = ratios[np.isfinite(ratios)]
    return np.quantile(ratios, LEVELS).tolist() if len(ratios) >= MINIMUM else None


def probability(shape: Sequence[float], log_scale: Any, threshold: Any) -> Any:
    """P(|move| > threshold); a number or an array."""
    return 1 - np.interp(np.log(threshold) - log_scale, shape, LEVELS)


def sizes(shape: Sequence[float], log_scale: float, levels: Sequence[float] = SCORED) -> FloatArray:
    """Quantiles of |move| at `levels`."""
    found: FloatArray = np.exp(np.interp(levels, LEVELS, shape) + log_scale)
    return found


def mean_ratio(shape: Sequence[float]) -> float:
    """Mean of |move| / scale."""
    levels = np.concatenate([[0.0], LEVELS, [1.0]])
    middles = np.diff((levels[1:] + levels[:-1]) / 2)
    return float(middles @ np.exp(shape) / middles.sum())
