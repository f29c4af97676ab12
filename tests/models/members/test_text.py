"""The text member: finds what words tell, in vectors and in characters, costs nothing where they tell nothing."""

import math
from base64 import b64encode
from typing import Any

import numpy as np
import pytest

from backend.domain.forecasts import StoryText, TrainedModel
from backend.domain.members import BASE, TextParameters
from backend.models.fitting.texts import BUCKETS, LabelledTexts, characters
from backend.models.members import gate, text
from backend.models.predictor.predictor import score
from backend.models.predictor.training import fit_models
from backend.stats.intervals import Estimate, clustered_ratio
from tests.models.items import NO_FORECASTS, make_item
from tests.models.panels import make_panel

WORDS = [
    "수주",
    "계약",
    "실적",
    "공시",
    "신제품",
    "협력",
    "투자",
    "증설",
    "인수",
    "소송",
    "배당",
    "감산",
    "전망",
    "목표",
    "공장",
    "임상",
]
DIMENSION = 16
SESSIONS, A_DAY, BLOCK, FIRST, LEARNED = 240, 10, 30, 60, 90
C = TextParameters().c


def packed(vector: np.ndarray) -> str:
    return b64encode(vector.astype(">f2").tobytes()).decode()


class History:
    """Ten stories a session. One in five says "웃돌아" or "밑돌아", which moves the price by `effect` sigmas.

    The vector tells the same with `in_vector`; nothing else does.
    """

    def __init__(self, seed: int, effect: float, *, in_vector: bool = False, in_title: bool = True) -> None:
        random = np.random.default_rng(seed)
        base, meanings = random.normal(0, 3, DIMENSION), random.normal(0, 1, (len(WORDS) + 1, DIMENSION))
        self.days = np.repeat(np.arange(SESSIONS), A_DAY)
        side = random.choice([-1, 0, 0, 0, 0, 0, 0, 0, 0, 1], len(self.days))
        chosen = np.array([random.choice(len(WORDS), 4, replace=False) for _ in self.days])
        vectors = base + 0.5 * meanings[chosen].sum(axis=1) + random.normal(0, 0.5, (len(self.days), DIMENSION))
        vectors += 0.7 * side[:, None] * meanings[-1] * in_vector
        self.vectors = [packed(row / np.linalg.norm(row)) for row in vectors]
        told = [" ".join(WORDS[n] for n in row) for row in chosen]
        endings = {1: " 웃돌아", -1: " 밑돌아"} if in_title else {}
        self.titles = [f"{words}{endings.get(one, '')}" for words, one in zip(told, side.tolist(), strict=True)]
        shocks = random.normal(0, 0.15, SESSIONS)[self.days]
        self.y = (random.normal(0, 1, len(side)) + shocks + effect * side > 0.05).astype(float)

    def before(self, day: int) -> LabelledTexts:
        """What had ended by then."""
        rows = np.flatnonzero(self.days < day - 1).tolist()
        labels = {
            "texts": list(range(len(rows))), "y": self.y[rows].tolist(), "days": [f"{self.days[n]:03}" for n in rows],
        }  # fmt: skip
        return LabelledTexts({
            "titles": [self.titles[n] for n in rows], "vectors": [self.vectors[n] for n in rows],
            "horizons": {"1": labels},
        })  # fmt: skip

    def text(self, n: int) -> StoryText:
        return StoryText(n, self.titles[n], self.vectors[n])

    def walk(self) -> tuple[Estimate, Estimate]:
        """Brier skill of the member and of the gate over it, walk-forward."""
        base, member, gated = (np.full(len(self.y), np.nan) for _ in range(3))
        for start in range(FIRST, SESSIONS, BLOCK):
            past = self.days < start - 1
            p0 = (self.y[past].sum() + 250) / (past.sum() + 500)
            parameters = text.fit(self.before(start), 1, C) | {"p0": p0}
            known = past & np.isfinite(base)
            fitted = gate.fit(base[known], {"text": member[known]}, self.y[known], self.days[known].astype(float))
            for n in np.flatnonzero((self.days >= start) & (self.days < start + BLOCK)).tolist():
                p_up = text.predict(parameters, make_item(story_id=n, texts=[self.text(n)])).p_up
                base[n], member[n], gated[n] = p0, p_up, gate.pool(p0, {"text": p_up}, fitted["weights"])
        counted = self.days >= FIRST + LEARNED  # the gate has its sessions by then
        days = np.unique(self.days[counted], return_inverse=True)[1]
        loss = (base - self.y)[counted] ** 2
        gains = [loss - (p - self.y)[counted] ** 2 for p in (member, gated)]
        return clustered_ratio(gains[0], loss, days, 1), clustered_ratio(gains[1], loss, days, 1)


@pytest.mark.parametrize("carrier", [{"in_title": True}, {"in_title": False, "in_vector": True}])
def test_a_planted_word_is_found_in_the_characters_or_in_the_vector(carrier: dict[str, bool]) -> None:
    member, gated = History(1, 0.9, **carrier).walk()
    assert min(member.value, gated.value) > 0
    assert gated.value > 2 * (gated.error or math.inf)


def test_where_words_tell_nothing_the_gate_costs_less_than_a_tenth_of_a_percent() -> None:
    """The mean of six worlds; the member alone loses five times as much."""
    walks = [History(seed, 0.0, in_vector=True).walk() for seed in range(2, 8)]
    member, gated = (float(np.mean([walk[n].value for walk in walks])) for n in (0, 1))
    assert member < -0.003
    assert -0.001 <= gated <= 0.001


def test_it_learns_until_there_are_enough_stories() -> None:
    fitted = text.fit(History(1, 0.9).before(20), 1, C)
    assert fitted == {"state": {"state": "learning", "done": 190, "wanted": 300, "unit": "stories"}}
    forecast = text.predict(fitted | {"p0": 0.46}, make_item(story_id=1))
    assert (forecast.p_up, forecast.abstained) == (0.46, fitted["state"])
    assert text.fit(LabelledTexts({}), 1, C) == {
        "state": {"state": "learning", "done": 0, "wanted": 300, "unit": "stories"}
    }


@pytest.fixture(scope="module")
def history() -> History:
    return History(1, 0.9, in_vector=True)


@pytest.fixture(scope="module")
def parameters(history: History) -> dict[str, Any]:
    return text.fit(history.before(SESSIONS), 1, C) | {"p0": 0.46}


def said(parameters: dict[str, Any], *texts: StoryText) -> Any:
    return text.predict(parameters, make_item(story_id=1, texts=texts))


def test_it_says_what_it_counted_and_takes_the_mean_of_the_stories(
    history: History, parameters: dict[str, Any]
) -> None:
    beat, miss = (next(n for n, title in enumerate(history.titles) if word in title) for word in ("웃돌아", "밑돌아"))
    up, down = said(parameters, history.text(beat)), said(parameters, history.text(miss))
    assert up.p_up > 0.46 > down.p_up
    both = said(parameters, history.text(beat), history.text(miss))
    scores = [one["score"] for one in both.counted["stories"]]
    assert np.log(both.p_up / (1 - both.p_up)) == pytest.approx(np.log(0.46 / 0.54) + np.mean(scores), abs=1e-3)
    assert (both.news_weight, [one["story_id"] for one in both.counted["stories"]]) == (1.0, [beat, miss])


def test_without_a_story_or_a_vector_of_its_encoder_it_abstains(history: History, parameters: dict[str, Any]) -> None:
    assert text.predict(parameters, make_item()).abstained == {"state": "no_new_story"}
    for vector in (None, packed(np.ones(DIMENSION + 1))):
        forecast = said(parameters, StoryText(1, history.titles[0], vector))
        assert (forecast.p_up, forecast.abstained) == (0.46, {"state": "not_embedded"})


def test_stories_of_days_on_which_all_rise_or_fall_count_as_days(history: History) -> None:
    given = history.before(SESSIONS).payload
    columns = given["horizons"]["1"]
    together = {**columns, "y": [float(int(day) % 2) for day in columns["days"]]}
    apart = {**together, "days": [f"{n:04}" for n in range(len(columns["days"]))]}
    found = [text.fit(LabelledTexts({**given, "horizons": {"1": one}}), 1, C) for one in (together, apart)]
    assert [one["independent"] for one in found] == [239, 2390]


def test_characters_do_not_count_case_form_or_the_values_of_digits() -> None:
    assert characters("LG전자 3분기  영업이익 1,200억") == characters("ＬＧ전자 4분기 영업이익 9,876억")
    assert characters("웃돌아") != characters("밑돌아")
    assert len(characters("가" * 500)) == BUCKETS
    assert np.linalg.norm(characters("가나다")) == pytest.approx(1)
    assert characters("가" * 200) == characters("가" * 500)


def test_training_hands_it_the_texts_and_the_hash_of_a_forecast_holds_the_words(history: History) -> None:
    panel = make_panel()
    payload = {"as_of": panel["dates"][-1], "panel": panel, "labelled_stories": {}, "events": {}}
    texts = history.before(SESSIONS).payload
    models, failed = fit_models(payload | {"prequential": NO_FORECASTS, "texts": texts})
    assert failed == {}
    trained = {model.model: model for model in models}["text"]
    states = {h: trained.parameters["horizons"][h].get("state") for h in ("1", "3")}
    assert states == {"1": None, "3": {"state": "learning", "done": 0, "wanted": 300, "unit": "stories"}}
    items = [make_item(story_id=1, texts=[history.text(n)]) for n in (0, 1)]

    def hashes(chosen: list[TrainedModel]) -> set[str]:
        return {score(chosen, [item])[0][0].features_hash for item in items}

    assert len(hashes([m for m in models if m.model in ("text", BASE)])) == 2
    assert len(hashes([m for m in models if m.model in (BASE, "price")])) == 1  # as before there was the member
