"""Member "base": how often the market-adjusted return is above 0 at all, shrunk to one half (docs/methods.md 2.1).

p0 = (n_up + 250) / (n + 500) over 250 sessions, a tie counting one half. Every other member falls back to it, so its
parameters (p0, n, z) are part of everybody's.
"""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from backend.domain.forecasts import PredictionItem
from backend.models.fitting.band import GRID
from backend.models.fitting.features import Labels
from backend.models.fitting.member_forecast import MemberForecast
from backend.models.members.member import Member, fit_nothing

SESSIONS: Final = 250
PRIOR: Final = 500
# Until there are labels: the quantiles of a normal distribution.
MINIMUM_LABELS: Final = 100


def fit(labels: Labels) -> dict[str, Any]:
    """Base rate p0, number of labels n, and z: quantiles of the move in sigmas at band.GRID (None with too few).

    Of the last 250 sessions of `labels`, all stocks together.
    """
    y = labels.y[:, -SESSIONS:]
    y = y[np.isfinite(y)]
    moves = labels.move_z[:, -SESSIONS:]
    moves = moves[np.isfinite(moves)]
    z = np.quantile(moves, GRID).tolist() if len(moves) >= MINIMUM_LABELS else None
    return {"p0": (float(y.sum()) + PRIOR / 2) / (len(y) + PRIOR), "n": len(y), "z": z}


def predict(parameters: Mapping[str, Any], _item: PredictionItem) -> MemberForecast:
    """The base rate, whatever the item."""
    return MemberForecast(parameters["p0"], counted={"n": parameters["n"]})


MEMBER: Final = Member("base", fit_nothing, predict)
