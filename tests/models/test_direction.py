"""A direction needs evidence beyond the base rate: on no market does the base rate alone give one."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from backend.domain.forecasts import BENCHMARKS, HORIZONS, Direction, Forecast, TrainedModel
from backend.model_parameters import PARAMETERS
from backend.models.fitting.features import Labels
from backend.models.members import base_rate
from backend.models.predictor.predictor import score
from backend.models.predictor.training import fit_models
from tests.models.items import make_item
from tests.models.panels import make_panel

# A calm stock and one that moves so much that the least margin of 0.03 decides.
SIGMAS = (0.02, 0.2)
MARKETS = (0.42, 0.45, 0.5, 0.55, 0.58)
# Beyond the limits of a stored probability: every stock falls behind the market, or rises above it.
EXTREMES = (0.003, 0.997)


def models_of(p0: float, **gate: Any) -> list[TrainedModel]:
    """Every kind of model on a market with that base rate; none has learned anything but what `gate` says."""
    learned: dict[str, dict[str, Any]] = {
        "price": {"state": "learning: 0 of 300 labelled days"},
        "knn": {"k": 100, "shrinkage": 50},
        "gated": {"weights": {"price": 0.0, "knn": 0.0}, "state": "learning: 0 of 60 sessions"} | gate,
    }
    common = {"p0": p0, "n": 5000, "z": None}
    return [
        TrainedModel(
            kind, "v1", None, None, "d",
            {"kind": kind, "horizons": {str(horizon): common | learned.get(kind, {}) for horizon in HORIZONS}},
        )
        for kind in PARAMETERS
    ]  # fmt: skip


def forecasts_of(models: list[TrainedModel], **changes: Any) -> dict[str, Forecast]:
    return {forecast.model: forecast for forecast in score(models, [make_item(**changes)])[0]}


@pytest.mark.parametrize("sigma", SIGMAS)
@pytest.mark.parametrize("horizon", HORIZONS)
@pytest.mark.parametrize("p0", MARKETS + EXTREMES)
def test_the_base_rate_alone_has_no_direction_and_no_confidence(p0: float, horizon: int, sigma: float) -> None:
    """Without features each member and each rule falls back to the base rate, and so does the gate."""
    found = forecasts_of(models_of(p0), features={}, horizon=horizon, sigma=sigma)
    silent = [found[kind] for kind in PARAMETERS if kind != "always_up"]
    assert len(silent) == 6
    assert {forecast.direction for forecast in silent} == {Direction.HOLD}
    assert max(forecast.confidence for forecast in silent) < 1e-9


@pytest.mark.parametrize("horizon", HORIZONS)
@pytest.mark.parametrize("p0", MARKETS)
def test_evidence_beyond_the_base_rate_has_a_direction_on_either_side_of_one_half(p0: float, horizon: int) -> None:
    """The price member says 3.5 points more, or less, than usual: enough for a stock that moves by a fifth a day."""
    for distance, direction in ((0.035, Direction.UP), (0.025, Direction.HOLD), (-0.035, Direction.DOWN)):
        p_up = p0 + distance
        price = {"means": [0.0] * 10, "scales": [1.0] * 10, "coefficients": [0.0] * 10}
        models = models_of(p0, weights={"price": 1.0, "knn": 0.0}, state="trained")
        (member,) = (model for model in models if model.model == "price")
        learned = price | {"intercept": float(np.log(p_up / (1 - p_up))), "p0": p0, "z": None}
        horizons = {str(each): learned for each in HORIZONS}
        models[models.index(member)] = replace(member, parameters={"kind": "price", "horizons": horizons})
        found = forecasts_of(models, horizon=horizon, sigma=0.2)
        for name in ("price", "gated"):
            assert found[name].p_up == pytest.approx(p_up)
            assert found[name].direction is direction
            assert found[name].confidence == pytest.approx(abs(distance) / 0.45)
            assert found[name].explanation["down_from"] == pytest.approx(p0 - 0.03, abs=1e-4)
            assert found[name].explanation["up_from"] == pytest.approx(p0 + 0.03, abs=1e-4)


@pytest.mark.parametrize("p0", MARKETS + EXTREMES)
def test_a_rule_keeps_the_side_it_takes_on_every_market(p0: float) -> None:
    found = forecasts_of(models_of(p0), sigma=0.2)
    assert [found[name].direction for name in BENCHMARKS] == [Direction.UP, Direction.DOWN, Direction.UP]
    found = forecasts_of(models_of(p0), sigma=0.2, features={"ar20": -0.1, "ar5": -0.1})
    assert [found[name].direction for name in BENCHMARKS] == [Direction.DOWN, Direction.UP, Direction.UP]


@pytest.mark.parametrize(("y", "p0"), [(0.0, 0.038), (1.0, 0.962), (0.5, 0.5)])
def test_a_market_where_every_stock_does_the_same(y: float, p0: float) -> None:
    outcomes = np.full((24, 250), y)
    fitted = base_rate.fit(Labels(outcomes, outcomes, outcomes))
    assert fitted["p0"] == pytest.approx(p0, abs=0.002)
    found = forecasts_of(models_of(fitted["p0"]), features={}, sigma=0.2)
    assert (found["base"].direction, found["gated"].direction) == (Direction.HOLD, Direction.HOLD)


def test_a_trained_market_that_lags_its_index_gives_no_direction_by_itself() -> None:
    """Real training on a panel in which each stock loses to its market on most sessions: p0 comes out far below .5."""
    panel = make_panel()
    nothing: dict[str, list[Any]] = {
        name: [] for name in ("stock_code", "trade_date", "horizon", "base", "price", "knn")
    }  # fmt: skip
    index = {name: [100.0 * 1.01**day for day in range(len(panel["dates"]))] for name in ("KOSPI", "KOSDAQ")}
    payload = {"as_of": panel["dates"][-1], "panel": panel | {"index": index}, "prequential": nothing}
    models, _ = fit_models(payload | {"labelled_stories": {}})
    for horizon in HORIZONS:
        found = forecasts_of(models, features={}, horizon=horizon, sigma=0.2)
        assert found["base"].explanation["p0"] < 0.45
        assert (found["base"].direction, found["gated"].direction) == (Direction.HOLD, Direction.HOLD)
