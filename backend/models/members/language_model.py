"""Member "llm": what a language model said of the new stories, as it was kept (docs/llm.md).

It asks nobody: the job ask_language_model does, and keeps the answers. The member learns nothing, is on no list that
the gate combines, and has no forecast where nothing was said.
"""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from backend.domain.forecasts import PredictionItem
from backend.domain.members import LANGUAGE_MODEL, LanguageModelParameters, MemberStanding
from backend.models.fitting.logistic import logit, sigmoid
from backend.models.fitting.member_forecast import MemberForecast
from backend.models.members.member import Member, TrainingData


def predict(parameters: Mapping[str, Any], item: PredictionItem) -> MemberForecast:
    """The mean, in log odds, of what it said of the item's stories; abstains without any."""
    said = [one for one in item.opinions if one.language_model == parameters["language_model"]]
    if not said:
        return MemberForecast(parameters["p0"], abstained={"state": MemberStanding.NOTHING_SAID})
    p_up = float(sigmoid(np.array([logit(one.p_up) for one in said]).mean(axis=0)))
    told = [{"story_id": one.story_id, "p_up": round(one.p_up, 4)} for one in said]
    return MemberForecast(p_up, counted={"stories": told}, news_weight=1.0)


def _fit(_data: TrainingData, _horizon: int, settings: LanguageModelParameters) -> dict[str, Any]:
    return {"language_model": settings.language_model}


MEMBER: Final = Member(LANGUAGE_MODEL, _fit, predict)
