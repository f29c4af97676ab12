"""Model "gated": combines the probabilities of the gated members with fitted weights around the base rate.

logit P = logit p0 + sum_j w_j (logit p_j - logit p0), 0 <= w_j <= 1.5 (docs/methods.md 3). A member that abstains
says p0 and counts nothing, and weights of 0 are the base rate. The weights are fitted only on forecasts made before
their outcome. An intercept would only follow noise: with shuffled labels of 1,800 outcomes it moved P by up to 0.02.
"""

import math
from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from backend.domain.members import BASE, GATED, MemberStanding, MemberState, NoParameters, progress
from backend.models.fitting.evidence import design_effect
from backend.models.fitting.logistic import fit_logistic, logit, sigmoid
from backend.models.fitting.member_forecast import MemberForecast
from backend.models.fitting.panel import FloatArray
from backend.models.members.member import Member, TrainingData

MINIMUM_SESSIONS: Final = 60
# Independent outcomes: three stocks of the KRX reach them within the sessions that count, at five sessions ahead, too.
MINIMUM_OUTCOMES: Final = 90
SESSIONS: Final = 250
_BOUNDS: Final = (0.0, 1.5)


def _learning(sessions: int, independent: float) -> MemberState | None:
    """Why the weights cannot be fitted yet, or None. No target is told that these stocks cannot reach."""
    if sessions < MINIMUM_SESSIONS:
        return progress(MemberStanding.LEARNING, sessions, MINIMUM_SESSIONS, "sessions")
    if independent >= MINIMUM_OUTCOMES:
        return None
    if independent / sessions * SESSIONS < MINIMUM_OUTCOMES:
        return {"state": MemberStanding.TOO_FEW_STOCKS}
    return progress(MemberStanding.LEARNING, math.floor(independent), MINIMUM_OUTCOMES, "outcomes")


def fit(
    base: FloatArray, members: Mapping[str, FloatArray], y: FloatArray, days: FloatArray, horizon: int = 1
) -> dict[str, Any]:
    """Weights of `members` from n earlier forecasts; all 0 until there are enough sessions and independent outcomes.

    `base` and each of `members`: p_up of the n items; `y`: their outcomes (0, 0.5 or 1); `days`: the number of the
    session of each. Only the last 250 sessions count.
    """
    recent = days > days.max() - SESSIONS if len(days) else days > 0
    sessions, outcomes = len(np.unique(days[recent])), int(recent.sum())
    # Outcomes of h sessions overlap, so that h of them tell as much as one.
    independent = outcomes / (horizon * design_effect(y[recent] - base[recent], days[recent]))
    if (state := _learning(sessions, independent)) is not None:
        return {"weights": dict.fromkeys(members, 0.0), "sessions": sessions, "outcomes": outcomes, "state": state}
    offset = logit(base[recent])
    design = np.column_stack([logit(p_up[recent]) - offset for p_up in members.values()])
    penalty = np.full(design.shape[1], 1 / (2 * independent))
    bounds = [_BOUNDS] * design.shape[1]
    fitted = fit_logistic(design, y[recent], penalty=penalty, offset=offset, bounds=bounds)
    return {
        "weights": dict(zip(members, fitted.tolist(), strict=True)),
        "sessions": sessions,
        "outcomes": outcomes,
        "state": MemberState(state=MemberStanding.TRAINED),
    }


def pool(
    base: FloatArray | float, members: Mapping[str, FloatArray | float], weights: Mapping[str, float]
) -> FloatArray:
    """P of the weighted combination: of one item, or of n items by arrays."""
    score = logit(base)
    for name, p_up in members.items():
        score = score + weights.get(name, 0.0) * (logit(p_up) - logit(base))
    return sigmoid(score)


def predict(parameters: Mapping[str, Any], forecasts: Mapping[str, MemberForecast]) -> MemberForecast:
    """The weighted combination of `forecasts` (by model name) of one item."""
    p0 = parameters["p0"]
    weights: dict[str, float] = parameters["weights"]
    said = {name: forecasts[name].p_up for name in weights if name in forecasts}
    news_weight = sum(weights[name] * forecasts[name].news_weight for name in said)
    members = {name: round(forecast.p_up, 6) for name, forecast in forecasts.items() if name in (BASE, *weights)}
    silent = {name: forecasts[name].abstained for name in weights if name in forecasts and forecasts[name].abstained}
    rounded = {name: round(weight, 4) for name, weight in weights.items()}
    counted = {"members": members, "weights": rounded, "state": parameters["state"], "silent": silent}
    return MemberForecast(float(pool(p0, said, weights)), counted=counted, news_weight=news_weight)


def _fit(data: TrainingData, horizon: int, _settings: NoParameters) -> dict[str, Any]:
    """Of the earlier forecasts that the base rate made and whose outcome is known.

    A member that made none of one, because it is newer, changed nothing of it, as one that abstains.
    """
    earlier = data.prequential.of(horizon)
    base = earlier.said(BASE)
    said = {name: earlier.said(name) for name in GATED}
    y = data.labels[horizon].y[earlier.stocks, earlier.days]
    known = np.isfinite(y) & np.isfinite(base)
    members = {name: np.where(np.isfinite(p_up), p_up, base)[known] for name, p_up in said.items()}
    return fit(base[known], members, y[known], earlier.days[known].astype(float), horizon)


MEMBER: Final = Member("gated", _fit, combine=predict)
