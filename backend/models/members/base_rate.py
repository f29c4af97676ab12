"""Member "base": how often the market-adjusted return is positive at all, shrunk to one half.

Formula: p0 = (n_up + 250) / (n + 500) over 250 sessions (prediction.md 3.2). Every other member falls back to it.
"""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from backend.domain.forecasts import PredictionItem
from backend.models.fitting.band import GRID
from backend.models.fitting.features import Labels
from backend.models.fitting.opinion import Opinion

SESSIONS: Final = 250
PRIOR: Final = 500
# Until there are labels: the quantiles of a normal distribution.
MINIMUM_LABELS: Final = 100


def fit(labels: Labels) -> dict[str, Any]:
    """Base rate and pooled quantiles of the move in sigma, from labels of the last 250 sessions."""
    y = labels.y[:, -SESSIONS:]
    y = y[np.isfinite(y)]
    moves = labels.move_z[:, -SESSIONS:]
    moves = moves[np.isfinite(moves)]
    z = np.quantile(moves, GRID).tolist() if len(moves) >= MINIMUM_LABELS else None
    return {"p0": (float(y.sum()) + PRIOR / 2) / (len(y) + PRIOR), "n": len(y), "z": z}


def predict(parameters: Mapping[str, Any], item: PredictionItem) -> Opinion:  # noqa: ARG001  (the members' signature)
    """The base rate, whatever the item."""
    return Opinion(parameters["p0"], counted={"n": parameters["n"]})
