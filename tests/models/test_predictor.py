"""Forecasts: band, hash, explanation; and their way through JSON. Their words: test_words.py."""

import json
import math
from dataclasses import replace
from datetime import timedelta

import pytest

from backend import codec
from backend.domain.forecasts import Forecast, PredictionItem, TrainedModel
from backend.domain.members import BUILT_IN
from backend.krx import tick_size_krw
from backend.models.fitting.band import round_to_tick
from backend.models.predictor.predictor import predict, score
from backend.models.predictor.training import fit_models
from tests.models.items import NO_FORECASTS, make_item
from tests.models.panels import make_panel


@pytest.fixture(scope="module")
def models() -> list[TrainedModel]:
    panel = make_panel()
    payload = {"as_of": panel["dates"][-1], "panel": panel, "labelled_stories": {"1": 500}, "events": {}}
    return fit_models(payload | {"prequential": NO_FORECASTS})[0]


def test_every_model_answers_and_a_silent_one_says_why(models: list[TrainedModel]) -> None:
    forecasts = {forecast.model: forecast for forecast in score(models, [make_item()])[0]}
    assert set(forecasts) == {"base", "price", "knn", "gated", "momentum", "reversal", "always_up", *BUILT_IN}
    assert forecasts["knn"].p_up == forecasts["base"].p_up
    assert forecasts["knn"].explanation["abstained"] == {"state": "no_new_story"}
    assert forecasts["gated"].explanation["state"] == {"state": "learning", "done": 0, "wanted": 60, "unit": "sessions"}
    assert forecasts["gated"].p_up == pytest.approx(forecasts["base"].p_up)


@pytest.mark.parametrize(
    ("features", "momentum", "reversal"),
    [({"ar20": 0.1, "ar5": 0.1}, 0.53, 0.47), ({"ar20": -0.1, "ar5": -0.1}, 0.47, 0.53)],
)
def test_benchmarks_take_a_side_by_their_rule(
    models: list[TrainedModel], features: dict[str, float], momentum: float, reversal: float
) -> None:
    said = {forecast.model: forecast.p_up for forecast in score(models, [make_item(features=features)])[0]}
    assert (said["momentum"], said["reversal"], said["always_up"]) == pytest.approx((momentum, reversal, 0.53))


def test_a_benchmark_without_history_says_the_base_rate(models: list[TrainedModel]) -> None:
    said = {forecast.model: forecast for forecast in score(models, [make_item(features={})])[0]}
    assert said["momentum"].p_up == said["base"].p_up
    assert said["momentum"].explanation["abstained"] == {"state": "input_unknown"}


def test_price_is_silent_when_history_is_short(models: list[TrainedModel]) -> None:
    (price,) = (f for f in score(models, [make_item(features={}, places={})])[0] if f.model == "price")
    assert price.explanation["abstained"] == {"state": "few_daily_bars"}


def test_band_rises_on_the_price_grid_and_holds_the_base_price(models: list[TrainedModel]) -> None:
    for forecast in score(models, [make_item(), make_item(base_price_krw=1_998, horizon=5)])[0]:
        band = list(forecast.quantiles_krw)
        assert band == sorted(band)
        assert all(price % tick_size_krw(price) == 0 for price in band)
    assert band[0] < 1_998 < band[-1]


@pytest.mark.parametrize(
    ("price", "rounded"), [(1_999.4, 1_999), (4_997.0, 4_995), (4_998.0, 5_000), (71_349.0, 71_300), (0.2, 1)]
)
def test_prices_are_rounded_to_ticks(price: float, rounded: int) -> None:
    assert round_to_tick(price) == rounded


def test_the_hash_follows_what_is_known_and_not_the_moment_or_the_tick(models: list[TrainedModel]) -> None:
    item = make_item(evidence=[1])

    def digests(changed: PredictionItem) -> list[str]:
        return [forecast.features_hash for forecast in score(models, [changed])[0]]

    assert digests(replace(item, asof=item.asof + timedelta(minutes=10), base_price_krw=71_400)) == digests(item)
    assert set(digests(replace(item, evidence=[1, 2]))).isdisjoint(digests(item))
    assert set(digests(replace(item, sigma=0.021))).isdisjoint(digests(item))


def test_the_operation_speaks_json(models: list[TrainedModel]) -> None:
    items = [make_item(), make_item(horizon=3)]
    payload = {"models": codec.dump(TrainedModel, models), "items": codec.dump(PredictionItem, items)}
    answer = json.loads(json.dumps(predict(json.loads(json.dumps(payload)))))
    assert codec.load(Forecast, answer["forecasts"]) == codec.load(
        Forecast, codec.dump(Forecast, score(models, items)[0])
    )


def test_a_model_that_raises_changes_nothing_of_what_the_others_say(models: list[TrainedModel]) -> None:
    items = [make_item(), make_item(horizon=5)]
    poison = replace(models[2], model="poison", parameters={"kind": "knn", "horizons": {"1": {}, "5": {"k": "abc"}}})
    for position in range(len(models) + 1):
        forecasts, failed = score([*models[:position], poison, *models[position:]], items)
        assert forecasts == score(models, items)[0]
        assert list(failed) == ["poison"]


def test_a_probability_that_is_no_number_is_a_failure(models: list[TrainedModel]) -> None:
    base = next(model for model in models if model.model == "base")
    horizons = {"1": base.parameters["horizons"]["1"] | {"p0": math.nan}}
    forecasts, failed = score([replace(base, parameters={"kind": "base", "horizons": horizons})], [make_item()])
    assert (forecasts, failed) == ([], {"base": "ValueError: its probability is nan"})
