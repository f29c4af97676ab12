"""The event member: what followed events of its type and sign, and nothing where nothing is known to follow."""

from statistics import NormalDist
from typing import Any

import numpy as np
import pytest

from backend.domain.forecasts import TrainedModel
from backend.domain.members import BASE, MemberState
from backend.domain.understanding.event_studies import StoryEvent, Study
from backend.models.members import event
from backend.models.predictor.predictor import score
from backend.models.predictor.training import fit_models
from tests.models.items import NO_FORECASTS, make_item
from tests.models.panels import make_panel

NORMAL = NormalDist()
PARAMETERS: dict[str, Any] = {
    "effects": {"results + any": 0.2, "results + large": 0.3, "lawsuit - any": -0.25},
    "p0": 0.48,
}
PANEL = make_panel()


def story(number: int, event_type: str = "results", sign: str = "+", size: str = "unknown") -> StoryEvent:
    return StoryEvent(number, event_type, sign, size)


def said(*events: StoryEvent) -> float:
    return event.predict(PARAMETERS, make_item(story_id=1, events=events)).p_up


def moved(move: float) -> float:
    return NORMAL.cdf(NORMAL.inv_cdf(0.48) + move)


def test_a_known_effect_moves_the_base_rate_by_the_mean_move_in_sigmas() -> None:
    assert said(story(1)) == pytest.approx(moved(0.2))
    assert said(story(1, "lawsuit", "-")) == pytest.approx(moved(-0.25))


def test_the_size_counts_where_it_is_known_and_was_studied() -> None:
    assert said(story(1, size="large")) == pytest.approx(moved(0.3))
    assert said(story(1, size="small")) == pytest.approx(moved(0.2))


def test_effects_add_up_and_two_stories_of_one_kind_are_one_event() -> None:
    assert said(story(1), story(2, "lawsuit", "-")) == pytest.approx(moved(-0.05))
    assert said(story(1), story(2, size="large")) == pytest.approx(moved(0.2))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, {"state": "no_new_story"}),
        ({"story_id": 1}, {"state": "no_known_effect"}),
        ({"story_id": 1, "events": [story(1, sign="-")]}, {"state": "no_known_effect"}),
        ({"story_id": 1, "events": [story(1, "ceo", "0")]}, {"state": "no_known_effect"}),
    ],
)
def test_without_a_known_effect_it_abstains(changes: dict[str, Any], reason: MemberState) -> None:
    forecast = event.predict(PARAMETERS, make_item(**changes))
    assert (forecast.p_up, forecast.abstained, forecast.news_weight) == (0.48, reason, 0.0)


def test_it_names_the_events_that_counted() -> None:
    forecast = event.predict(PARAMETERS, make_item(story_id=7, events=[story(7), story(8, "ceo")]))
    assert forecast.counted == {"events": [{"story_id": 7, "type": "results", "sign": "+", "move": 0.2}]}
    assert forecast.news_weight == 1.0


def test_only_groups_of_type_and_sign_with_an_effect_are_learned() -> None:
    def of(event_type: str, sign: str, size: str, horizon: int, verdict: str) -> Study:
        return Study(event_type, sign, size, "all", horizon, 30, 30, 0.5, 0.1, 0.9, 0.4, None, verdict)

    studies = [
        of("any", "any", "any", 1, "effect"),
        of("results", "any", "any", 1, "effect"),
        of("results", "+", "any", 1, "effect"),
        of("results", "+", "large", 1, "too_few"),
        of("results", "+", "any", 3, "effect"),
        of("ceo", "0", "any", 1, "none"),
        of("lawsuit", "-", "any", 1, "too_few"),
    ]
    assert event.fit(studies, 1) == {"effects": {"results + any": 0.4}, "studied": 3}


def history(random: np.random.Generator, effect: float, days: list[str]) -> dict[str, list[Any]]:
    """Four stories a session; results move by `effect` sigmas in the direction of their sign."""
    columns: dict[str, list[Any]] = {name: [] for name in ("types", "signs", "sizes", "stocks", "days", "moves")}
    for day in days:
        for _ in range(4):
            event_type = ("results", "ceo")[int(random.integers(2))]
            sign = "+-"[int(random.integers(2))]
            move = random.normal(0, 1) + (effect if event_type == "results" else 0) * (1 if sign == "+" else -1)
            for name, value in zip(columns, (event_type, sign, "unknown", "000001", day, move), strict=True):
                columns[name].append(value)
    return columns


def trained(events: dict[str, Any]) -> list[TrainedModel]:
    payload = {"as_of": PANEL["dates"][-1], "panel": PANEL, "labelled_stories": {}, "events": events}
    models, failed = fit_models(payload | {"prequential": NO_FORECASTS})
    assert failed == {}
    return models


def test_training_finds_the_planted_effect_and_no_other() -> None:
    random = np.random.default_rng(5)
    events = {str(h): history(random, 0.5 if h == 5 else 0.0, PANEL["dates"]) for h in (1, 3, 5)}
    (model,) = [m for m in trained(events) if m.model == "event"]
    effects = {h: model.parameters["horizons"][h]["effects"] for h in ("1", "3", "5")}
    assert (effects["1"], effects["3"], set(effects["5"])) == ({}, {}, {"results + any", "results - any"})
    assert effects["5"]["results + any"] == pytest.approx(0.5, abs=0.1)


def test_other_events_give_other_forecasts_and_another_hash() -> None:
    random = np.random.default_rng(5)
    models = trained({str(h): history(random, 0.6, PANEL["dates"]) for h in (1, 3, 5)})
    items = [make_item(story_id=1, evidence=[3], events=[story(1, sign=sign)], horizon=5) for sign in "+-"]
    up, down = ({f.model: f for f in score(models, [item])[0]} for item in items)
    assert up["event"].p_up > up[BASE].p_up > down["event"].p_up
    assert up["event"].evidence == [{"news_id": 3, "weight": 1.0}]
    assert up["event"].features_hash != down["event"].features_hash


def test_models_of_before_the_event_member_give_the_hash_of_before() -> None:
    models = [m for m in trained({}) if m.model in (BASE, "price")]
    with_event, without = (make_item(events=events) for events in ([story(1)], []))
    hashes = [[f.features_hash for f in score(models, [item])[0]] for item in (with_event, without)]
    assert hashes[0] == hashes[1]


def test_a_gate_with_forecasts_of_before_the_member_goes_on_and_gives_it_no_weight() -> None:
    days = PANEL["dates"][-80:-10]
    rows = [(code, day) for code in PANEL["codes"] * 2 for day in days]
    prequential = {
        "stock_code": [code for code, _ in rows], "trade_date": [day for _, day in rows], "horizon": [1] * len(rows),
        "p_up": {BASE: [0.42] * len(rows), "price": [0.45] * len(rows), "knn": [0.42] * len(rows)},
    }  # fmt: skip
    payload = {"as_of": PANEL["dates"][-1], "panel": PANEL, "labelled_stories": {}, "events": {}}
    fitted = {m.model: m for m in fit_models(payload | {"prequential": prequential})[0]}
    found = fitted["gated"].parameters["horizons"]["1"]
    assert (found["state"], found["sessions"]) == ({"state": "trained"}, 70)
    assert found["weights"]["event"] == 0
    assert set(found["weights"]) == {"price", "knn", "event", "text"}
