"""Member "price": a strongly regularised logistic regression on past prices (docs/methods.md 2.2).

Its parameters are plain numbers: means, scales, coefficients, intercept. Setting of a model: c, the inverse of the
penalty as scikit-learn counts it.
"""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from backend.domain.forecasts import PredictionItem
from backend.domain.members import PriceParameters
from backend.domain.stock_days import FEATURES
from backend.models.fitting.features import Features, Labels
from backend.models.fitting.logistic import fit_logistic, sigmoid
from backend.models.fitting.member_forecast import MemberForecast
from backend.models.members.member import Member, TrainingData

SESSIONS: Final = 500
MINIMUM_ROWS: Final = 300


def fit(features: Features, labels: Labels, c: float) -> dict[str, Any]:
    """Parameters from all (stock, date) pairs of the last 500 sessions with whole features and a known label."""
    values = features.values[:, -SESSIONS:].reshape(-1, len(FEATURES))
    y = labels.y[:, -SESSIONS:].reshape(-1)
    usable = np.isfinite(values).all(axis=1) & np.isfinite(y)
    values, y = values[usable], y[usable]
    if len(y) < MINIMUM_ROWS:
        return {"state": f"learning: {len(y)} of {MINIMUM_ROWS} labelled days"}
    means, scales = values.mean(axis=0), values.std(axis=0)
    scales = np.where(scales > 0, scales, 1.0)
    design = np.column_stack([(values - means) / scales, np.ones(len(y))])
    penalty = np.full(design.shape[1], 0.5 / (c * len(y)))
    penalty[-1] = 0.0
    fitted = fit_logistic(design, y, penalty=penalty)
    return {
        "means": means.tolist(),
        "scales": scales.tolist(),
        "coefficients": fitted[:-1].tolist(),
        "intercept": float(fitted[-1]),
        "rows": len(y),
    }


def predict(parameters: Mapping[str, Any], item: PredictionItem) -> MemberForecast:
    """P(market-adjusted return > 0); abstains without parameters or with too short a history."""
    if "coefficients" not in parameters:
        return MemberForecast(parameters["p0"], abstained=parameters["state"])
    if any(name not in item.features for name in FEATURES):
        return MemberForecast(parameters["p0"], abstained="fewer than 120 daily bars")
    values = np.array([item.features[name] for name in FEATURES])
    terms = (values - parameters["means"]) / parameters["scales"] * np.array(parameters["coefficients"])
    strongest = sorted(zip(FEATURES, terms.tolist(), strict=True), key=lambda term: -abs(term[1]))[:3]
    p_up = float(sigmoid(terms.sum() + parameters["intercept"]))
    return MemberForecast(p_up, counted={"strongest": {name: round(term, 4) for name, term in strongest}})


def _fit(data: TrainingData, horizon: int, settings: PriceParameters) -> dict[str, Any]:
    return fit(data.features, data.labels[horizon], settings.c)


MEMBER: Final = Member("price", _fit, predict)
