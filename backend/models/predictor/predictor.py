"""Turns items into forecasts by trained models, the same way live and in the replay (docs/methods.md 2 to 4).

A member that abstains returns the base rate and a reason. The stored probability is never bent
to the direction shown: up or down only where it differs from the base rate by enough to pay for the trade.
"""

import hashlib
import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from backend import codec
from backend.domain.forecasts import Direction, Forecast, PredictionItem, TrainedModel
from backend.domain.members import BASE
from backend.models.fitting.band import NORMAL_GRID, price_band, shifted_grid
from backend.models.fitting.member_forecast import MemberForecast
from backend.models.members.registry import MEMBERS
from backend.models.predictor.set_aside import MemberError, blame
from backend.stats.costs import round_trip_cost

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


def _forecast(item: PredictionItem, model: TrainedModel, member: MemberForecast, digest: str) -> Forecast:
    parameters = _parameters(model, item.horizon)
    if not math.isfinite(member.p_up):
        raise ValueError(f"its probability is {member.p_up}")
    p_up = clip_probability(member.p_up)
    # Clipped as p_up is: a base rate beyond the limits must not differ from itself.
    neutral = clip_probability(parameters["p0"] if member.neutral is None else member.neutral)
    margin = decisive_margin(item.sigma, item.horizon, round_trip_cost(item.trade_date))
    pooled = np.array(parameters["z"]) if parameters["z"] else NORMAL_GRID
    grid = member.z_grid if member.z_grid is not None else shifted_grid(pooled, p_up, parameters["p0"])
    share = min(1.0, member.news_weight) / max(1, len(item.evidence))
    explanation = {
        "p0": round(parameters["p0"], 6),
        "down_from": round(neutral - margin, 4),
        "up_from": round(neutral + margin, 4),
        **member.counted,
    }
    if member.abstained:
        explanation["abstained"] = member.abstained
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


def _member_forecasts(models: Sequence[TrainedModel], item: PredictionItem) -> dict[str, MemberForecast]:
    """What each model forecasts, by its name; those that combine the others come last."""
    forecasts: dict[str, MemberForecast] = {}
    combining = []
    for model in models:
        with blame(model.model):
            member = MEMBERS[model.parameters["kind"]]
            if member.predict is not None:
                forecasts[model.model] = member.predict(_parameters(model, item.horizon), item)
            elif member.combine is not None:
                combining.append((model, member.combine))
    for model, combine in combining:
        with blame(model.model):
            forecasts[model.model] = combine(_parameters(model, item.horizon), forecasts)
    return forecasts


def _used_versions(models: Sequence[TrainedModel], model: TrainedModel, horizon: int) -> str:
    """The versions that a forecast of `model` rests on: its own, and those of the members it combines."""
    if MEMBERS[model.parameters["kind"]].combine is None:
        return model.version
    combined = (BASE, *_parameters(model, horizon)["weights"])
    members = {other.version for other in models if other.model in combined}
    return " ".join(sorted(members | {model.version}))


def score_item(models: Sequence[TrainedModel], item: PredictionItem) -> list[Forecast]:
    """One forecast a model, in the order of `models`. Raises MemberError for the first one that fails."""
    member_forecasts = _member_forecasts(models, item)
    known = digest_item(item)
    forecasts = []
    for model in models:
        with blame(model.model):
            used = f"{known}{_used_versions(models, model, item.horizon)}"
            digest = hashlib.sha256(used.encode()).hexdigest()[:32]
            forecasts.append(_forecast(item, model, member_forecasts[model.model], digest))
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
