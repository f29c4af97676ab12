"""Turns items into forecasts by trained models, the same way live and in the replay (docs/methods.md 2 to 4).

A member that abstains returns the base rate and a reason. The stored probability is never bent to the word shown: a
lean differs from the base rate, a call is a lean whose like has earned more than it cost (backend.domain.verdicts).
"""

import hashlib
import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np

from backend import codec
from backend.domain import verdicts
from backend.domain.forecasts import Direction, Forecast, PredictionItem, TrainedModel, Verdict
from backend.domain.members import BASE, LANGUAGE_MODEL, SIZE
from backend.models.fitting import proof
from backend.models.fitting.band import price_band
from backend.models.fitting.member_forecast import MemberForecast
from backend.models.members import event, text
from backend.models.members.registry import MEMBERS
from backend.models.predictor.bands import ItemBands, Pooled
from backend.models.predictor.set_aside import MemberError, blame

LOWEST_P, HIGHEST_P = 0.05, 0.95


def clip_probability(p: float) -> float:
    return min(HIGHEST_P, max(LOWEST_P, p))


def _parameters(model: TrainedModel, horizon: int) -> Mapping[str, Any]:
    parameters: Mapping[str, Any] = model.parameters["horizons"][str(horizon)]
    return parameters


def digest_item(
    item: PredictionItem, *, with_events: bool = False, with_sizes: bool = False, with_texts: bool = False
) -> str:
    """Hash of what members look at. Neither `asof` nor the price of the moment: a tick alone is no reason to speak.

    `with_events`, `with_sizes`, `with_texts`: one of them looks at events, sizes of past moves, or words, too.
    """
    known = (
        item.stock_code,
        item.trade_date,
        item.horizon,
        item.sigma,
        sorted(item.features.items()),
        sorted(item.places.items()),
        [(n.story_id, n.stock_code, n.similarity, n.age_sessions, n.y, n.z) for n in item.neighbours],
        item.background_similarity,
        item.story_id,
        list(item.evidence),
        *([list(item.events)] if with_events else []),
        *([sorted(item.sizes.items())] if with_sizes else []),
        *([[(told.story_id, told.title, told.vector) for told in item.texts]] if with_texts else []),
    )
    return hashlib.sha256(repr(known).encode()).hexdigest()


def _forecast(
    item: PredictionItem, model: TrainedModel, member: MemberForecast, digest: str, bands: ItemBands
) -> Forecast:
    parameters = _parameters(model, item.horizon)
    if not math.isfinite(member.p_up):
        raise ValueError(f"its probability is {member.p_up}")
    p_up = clip_probability(member.p_up)
    levels = bands.levels(model, member, p_up)
    share = min(1.0, member.news_weight) / max(1, len(item.evidence))
    explanation = {"p0": round(parameters["p0"], 6), **member.counted}
    if member.abstained:
        explanation["abstained"] = member.abstained
    lean = p_up - _neutral(model, member, parameters["p0"])
    return Forecast(
        model=model.model,
        stock_code=item.stock_code,
        asof=item.asof,
        horizon=item.horizon,
        p_up=p_up,
        lean=lean,
        # Until the whole day is known: see `word`.
        verdict=Verdict.NONE,
        direction=Direction.HOLD,
        confidence=min(1.0, abs(lean) / (HIGHEST_P - 0.5)),
        quantiles_krw=price_band(item.base_price_krw, item.sigma, item.horizon, levels),
        story_id=item.story_id,
        evidence=[{"news_id": news_id, "weight": round(share, 4)} for news_id in item.evidence],
        explanation=explanation,
        features_hash=digest,
        size=None if member.size is None else member.size.said,
    )


def _neutral(model: TrainedModel, member: MemberForecast, p0: float) -> float:
    """The probability that takes no side. Clipped as p_up is: a base rate beyond the limits has no lean."""
    stated = MEMBERS[model.parameters["kind"]].neutral
    return clip_probability(p0 if stated is None or member.abstained else stated)


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
    """The versions that a forecast of `model` rests on: its own, that of its band, those of the members it combines."""
    band = {other.version for other in models if other.parameters["kind"] == SIZE}
    if MEMBERS[model.parameters["kind"]].combine is None:
        return " ".join(sorted(band | {model.version}))
    combined = (BASE, *_parameters(model, horizon)["weights"])
    members = band | {other.version for other in models if other.model in combined}
    return " ".join(sorted(members | {model.version}))


def score_item(models: Sequence[TrainedModel], item: PredictionItem, pooled: Pooled) -> list[Forecast]:
    """One forecast a model, in the order of `models`; fills `pooled`. Raises MemberError for the first that fails."""
    member_forecasts = _member_forecasts(models, item)
    # A forecast of before the event, size or text member is audited with the models of then, and the hash they gave.
    kinds = {model.parameters["kind"] for model in models}
    known = digest_item(
        item, with_events=event.MEMBER.kind in kinds, with_sizes=SIZE in kinds, with_texts=text.MEMBER.kind in kinds
    )
    bands = ItemBands(item, models, member_forecasts, pooled)
    forecasts = []
    for model in models:
        with blame(model.model):
            said = list(item.opinions) if model.parameters["kind"] == LANGUAGE_MODEL else ""
            used = f"{known}{_used_versions(models, model, item.horizon)}{said}"
            digest = hashlib.sha256(used.encode()).hexdigest()[:32]
            forecasts.append(_forecast(item, model, member_forecasts[model.model], digest, bands))
    return forecasts


def word(models: Sequence[TrainedModel], forecasts: Sequence[Forecast]) -> list[Forecast]:
    """The same forecasts with their word: each ranked among those of its model, moment and horizon."""
    versions = {model.model: model for model in models}
    groups: dict[tuple[str, datetime, int], list[int]] = {}
    for n, forecast in enumerate(forecasts):
        groups.setdefault((forecast.model, forecast.asof, forecast.horizon), []).append(n)
    worded = list(forecasts)
    for (name, _, horizon), places in groups.items():
        found = proof.tenths(np.zeros(len(places), dtype=np.int64), np.array([forecasts[n].lean for n in places]))
        proofs = _parameters(versions[name], horizon).get("proof", {})
        for n, tenth in zip(places, found.tolist(), strict=True):
            worded[n] = _worded(forecasts[n], tenth, proofs)
    return worded


def _worded(forecast: Forecast, tenth: int, proofs: verdicts.Proof) -> Forecast:
    record = verdicts.proof_of(proofs, forecast.lean, tenth)
    verdict = verdicts.judge(forecast.lean, record)
    explanation = {**forecast.explanation, "lean": round(forecast.lean, 6), "tenth": tenth}
    if record is not None:
        explanation["proof"] = record
    direction = verdicts.side_of(forecast.lean) if verdict is Verdict.CALL else Direction.HOLD
    # By hand, because dataclasses.replace takes five times as long, for 500,000 forecasts of a replayed year.
    return Forecast(
        model=forecast.model,
        stock_code=forecast.stock_code,
        asof=forecast.asof,
        horizon=forecast.horizon,
        p_up=forecast.p_up,
        lean=forecast.lean,
        verdict=verdict,
        direction=direction,
        confidence=forecast.confidence,
        quantiles_krw=forecast.quantiles_krw,
        story_id=forecast.story_id,
        evidence=forecast.evidence,
        explanation=explanation,
        features_hash=forecast.features_hash,
        size=forecast.size,
    )


def score(models: Sequence[TrainedModel], items: Sequence[PredictionItem]) -> tuple[list[Forecast], dict[str, str]]:
    """Every item by every model that can: for each item one forecast a model, in their order.

    `items`: of one moment, all stocks, because a forecast's word depends on its place among them. A model that fails on
    one item is set aside for all, as if it had not been asked: its name and reason come beside.
    """
    failed: dict[str, str] = {}
    while True:
        sound = [model for model in models if model.model not in failed]
        try:
            pooled: Pooled = {}
            forecasts = [forecast for item in items for forecast in score_item(sound, item, pooled)]
        except MemberError as error:
            failed[error.name] = error.reason
        else:
            return word(sound, forecasts), failed


def predict(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Operation "predict": {models, items} -> {forecasts, failed}: texts of backend.codec; failed: name -> reason."""
    models = codec.load(TrainedModel, payload["models"])
    items = codec.load(PredictionItem, payload["items"])
    forecasts, failed = score(models, items)
    return {"forecasts": codec.dump(Forecast, forecasts), "failed": failed}
