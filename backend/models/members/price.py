"""Member "price": a strongly regularised logistic regression on where a stock stands among all of the day.

Its inputs are ranks, so that nothing extrapolates, and the clipped state of the market (docs/methods.md 2.2). It learns
from every stock with bars. The average stock gets the base rate, which follows the market's times faster than three
years do. Its parameters are plain numbers: inputs, means, scales, coefficients. Setting of a model: c, the inverse of
the penalty as scikit-learn counts it, for independent outcomes.
"""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from backend.domain.forecasts import PredictionItem
from backend.domain.members import MemberStanding, MemberState, PriceParameters, progress
from backend.domain.stock_days import DIRECTION
from backend.models.fitting.evidence import design_effect
from backend.models.fitting.features import Labels
from backend.models.fitting.logistic import fit_unbounded, logit, sigmoid
from backend.models.fitting.member_forecast import MemberForecast
from backend.models.fitting.panel import FloatArray
from backend.models.members.member import Member, TrainingData

SESSIONS: Final = 750
MINIMUM_ROWS: Final = 300
_MARKET: Final = [DIRECTION.index(name) for name in ("market1", "market5")]


def fit(section: FloatArray, labels: Labels, horizon: int, c: float) -> dict[str, Any]:
    """Parameters from all (stock, date) pairs of the last 750 sessions with a place among the others and a known label.

    `section`: (stocks, dates, inputs) of backend.models.fitting.cross_section.
    """
    values, y = section[:, -SESSIONS:], labels.y[:, -SESSIONS:]
    usable = np.isfinite(values[..., -1]) & np.isfinite(y)
    days = np.broadcast_to(np.arange(float(y.shape[1])), y.shape)[usable]
    values, y = values[usable], y[usable]
    if len(y) < MINIMUM_ROWS:
        return {"state": progress(MemberStanding.LEARNING, len(y), MINIMUM_ROWS, "days")}
    means, scales = values.mean(axis=0), values.std(axis=0)
    scales = np.where(scales > 0, scales, 1.0)
    design = np.column_stack([(values - means) / scales, np.ones(len(y))])
    independent = len(y) / (horizon * design_effect(y - y.mean(), days))
    penalty = np.full(design.shape[1], 0.5 / (c * independent))
    # The state of the market is the same for all stocks: a session tells one thing of it, however many there are.
    penalty[_MARKET] = 0.5 * horizon / (c * len(np.unique(days)))
    penalty[-1] = 0.0
    fitted = fit_unbounded(design, y, penalty=penalty)
    return {
        "inputs": list(DIRECTION),
        "means": means.tolist(),
        "scales": scales.tolist(),
        "coefficients": fitted[:-1].tolist(),
        "rows": len(y),
        "independent": round(independent),
    }


def chances(parameters: Mapping[str, Any], values: FloatArray) -> FloatArray:
    """P of n stocks from (n, inputs) as the cross-section has them; NaN where a stock is not in it."""
    scores = (values - parameters["means"]) / parameters["scales"] @ np.array(parameters["coefficients"])
    return sigmoid(scores + logit(parameters["p0"]))


def predict(parameters: Mapping[str, Any], item: PredictionItem) -> MemberForecast:
    """P(market-adjusted return > 0); abstains without parameters or a place among the stocks of the day."""
    if "state" in parameters:
        return MemberForecast(parameters["p0"], abstained=parameters["state"])
    inputs = parameters.get("inputs", ())
    if not inputs:
        return MemberForecast(parameters["p0"], abstained={"state": MemberStanding.INPUTS_CHANGED})
    if any(name not in item.places for name in inputs):
        return MemberForecast(parameters["p0"], abstained=_reason(item))
    values = np.array([item.places[name] for name in inputs])
    terms = (values - parameters["means"]) / parameters["scales"] * np.array(parameters["coefficients"])
    strongest = sorted(zip(inputs, terms.tolist(), strict=True), key=lambda term: -abs(term[1]))[:3]
    p_up = float(sigmoid(terms.sum() + logit(parameters["p0"])))
    counted = {
        "strongest": {name: round(term, 4) for name, term in strongest},
        "places": {name: round(item.places[name], 3) for name, _ in strongest},
    }
    return MemberForecast(p_up, counted=counted)


def _reason(item: PredictionItem) -> MemberState:
    """Features without a place: no other stock to be compared with."""
    return {"state": MemberStanding.NO_OTHER_STOCK if "ar1" in item.features else MemberStanding.FEW_DAILY_BARS}


def _fit(data: TrainingData, horizon: int, settings: PriceParameters) -> dict[str, Any]:
    return fit(data.section, data.labels[horizon], horizon, settings.c)


MEMBER: Final = Member("price", _fit, predict)
