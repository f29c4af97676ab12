"""The language model as a member: what was kept of it, in log odds, and nothing of another one."""

import math
from typing import Any

import pytest

from backend.domain.forecasts import Opinion, TrainedModel
from backend.domain.members import BASE, LANGUAGE_MODEL
from backend.models.members import language_model
from backend.models.predictor.predictor import score
from backend.models.predictor.training import fit_models
from tests.models.items import NO_FORECASTS, make_item
from tests.models.panels import make_panel

PANEL = make_panel()


def predict(*opinions: Opinion) -> Any:
    return language_model.predict({"language_model": "m", "p0": 0.46}, make_item(story_id=1, opinions=opinions))


def test_it_says_the_mean_of_its_own_opinions_in_log_odds() -> None:
    assert predict(Opinion(1, "m", 0.6)).p_up == pytest.approx(0.6)
    both = predict(Opinion(1, "m", 0.6), Opinion(2, "m", 0.8), Opinion(2, "other", 0.1))
    odds = math.sqrt(0.6 / 0.4 * 0.8 / 0.2)
    assert both.p_up == pytest.approx(odds / (1 + odds))
    assert both.counted == {"stories": [{"story_id": 1, "p_up": 0.6}, {"story_id": 2, "p_up": 0.8}]}


@pytest.mark.parametrize("opinions", [[], [Opinion(1, "other", 0.9)]])
def test_without_one_of_its_own_it_abstains(opinions: list[Opinion]) -> None:
    forecast = predict(*opinions)
    assert (forecast.p_up, forecast.abstained is not None) == (0.46, True)


def test_no_other_model_hears_it() -> None:
    payload = {"as_of": PANEL["dates"][-1], "panel": PANEL, "labelled_stories": {}, "events": {}}
    wanted: list[dict[str, Any]] = [{"name": kind, "kind": kind, "settings": {}} for kind in (BASE, "price", "gated")]
    wanted.append({"name": "llm-m", "kind": LANGUAGE_MODEL, "settings": {"language_model": "m"}})
    trained: list[TrainedModel] = fit_models(payload | {"prequential": NO_FORECASTS, "models": wanted})[0]
    with_opinion, without = (
        {f.model: f for f in score(trained, [make_item(story_id=1, opinions=opinions)])[0]}
        for opinions in ([Opinion(1, "m", 0.9)], [])
    )
    own = with_opinion.pop("llm-m"), without.pop("llm-m")
    assert with_opinion == without
    assert own[0].features_hash != own[1].features_hash
    assert own[0].p_up == pytest.approx(0.9)
    assert "abstained" in own[1].explanation
    assert "llm-m" not in with_opinion["gated"].explanation["members"]
