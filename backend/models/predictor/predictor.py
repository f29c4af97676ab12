"""Scores items with trained models: the only way a number becomes a prediction, live and in the replay.

A member that cannot say anything gives the base rate and says why. The stored probability is never bent
to the direction shown: up or down only where it differs from the base rate by enough to pay for the trade.
"""

import hashlib
import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from backend import codec
from backend.domain.forecasts import Direction, Forecast, PredictionItem, TrainedModel
from backend.models.fitting.band import NORMAL_GRID, price_band, shifted_grid
from backend.models.fitting.opinion import Opinion
from backend.models.members import base_rate, benchmarks, gate, knn, price
from backend.models.predictor.set_aside import MemberError, blame
from backend.stats.costs import round_trip_cost

MEMBERS: Final = {"base": base_rate.predict, "price": price.predict, "knn": knn.predict, **benchmarks.RULES}
LOWEST_P, HIGHEST_P = 0.05, 0.95
MINIMUM_MARGIN: Final = 0.03
_MEAN_ABSOLUTE_NORMAL: Final = 0.7979


def decisive_margin(sigma: float, horizon: int, cost: float) -> float:
    """How far p_up must differ from the base rate for a trade to pay: cost / (2 E|AR|), at least 0.03.

    `sigma` is the daily volatility and `cost` the round trip, both fractions of the price.
    """
    expected = _MEAN_ABSOLUTE_NORMAL * sigma * math.sqrt(horizon)
    return max(MINIMUM_MARGIN, cost / (2 * expected))


def choose_direction(p_up: float, neutral: float, margin: float) -> Direction:
    """Up or down from `margin` above or below `neutral`, the probability that takes no side; hold between."""
    if p_up - neutral >= margin:
        return Direction.UP
    return Direction.DOWN if neutral - p_up >= margin else Direction.HOLD


def clip_probability(p: float) -> float:
    return min(HIGHEST_P, max(LOWEST_P, p))


def _parameters(model: TrainedModel, horizon: int) -> Mapping[str, Any]:
    parameters: Mapping[str, Any] = model.parameters["horizons"][str(horizon)]
    return parameters


def digest_item(item: PredictionItem) -> str:
    """Hash of what members look at. Neither `asof` nor the price of the moment: a tick alone is no reason to speak."""
    known = (
        item.stock_code,
        item.trade_date,
        item.horizon,
        item.sigma,
        sorted(item.features.items()),
        [(n.story_id, n.stock_code, n.similarity, n.age_sessions, n.y, n.z) for n in item.neighbours],
        item.background_similarity,
        item.story_id,
        list(item.evidence),
    )
    return hashlib.sha256(repr(known).encode()).hexdigest()


def _forecast(item: PredictionItem, model: TrainedModel, opinion: Opinion, digest: str) -> Forecast:
    parameters = _parameters(model, item.horizon)
    if not math.isfinite(opinion.p_up):
        raise ValueError(f"its probability is {opinion.p_up}")
    p_up = clip_probability(opinion.p_up)
    # Clipped as p_up is: a base rate beyond the limits must not differ from itself.
    neutral = clip_probability(parameters["p0"] if opinion.neutral is None else opinion.neutral)
    margin = decisive_margin(item.sigma, item.horizon, round_trip_cost(item.trade_date))
    pooled = np.array(parameters["z"]) if parameters["z"] else NORMAL_GRID
    grid = opinion.z_grid if opinion.z_grid is not None else shifted_grid(pooled, p_up, parameters["p0"])
    share = min(1.0, opinion.news_weight) / max(1, len(item.evidence))
    explanation = {
        "p0": round(parameters["p0"], 6),
        "down_from": round(neutral - margin, 4),
        "up_from": round(neutral + margin, 4),
        **opinion.counted,
    }
    if opinion.abstained:
        explanation["abstained"] = opinion.abstained
    return Forecast(
        model=model.model,
        stock_code=item.stock_code,
        asof=item.asof,
        horizon=item.horizon,
        p_up=p_up,
        direction=choose_direction(p_up, neutral, margin),
        confidence=min(1.0, abs(p_up - neutral) / (HIGHEST_P - 0.5)),
        quantiles_krw=price_band(item.base_price_krw, item.sigma, item.horizon, grid),
        story_id=item.story_id,
        evidence=[{"news_id": news_id, "weight": round(share, 4)} for news_id in item.evidence],
        explanation=explanation,
        features_hash=digest,
    )


def _opinions(models: Sequence[TrainedModel], item: PredictionItem) -> dict[str, Opinion]:
    """What each model says; those of kind "gated" last, because they combine the members."""
    opinions: dict[str, Opinion] = {}
    for model in sorted(models, key=lambda model: model.parameters.get("kind") == "gated"):
        with blame(model.model):
            parameters, kind = _parameters(model, item.horizon), model.parameters["kind"]
            opinions[model.model] = (
                gate.predict(parameters, opinions) if kind == "gated" else MEMBERS[kind](parameters, item)
            )
    return opinions


def score_item(models: Sequence[TrainedModel], item: PredictionItem) -> list[Forecast]:
    """One forecast a model. Raises MemberError for the first one that fails."""
    opinions = _opinions(models, item)
    known = digest_item(item)
    members = {model.version for model in models if model.model in ("base", *gate.MEMBERS)}
    forecasts = []
    for model in models:
        gated = model.parameters.get("kind") == "gated"
        versions = " ".join(sorted(members | {model.version})) if gated else model.version
        digest = hashlib.sha256(f"{known}{versions}".encode()).hexdigest()[:32]
        with blame(model.model):
            forecasts.append(_forecast(item, model, opinions[model.model], digest))
    return forecasts


def score(models: Sequence[TrainedModel], items: Sequence[PredictionItem]) -> tuple[list[Forecast], dict[str, str]]:
    """Every item by every model that can: for each item one forecast a model, in their order.

    A model that fails on one item is set aside for all, as if it had not been asked: its name and reason come beside.
    """
    failed: dict[str, str] = {}
    while True:
        sound = [model for model in models if model.model not in failed]
        try:
            return [forecast for item in items for forecast in score_item(sound, item)], failed
        except MemberError as error:
            failed[error.name] = error.reason


def predict(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Operation "predict": {models, items} -> {forecasts, failed}, all by backend.codec; failed: name -> reason."""
    models = codec.decode(TrainedModel, payload["models"])
    items = codec.decode(PredictionItem, payload["items"])
    forecasts, failed = score(models, items)
    return {"forecasts": codec.encode(Forecast, forecasts), "failed": failed}
