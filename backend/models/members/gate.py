"""Model "gated": how much of each member's opinion has earned to reach the user (prediction.md 3.3).

logit P = logit p0 + sum_j w_j (logit p_j - logit p0), 0 <= w_j <= 1.5: the formula of 3.3 written around
the base rate, so that a member that abstains counts nothing and no skill means the base rate. The
intercept of 3.3 is the base rate's own; a second one only followed noise (shuffled labels, 1,800
outcomes: it moved p by up to 0.02). Fitted only on predictions made before their outcome.
"""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from backend.models.fitting.logistic import fit_logistic, logit, sigmoid
from backend.models.fitting.opinion import Opinion
from backend.models.fitting.panel import FloatArray

MEMBERS: Final = ("price", "knn")
MINIMUM_SESSIONS: Final = 60
MINIMUM_OUTCOMES: Final = 1000
SESSIONS: Final = 250
_BOUNDS: Final = [(0.0, 1.5)] * len(MEMBERS)


def _learning(sessions: int, outcomes: int) -> dict[str, Any]:
    state = f"learning: {min(sessions, MINIMUM_SESSIONS)} of {MINIMUM_SESSIONS} sessions"
    if sessions >= MINIMUM_SESSIONS:
        state = f"learning: {outcomes} of {MINIMUM_OUTCOMES} outcomes"
    weights = dict.fromkeys(MEMBERS, 0.0)
    return {"weights": weights, "sessions": sessions, "outcomes": outcomes, "state": state}


def fit(base: FloatArray, members: Mapping[str, FloatArray], y: FloatArray, days: FloatArray) -> dict[str, Any]:
    """Weights from prequential predictions: p of base and members, outcome and session number of each item (n,)."""
    recent = days > days.max() - SESSIONS if len(days) else days > 0
    sessions, outcomes = len(np.unique(days[recent])), int(recent.sum())
    if sessions < MINIMUM_SESSIONS or outcomes < MINIMUM_OUTCOMES:
        return _learning(sessions, outcomes)
    offset = logit(base[recent])
    design = np.column_stack([logit(members[name][recent]) - offset for name in MEMBERS])
    penalty = np.full(design.shape[1], 1 / sessions)
    fitted = fit_logistic(design, y[recent], penalty=penalty, offset=offset, bounds=_BOUNDS)
    return {
        "weights": dict(zip(MEMBERS, fitted.tolist(), strict=True)),
        "sessions": sessions,
        "outcomes": outcomes,
        "state": "trained",
    }


def predict(parameters: Mapping[str, Any], opinions: Mapping[str, Opinion]) -> Opinion:
    """The members' opinions of one item, each as far as its weight lets it through."""
    p0 = parameters["p0"]
    weights: dict[str, float] = parameters["weights"]
    base = logit(p0)
    score = base
    for name, weight in weights.items():
        if name in opinions:
            score = score + weight * (logit(opinions[name].p_up) - base)
    members = {name: round(opinion.p_up, 6) for name, opinion in opinions.items() if name in ("base", *MEMBERS)}
    silent = {name: opinions[name].abstained for name in MEMBERS if name in opinions and opinions[name].abstained}
    rounded = {name: round(weight, 4) for name, weight in weights.items()}
    counted = {"members": members, "weights": rounded, "state": parameters["state"], "silent": silent}
    news_weight = weights["knn"] * opinions["knn"].news_weight if "knn" in opinions else 0.0
    return Opinion(float(sigmoid(score)), counted=counted, news_weight=news_weight)
