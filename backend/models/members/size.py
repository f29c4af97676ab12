"""Member "size": how large the next market-adjusted move will be, and the band of the price (docs/methods.md 2.7, 4.2).

It takes no side and says the base rate. Its parts are in backend.models.size.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from backend.domain.forecasts import REST, PredictionItem
from backend.domain.members import NoParameters
from backend.domain.moves.sizes import LEFT, REST_SIZES, SIZES, SO_FAR
from backend.models.fitting.member_forecast import MemberForecast, MoveSize
from backend.models.members.member import Member, TrainingData
from backend.models.size import fitting, rest
from backend.models.size.references import THRESHOLD
from backend.models.size.scale import log_scales, strongest
from backend.models.size.shape import mean_ratio, probability, sizes
from backend.models.size.width import log_width
from backend.stats.scoring import horizon_sigma

_DIGITS: Final = 6
USUAL_SHARE: Final = round(1 - fitting.LARGE, 6)  # of large moves, by what a large move is


def _said(parameters: Mapping[str, Any], item: PredictionItem, log_scale: float, log_left: float) -> dict[str, Any]:
    """See backend.domain.forecasts.Forecast.size. `log_left`: of what is left of a running session, else 0."""
    shape = parameters["shape"]
    own = _left_of(parameters, item, log_left)
    ewma = math.log(horizon_sigma(item.sigma, item.horizon)) + log_left
    return {
        "expected": _rounded(math.exp(log_scale) * mean_ratio(shape)),
        "usual": own["usual"],
        "large": own["large"],
        "p_large": _rounded(probability(shape, log_scale, own["large"])),
        "p_3pct": _rounded(probability(shape, log_scale, THRESHOLD)),
        "quantiles": _levels(shape, log_scale),
        "references": {
            "own": {
                "p_3pct": own["own"],
                "p_large": USUAL_SHARE,
                "quantiles": _levels(parameters["own_shape"], math.log(own["sigma"])),
            },
            "recent": {"p_3pct": own["recent"]},
            "ewma": {
                "p_3pct": _rounded(probability(parameters["ewma_shape"], ewma, THRESHOLD)),
                "quantiles": _levels(parameters["ewma_shape"], ewma),
            },
        },
    }


def _left_of(parameters: Mapping[str, Any], item: PredictionItem, log_left: float) -> Mapping[str, float]:
    """What is known of the stock's moves: of whole ones, or as much of it as the rest of a session leaves."""
    own: Mapping[str, float] = parameters["stocks"].get(item.stock_code, parameters["pooled"])
    if log_left == 0:
        return own
    shape, sigma, part = parameters["own_shape"], math.log(own["sigma"]), math.exp(log_left)
    whole = float(probability(shape, sigma, THRESHOLD))
    rarer = float(probability(shape, sigma + log_left, THRESHOLD)) / whole if whole else 1.0
    by = {"own": rarer, "recent": rarer, "sigma": part, "usual": part, "large": part}
    return {name: _rounded(value * by[name]) for name, value in own.items()}


def _rounded(value: float) -> float:
    return round(float(value), _DIGITS)


def _levels(shape: list[float], log_scale: float) -> list[float]:
    return [_rounded(value) for value in sizes(shape, log_scale).tolist()]


def predict(parameters: Mapping[str, Any], item: PredictionItem) -> MemberForecast:
    """The base rate, and beside it the size; without one while it is learning."""
    if "shape" not in parameters:
        return MemberForecast(parameters["p0"], abstained=parameters["state"])
    names: Sequence[str] = SIZES
    log_left = 0.0
    values = [item.sizes.get(name, math.nan) for name in SIZES]
    if item.horizon == REST:
        left = item.sizes[LEFT]
        names, log_left = REST_SIZES, rest.log_left(left)
        values.append(rest.log_gap_like(parameters["gap_share"], item.sizes[SO_FAR], left))
    inputs = np.array(values)
    log_scale = float(log_scales(parameters["scale"], inputs)) + log_left
    unit = math.exp(log_scale + log_width(parameters["widths"], item.stock_code))
    size = MoveSize(np.array(parameters["band"]) * unit, _said(parameters, item, log_scale, log_left))
    counted = {"strongest": strongest(parameters["scale"], inputs, names)}
    return MemberForecast(parameters["p0"], counted=counted, size=size)


def _fit(data: TrainingData, horizon: int, _settings: NoParameters) -> dict[str, Any]:
    return fitting.fit(data.sizes, horizon)


MEMBER: Final = Member("size", _fit, predict)
