"""The word of a forecast needs evidence beyond the base rate: on no market does the base rate alone give one."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from backend.domain.forecasts import HORIZONS, Direction, Forecast, TrainedModel, Verdict
from backend.domain.members import BENCHMARKS, BUILT_IN
from backend.models.fitting.features import Labels
from backend.models.fitting.prequential import Prequential
from backend.models.fitting.proof import EarlierForecasts, earlier_forecasts, prove, tenths
from backend.models.members import base_rate
from backend.models.predictor.predictor import score
from backend.models.predictor.training import fit_models
from tests.models.items import NO_FORECASTS, make_item
from tests.models.panels import make_panel

MARKETS = (0.42, 0.45, 0.5, 0.55, 0.58)
# Beyond the limits of a stored probability: every stock falls behind the market, or rises above it.
EXTREMES = (0.003, 0.997)


def models_of(p0: float, **gate: Any) -> list[TrainedModel]:
    """Every kind of model on a market with that base rate; none has learned anything but what `gate` says."""
    learned: dict[str, dict[str, Any]] = {
        "price": {"state": {"state": "learning", "done": 0, "wanted": 300, "unit": "days"}},
        "knn": {"k": 100, "shrinkage": 50},
        "event": {"effects": {}},
        "size": {"state": {"state": "learning", "done": 0, "wanted": 300, "unit": "days"}},
        "gated": {
            "weights": {"price": 0.0, "knn": 0.0},
            "state": {"state": "learning", "done": 0, "wanted": 60, "unit": "sessions"},
        }
        | gate,
    }
    common = {"p0": p0, "n": 5000, "z": None}
    return [
        TrainedModel(
            kind, "v1", None, None, "d",
            {"kind": kind, "horizons": {str(horizon): common | learned.get(kind, {}) for horizon in HORIZONS}},
        )
        for kind in BUILT_IN
    ]  # fmt: skip


def forecasts_of(models: list[TrainedModel], **changes: Any) -> dict[str, Forecast]:
    return {forecast.model: forecast for forecast in score(models, [make_item(**changes)])[0]}


def odds(p: float) -> float:
    return math.log(p / (1 - p))


def models_saying(p_up: float, p0: float, proof: dict[str, Any]) -> list[TrainedModel]:
    """A price member that says `p_up` of every stock, with the proof of its earlier forecasts; no other learned."""
    learned = {
        "inputs": ["ar1"], "means": [0.01 - odds(p_up) + odds(p0)], "scales": [1.0], "coefficients": [1.0],
        "p0": p0, "z": None, "proof": proof,
    }  # fmt: skip
    horizons = {str(horizon): learned for horizon in HORIZONS}
    models = models_of(p0)
    return [
        replace(model, parameters={"kind": "price", "horizons": horizons}) if model.model == "price" else model
        for model in models
    ]


def record(low: float | None) -> dict[str, Any]:
    return {"n": 900, "n_days": 250, "blocks": 50, "net": 0.004, "low": low}


@pytest.mark.parametrize("horizon", HORIZONS)
@pytest.mark.parametrize("p0", MARKETS + EXTREMES)
def test_the_base_rate_alone_says_nothing(p0: float, horizon: int) -> None:
    """Without features each member and each rule falls back to the base rate, and so does the gate."""
    found = forecasts_of(models_of(p0), features={}, horizon=horizon)
    silent = [found[kind] for kind in BUILT_IN if kind != "always_up"]
    assert len(silent) == len(BUILT_IN) - 1
    assert {(forecast.verdict, forecast.direction) for forecast in silent} == {(Verdict.NONE, Direction.HOLD)}
    assert max(forecast.confidence for forecast in silent) < 1e-9


@pytest.mark.parametrize("p0", MARKETS)
def test_what_differs_from_the_base_rate_leans_to_either_side_of_one_half(p0: float) -> None:
    """A tenth of a percentage point is the least that differs: what is closer is the same to a reader."""
    for distance, verdict in ((0.035, Verdict.LEAN), (0.0011, Verdict.LEAN), (0.0009, Verdict.NONE)):
        for sign in (1, -1):
            said = forecasts_of(models_saying(p0 + sign * distance, p0, {}))["price"]
            assert (said.verdict, said.direction) == (verdict, Direction.HOLD)
            assert said.lean == pytest.approx(sign * distance)
            assert said.confidence == pytest.approx(distance / 0.45)


# One stock is the middle of its day: rank 1 of 1 stands at one half, in the sixth of ten parts.
@pytest.mark.parametrize(
    ("proof", "verdict", "direction"),
    [
        ({"up": {"5": record(0.0001)}}, Verdict.CALL, Direction.UP),
        ({"up": {"5": record(0.0)}}, Verdict.LEAN, Direction.HOLD),
        ({"up": {"5": record(-0.0001)}}, Verdict.LEAN, Direction.HOLD),
        ({"up": {"5": record(None)}}, Verdict.LEAN, Direction.HOLD),
        ({"up": {"4": record(0.01), "6": record(0.01)}}, Verdict.LEAN, Direction.HOLD),
        ({"down": {"5": record(0.01)}}, Verdict.LEAN, Direction.HOLD),
    ],
)
def test_a_lean_whose_like_has_earned_more_than_it_cost_is_a_call(
    proof: dict[str, Any], verdict: Verdict, direction: Direction
) -> None:
    said = forecasts_of(models_saying(0.48, 0.45, proof))["price"]
    assert (said.verdict, said.direction, said.explanation["tenth"]) == (verdict, direction, 5)
    assert said.explanation.get("proof") == proof.get("up", {}).get("5")


def test_a_proven_side_below_one_half_is_a_call_of_its_own_side() -> None:
    said = forecasts_of(models_saying(0.52, 0.55, {"down": {"5": record(0.001)}}))["price"]
    assert (said.verdict, said.direction) == (Verdict.CALL, Direction.DOWN)


def test_stocks_of_a_day_are_cut_into_tenths_by_their_lean() -> None:
    """Ten stocks of one day fill the tenths in their order, four of another take every third; equal ones share."""
    days = np.array([0] * 10 + [1] * 4 + [2] * 3)
    leans = np.array([*np.linspace(-0.05, 0.04, 10)[::-1], 0.01, -0.02, 0.03, 0.02, 0.1, 0.1, 0.1])
    assert tenths(days, leans).tolist() == [9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 3, 1, 8, 6, 5, 5, 5]


def earlier(moves: list[float], *, lean: float = 0.02, cost: float = 0.003) -> EarlierForecasts:
    """Forecasts of one stock a day with these market-adjusted returns."""
    n = len(moves)
    return EarlierForecasts(np.arange(n), np.full(n, lean), np.array(moves), np.full(n, cost))


def test_the_proof_counts_the_outcome_in_the_direction_said_less_its_cost() -> None:
    """1 % and 0.2 % in turn for 200 sessions, a mean of 0.6 %; said up it earns 0.3 % net, said down it loses 0.9 %."""
    moves = [0.01, 0.002] * 100
    up = prove(earlier(moves), 1)["up"]["5"]
    down = prove(earlier(moves, lean=-0.02), 1)["down"]["5"]
    assert (up["n"], up["n_days"], up["net"]) == (200, 200, pytest.approx(0.003))
    assert 0 < up["low"] < 0.003
    assert (down["net"], down["low"] < 0) == (pytest.approx(-0.009), True)
    assert prove(earlier(moves, lean=0.0), 1) == {}


def test_earlier_forecasts_lean_from_what_takes_no_side_and_count_once_their_outcome_is_known() -> None:
    """Three stocks on one day: above the base rate, a model that abstained, and one without an outcome yet."""
    said = Prequential(
        np.array([0, 1, 2]), np.array([0, 0, 0]), np.array([1, 1, 1]),
        {"base": np.array([0.45, 0.45, 0.45]), "rule": np.array([0.47, 0.45, 0.53])},
    )  # fmt: skip
    moves = np.array([[0.01], [-0.02], [np.nan]])
    labels, costs = Labels(moves, moves, moves, moves), np.array([0.003])
    member = earlier_forecasts(said, "rule", None, labels, costs)
    rule = earlier_forecasts(said, "rule", 0.5, labels, costs)
    assert member.leans.tolist() == pytest.approx([0.02, 0.0])
    assert rule.leans.tolist() == pytest.approx([-0.03, 0.0])
    assert (member.adjusted_returns.tolist(), member.costs.tolist()) == ([0.01, -0.02], [0.003, 0.003])
    assert len(earlier_forecasts(said, "nobody", None, labels, costs).days) == 0


def test_only_the_last_250_sessions_prove_anything() -> None:
    """300 sessions that lost, then 250 that earned."""
    moves = [-0.02, -0.01] * 150 + [0.01, 0.006] * 125
    assert prove(earlier(moves), 1)["up"]["5"]["n_days"] == 250
    assert prove(earlier(moves), 1)["up"]["5"]["low"] > 0
    assert prove(earlier(moves[:450]), 1)["up"]["5"]["low"] < 0


def test_a_handful_of_sessions_proves_nothing() -> None:
    assert prove(earlier([0.05]), 1)["up"]["5"]["low"] is None
    assert prove(earlier([0.05, 0.04, 0.06]), 5)["up"]["5"]["low"] is None
    assert prove(earlier([]), 1) == {}


@pytest.mark.parametrize("p0", MARKETS + EXTREMES)
def test_a_rule_leans_to_the_side_it_takes_on_every_market(p0: float) -> None:
    def leans(**changes: Any) -> list[bool]:
        found = forecasts_of(models_of(p0), **changes)
        assert {found[name].verdict for name in BENCHMARKS} == {Verdict.LEAN}
        return [found[name].lean > 0 for name in BENCHMARKS]

    assert leans() == [True, False, True]
    assert leans(features={"ar20": -0.1, "ar5": -0.1}) == [False, True, True]


@pytest.mark.parametrize(("y", "p0"), [(0.0, 0.038), (1.0, 0.962), (0.5, 0.5)])
def test_a_market_where_every_stock_does_the_same(y: float, p0: float) -> None:
    outcomes = np.full((24, 250), y)
    fitted = base_rate.fit(Labels(outcomes, outcomes, outcomes, outcomes))
    assert fitted["p0"] == pytest.approx(p0, abs=0.002)
    found = forecasts_of(models_of(fitted["p0"]), features={})
    assert (found["base"].verdict, found["gated"].verdict) == (Verdict.NONE, Verdict.NONE)


def test_a_trained_market_that_lags_its_index_says_nothing_by_itself() -> None:
    """Real training on a panel in which each stock loses to its market on most sessions: p0 comes out far below .5."""
    panel = make_panel()
    index = {name: [100.0 * 1.01**day for day in range(len(panel["dates"]))] for name in ("KOSPI", "KOSDAQ")}
    payload = {"as_of": panel["dates"][-1], "panel": panel | {"index": index}, "prequential": NO_FORECASTS}
    models, _ = fit_models(payload | {"labelled_stories": {}, "events": {}})
    for horizon in HORIZONS:
        found = forecasts_of(models, features={}, horizon=horizon)
        assert found["base"].explanation["p0"] < 0.45
        assert (found["base"].verdict, found["gated"].verdict) == (Verdict.NONE, Verdict.NONE)
