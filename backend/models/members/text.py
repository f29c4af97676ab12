"""Member "text": what followed stories of like words (docs/methods.md 2.8).

A strongly regularised logistic regression on the vector of a story's title and on its characters, over stories whose
effect had ended. Both parts are centred and have a mean length of 1, so that the penalty means the same for each. A
stock with several new stories gets the mean of their scores: they mostly tell one event. Setting: c, as of the price
member.
"""

from base64 import b64decode, b64encode
from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from backend.domain.forecasts import PredictionItem, StoryText
from backend.domain.members import MemberStanding, TextParameters, progress
from backend.models.fitting.evidence import design_effect
from backend.models.fitting.logistic import fit_logistic, logit, sigmoid
from backend.models.fitting.member_forecast import MemberForecast
from backend.models.fitting.panel import FloatArray
from backend.models.fitting.texts import LabelledTexts, characters, read_vector
from backend.models.members.member import Member, TrainingData

MINIMUM_STORIES: Final = 300


def fit(texts: LabelledTexts, horizon: int, c: float) -> dict[str, Any]:
    """One weight a number of a text, for the vector and the characters as they come, and their common offset."""
    labels = texts.labels(horizon)
    n = len(np.unique(labels.texts))
    if n < MINIMUM_STORIES:
        return {"state": progress(MemberStanding.LEARNING, n, MINIMUM_STORIES, "stories")}
    parts = [_Part(values[labels.texts]) for values in (texts.vectors, texts.characters)]
    design = np.concatenate([part.scaled for part in parts], axis=1)
    rate = float(labels.y.mean())
    independent = len(labels.y) / (horizon * design_effect(labels.y - rate, labels.days))
    penalty = np.full(design.shape[1], 0.5 / (c * independent))
    # The mean story gets the base rate, whatever the share of these was.
    fitted = fit_logistic(design, labels.y, penalty=penalty, offset=float(logit(rate)))
    of_vector, of_characters = np.split(fitted, [parts[0].mean.size])
    weights = [of_vector / parts[0].scale, of_characters / parts[1].scale]
    offset = -sum(float(own @ part.mean) for own, part in zip(weights, parts, strict=True))
    return {
        "vector": _pack(weights[0]),
        "characters": _pack(weights[1]),
        "offset": offset,
        "stories": n,
        "independent": round(independent),
    }


class _Part:
    """(rows, numbers) less their mean, over the root of the mean squared length that is left; 1 where none is."""

    def __init__(self, values: FloatArray) -> None:
        self.mean: FloatArray = values.mean(axis=0)
        centred = values - self.mean
        self.scale = float(np.sqrt((centred**2).sum(axis=1).mean())) or 1.0
        self.scaled: FloatArray = centred / self.scale


def _pack(weights: FloatArray) -> str:
    """Base64 of little-endian float32: a tenth of the same as JSON numbers."""
    return b64encode(weights.astype("<f4").tobytes()).decode("ascii")


def _unpack(packed: str) -> FloatArray:
    return np.frombuffer(b64decode(packed), dtype="<f4").astype(np.float64)


def _score(parameters: Mapping[str, Any], vector: FloatArray, words: FloatArray, text: StoryText) -> float | None:
    """Log odds beside the base rate's; None without a vector, or with one of another encoder."""
    if text.vector is None or len(own := read_vector(text.vector)) != len(vector):
        return None
    return float(own @ vector + np.array(characters(text.title)) @ words + parameters["offset"])


def predict(parameters: Mapping[str, Any], item: PredictionItem) -> MemberForecast:
    """The base rate, moved by the mean score of the new stories; abstains without one that has a vector."""
    p0 = parameters["p0"]
    if "state" in parameters:
        return MemberForecast(p0, abstained=parameters["state"])
    if item.story_id is None:
        return MemberForecast(p0, abstained={"state": MemberStanding.NO_NEW_STORY})
    vector, words = _unpack(parameters["vector"]), _unpack(parameters["characters"])
    scores = {text.story_id: _score(parameters, vector, words, text) for text in item.texts}
    known = {story_id: score for story_id, score in scores.items() if score is not None}
    if not known:
        return MemberForecast(p0, abstained={"state": MemberStanding.NOT_EMBEDDED})
    p_up = float(sigmoid(logit(p0) + float(np.mean(list(known.values())))))
    told = [{"story_id": story_id, "score": round(score, 4)} for story_id, score in known.items()]
    return MemberForecast(p_up, counted={"stories": told}, news_weight=1.0)


def _fit(data: TrainingData, horizon: int, settings: TextParameters) -> dict[str, Any]:
    return fit(data.texts, horizon, settings.c)


MEMBER: Final = Member("text", _fit, predict)
