"""Member "knn": what the price did after similar stories (docs/methods.md 2.3).

w = exp((s' - 1) / 0.3) * 2^(-age / 250 sessions); p = (sum w y + k0 wbar p0) / (sum w + k0 wbar), K = 100.
s' = (s - b) / (1 - b) with b the 90th percentile of unrelated stories: e5 cosines lie between .85 and .95, so the raw
ones weigh the nearest neighbour 1.4 times the hundredth (measured; docs/decisions/0007).
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from backend.domain.forecasts import Neighbour, PredictionItem
from backend.domain.members import KnnParameters, MemberStanding, MemberState, progress
from backend.models.fitting.band import GRID, NORMAL_GRID, weighted_quantiles
from backend.models.fitting.member_forecast import MemberForecast
from backend.models.fitting.panel import FloatArray
from backend.models.members.member import Member, TrainingData

TEMPERATURE: Final = 0.3
HALF_LIFE_SESSIONS: Final = 250
SAME_STOCK_AND_DAY: Final = 3
MINIMUM_NEIGHBOURS: Final = 20
MINIMUM_STORIES: Final = 300


def fit(labelled_stories: int, settings: KnnParameters) -> dict[str, Any]:
    """Nothing is learned but whether enough labelled stories exist."""
    parameters: dict[str, Any] = {"k": settings.k, "shrinkage": settings.shrinkage}
    if labelled_stories < MINIMUM_STORIES:
        return parameters | {"state": progress(MemberStanding.LEARNING, labelled_stories, MINIMUM_STORIES, "stories")}
    return parameters


def select_neighbours(neighbours: Sequence[Neighbour], k: int) -> list[Neighbour]:
    """The `k` most similar: each story once, at most three of the same stock and day."""
    ordered = sorted(neighbours, key=lambda n: (-n.similarity, n.story_id, n.stock_code))
    seen: set[int] = set()
    days: Counter[tuple[str, int]] = Counter()
    chosen: list[Neighbour] = []
    for neighbour in ordered:
        day = (neighbour.stock_code, neighbour.age_sessions)
        if neighbour.story_id in seen or days[day] >= SAME_STOCK_AND_DAY:
            continue
        seen.add(neighbour.story_id)
        days[day] += 1
        chosen.append(neighbour)
    return chosen[:k]


def neighbour_weights(neighbours: Sequence[Neighbour], background_similarity: float) -> FloatArray:
    """Weights by how far each similarity stands above what unrelated stories have, and by age."""
    similarity = np.array([n.similarity for n in neighbours])
    above = (similarity - background_similarity) / max(1e-6, 1 - background_similarity)
    age = np.array([n.age_sessions for n in neighbours], dtype=float)
    weights: FloatArray = np.exp((above - 1) / TEMPERATURE) * 0.5 ** (age / HALF_LIFE_SESSIONS)
    return weights


def _reason_to_abstain(
    parameters: Mapping[str, Any], item: PredictionItem, chosen: Sequence[Neighbour]
) -> MemberState | None:
    if "state" in parameters:
        state: MemberState = parameters["state"]
        return state
    if item.story_id is None:
        return {"state": MemberStanding.NO_NEW_STORY}
    if item.background_similarity is None:
        return {"state": MemberStanding.SIMILARITY_UNKNOWN}
    near = sum(n.similarity > item.background_similarity for n in chosen)
    if near < MINIMUM_NEIGHBOURS:
        return progress(MemberStanding.FEW_SIMILAR_STORIES, near, MINIMUM_NEIGHBOURS, "stories")
    return None


def predict(parameters: Mapping[str, Any], item: PredictionItem) -> MemberForecast:
    """Weighted share of similar stories whose stock then beat the market, shrunk to the base rate; abstains on few."""
    chosen = select_neighbours(item.neighbours, parameters["k"])
    reason = _reason_to_abstain(parameters, item, chosen)
    p0 = parameters["p0"]
    if reason or item.background_similarity is None:
        return MemberForecast(p0, abstained=reason)
    weights = neighbour_weights(chosen, item.background_similarity)
    prior = parameters["shrinkage"] * float(weights.mean())
    p_up = (float(weights @ [n.y for n in chosen]) + prior * p0) / (float(weights.sum()) + prior)
    pooled = np.array(parameters["z"]) if parameters["z"] else NORMAL_GRID
    values = np.concatenate([[n.z for n in chosen], pooled])
    mixed = np.concatenate([weights, np.full(len(GRID), prior / len(GRID))])
    nearest = [
        {"story_id": n.story_id, "stock_code": n.stock_code, "similarity": round(n.similarity, 4), "y": n.y}
        for n in chosen[:5]
        if n.similarity > item.background_similarity
    ]
    return MemberForecast(
        p_up,
        weighted_quantiles(values, mixed, GRID),
        counted={"neighbours": len(chosen), "nearest": nearest},
        news_weight=1.0,
    )


def _fit(data: TrainingData, horizon: int, settings: KnnParameters) -> dict[str, Any]:
    return fit(data.labelled_stories.get(str(horizon), 0), settings)


MEMBER: Final = Member("knn", _fit, predict)
