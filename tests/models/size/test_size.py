"""How large the next move will be: inputs, scale, shape and widths against hand-made markets, and what is said."""

import json
import math
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest

from backend.domain.moves.sizes import OWN_SIZES, SIZES, day_sizes, known_sizes
from backend.domain.stock_days import StockDay
from backend.models.fitting.features import compute_features
from backend.models.fitting.panel import build_panel
from backend.models.members import size
from backend.models.predictor.predictor import score
from backend.models.predictor.training import fit_models
from backend.models.size import fitting, references, scale, width
from backend.models.size.fitting import SizeData, size_data
from backend.models.size.moves import moves_ahead
from backend.models.size.shape import LEVELS, fit_shape, mean_ratio, probability
from tests.models.items import NO_FORECASTS, make_item
from tests.models.panels import make_panel


def data_of(payload: dict[str, Any]) -> SizeData:
    panel = build_panel(payload)
    computed = compute_features(panel)
    return size_data(panel, computed.betas, computed.early_sigmas)


def column(data: SizeData, name: str) -> Any:
    return data.inputs[:, :, SIZES.index(name)]


def one_stock(closes: list[float | None], **more: Any) -> dict[str, Any]:
    """A stock that opens at the close before and trades between its open and its close; its market stands still."""
    days = [str(date(2026, 1, 1).replace(day=1 + n)) for n in range(len(closes))]
    opens = [closes[0], *closes[:-1]]
    pairs = [(a, b) if b is not None else (None, None) for a, b in zip(opens, closes, strict=True)]
    plain = {
        "dates": days, "codes": ["000001"], "markets": ["KOSPI"], "index": {"KOSPI": [100.0] * len(days)},
        "open": [[a for a, _ in pairs]], "close": [closes],
        "high": [[None if b is None or a is None else max(a, b) for a, b in pairs]],
        "low": [[None if b is None or a is None else min(a, b) for a, b in pairs]],
        "volume": [[None if b is None else 1000.0 for b in closes]],
    }  # fmt: skip
    return plain | more


def test_inputs_are_logs_of_mean_moves() -> None:
    """Moves of 10 % up and 10 % down: their mean is a tenth, whatever their sign."""
    data = data_of(one_stock([100.0, 110.0, 99.0]))
    assert column(data, "move_1")[0, 2] == pytest.approx(math.log(0.101))
    assert column(data, "move_5")[0, 2] == pytest.approx(math.log(0.101))
    assert column(data, "range_1")[0, 2] == pytest.approx(math.log(math.log(110 / 99) + 0.001))
    assert column(data, "volume_1")[0, 2] == pytest.approx(0)
    assert np.isnan(column(data, "move_1")[0, 0])  # nothing had moved yet


def test_a_halt_leaves_the_last_move_to_the_longer_window_and_a_missing_volume_is_not_small() -> None:
    halted = data_of(one_stock([100.0, 110.0, 99.0, None]))
    assert column(halted, "move_1")[0, 3] == column(halted, "move_5")[0, 3] == pytest.approx(math.log(0.101))
    assert np.isfinite(column(halted, "range_1")[0, 3])
    broken = data_of(one_stock([100.0, 110.0, 99.0], volume=[[1000.0, 1000.0, None]]))
    assert np.isnan(column(broken, "volume_1")[0, 2])


def test_inputs_do_not_know_the_future() -> None:
    whole = make_panel(4, 200)
    cut = {
        name: [row[:150] for row in values] if name in ("open", "high", "low", "close", "volume") else values
        for name, values in whole.items()
    } | {"dates": whole["dates"][:150], "index": {"KOSPI": whole["index"]["KOSPI"][:150]}}
    np.testing.assert_array_equal(data_of(whole).inputs[:, :150], data_of(cut).inputs)


def test_what_is_stored_gives_the_dispersion_of_the_panel() -> None:
    """The mean over the stocks that traded, one takeover of 60 % counting as 10 %."""
    data = data_of(make_panel(5, 60))
    rows = [
        StockDay(
            "x", date(2026, 1, 2), 60, 0, 1.0, 0.02, None, [float(v) for v in data.inputs[n, 59, : len(OWN_SIZES)]]
        )
        for n in range(5)
    ]
    for name, value in day_sizes(rows).items():
        assert value == pytest.approx(column(data, name)[0, 59], abs=1e-9)
    wild = [replace(row, sizes=[math.log(0.6 + 0.001)] * len(OWN_SIZES)) for row in rows[:1]]
    assert day_sizes(wild)["dispersion_1"] == pytest.approx(math.log(0.101))
    halted = replace(rows[0], sessions_since_bar=2)
    assert day_sizes([halted]) == {}
    assert known_sizes(replace(rows[0], sizes=[None] * len(OWN_SIZES))) == {}


def wild_and_calm(rows: int = 20_000) -> tuple[Any, Any, Any]:
    """Moves whose scale is 1 % times e to the first input; the second says nothing."""
    random = np.random.default_rng(5)
    inputs = random.normal(0, 1, (rows, 2))
    scales = 0.01 * np.exp(0.5 * inputs[:, 0])
    return inputs, scales * random.standard_t(4, rows), scales


def test_the_scale_finds_what_made_the_moves() -> None:
    inputs, moves, scales = wild_and_calm()
    fitted = scale.fit_scale(inputs, moves)
    weights = np.array(fitted["weights"]) / fitted["spreads"]
    np.testing.assert_allclose(weights, [0.5, 0.0], atol=0.02)
    found = scale.log_scales(fitted, inputs)
    assert np.abs(found - np.log(scales)).max() < 0.15
    missing = scale.log_scales(fitted, np.full((1, 2), np.nan))
    assert missing[0] == pytest.approx(math.log(0.01), abs=0.05)
    assert scale.log_scales(fitted, np.array([[50.0, 0.0]]))[0] < math.log(0.01) + 0.5 * 5.2  # a crash is clipped


def test_the_gradient_is_that_of_the_likelihood() -> None:
    """At the minimum no step helps: a nudge of any weight makes the loss of the Student-t larger."""
    inputs, moves, _ = wild_and_calm(2000)
    fitted = scale.fit_scale(inputs, moves)

    def loss(weights: list[float], intercept: float) -> float:
        logs = ((inputs - fitted["means"]) / fitted["spreads"]) @ np.array(weights) + intercept
        likelihood = logs + 2.5 * np.log1p((moves / np.exp(logs)) ** 2 / 4)
        return float(likelihood.mean() + 0.1 * np.square(weights).sum())  # 200 rows of prior over 2,000

    best = loss(fitted["weights"], fitted["intercept"])
    for step in (-0.02, 0.02):
        assert loss([fitted["weights"][0] + step, fitted["weights"][1]], fitted["intercept"]) > best
        assert loss(fitted["weights"], fitted["intercept"] + step) > best


def test_a_probability_is_a_share_of_past_ratios_and_falls_with_the_threshold() -> None:
    ratios = np.linspace(0.01, 2, 2000)
    shape = fit_shape(0.02 * ratios, np.full(2000, math.log(0.02)))
    assert shape is not None
    assert probability(shape, math.log(0.02), 0.02) == pytest.approx(0.5, abs=0.01)  # half the ratios are above 1
    assert probability(shape, math.log(0.04), 0.02) == pytest.approx(0.75, abs=0.01)
    falling = [float(probability(shape, math.log(0.02), level / 1000)) for level in range(1, 60)]
    assert falling == sorted(falling, reverse=True)
    assert 1 - LEVELS[-1] == pytest.approx(falling[-1])
    assert mean_ratio(shape) == pytest.approx(1.0, abs=0.01)
    assert fit_shape(0.02 * ratios[:99], np.full(99, 0.0)) is None


def test_widths_follow_what_was_missed() -> None:
    """All of 20 stocks outside: .2 * 20 / 40 * .8 wider; all inside: a quarter of that narrower."""
    start = width.still(20)
    wider, narrower = start.after(np.zeros(20)), start.after(np.ones(20))
    assert wider.together == pytest.approx(0.08)
    assert narrower.together == pytest.approx(-0.02)
    assert wider.alone[0] == pytest.approx(0.004)
    halted = start.after(np.array([0.0] + [np.nan] * 19))
    assert halted.together == pytest.approx(0.2 / 21 * 0.8)
    assert list(halted.alone[1:]) == [0.0] * 19
    assert start.after(np.full(20, np.nan)) is start


def test_an_outcome_moves_the_width_only_once_it_has_ended() -> None:
    """Three sessions ahead: a wild move of column 0 is known at column 3 and no sooner."""
    moves = np.full((1, 6), 0.0)
    moves[0, 0] = 9.0
    _, used = width.walk((-1.0, 1.0), np.zeros((1, 6)), moves, 3, 0)
    assert list(used[0, :3]) == [0.0, 0.0, 0.0]
    assert used[0, 3] > 0


def test_references_count_what_had_ended() -> None:
    moves = np.array([[0.05] * 30 + [0.01] * 30])
    rates = references.own_rates(moves, 0.03, 2)
    assert rates[0, 29] == 1.0
    assert rates[0, 31] == 1.0  # the first small move, of column 30, ends at column 32
    assert rates[0, 32] < 1.0
    assert references.own_rates(moves, 0.03, 1, 10)[0, 59] < references.own_rates(moves, 0.03, 1)[0, 59]


def test_a_move_is_from_close_to_close_less_its_share_of_the_market() -> None:
    payload = one_stock([100.0, 110.0, 99.0, None]) | {"index": {"KOSPI": [100.0, 100.0, 90.0, 90.0]}}
    panel = build_panel(payload)
    moves = moves_ahead(panel, np.full((1, 4), 0.5), 1)
    assert moves.adjusted[0, 1] == pytest.approx(-0.1 + 0.5 * 0.1)
    assert moves.logs[0, 0] == pytest.approx(math.log(1.1))
    assert np.isnan(moves.adjusted[0, 2:]).all()  # no exit


def trained(panel: dict[str, Any]) -> list[Any]:
    payload = {"panel": panel, "as_of": panel["dates"][-1], "labelled_stories": {}, "events": {}}
    models, failed = fit_models(payload | {"prequential": NO_FORECASTS})
    assert failed == {}
    return models


@pytest.fixture(scope="module")
def models() -> list[Any]:
    """Of eight stocks, the second half of which moves three times as far."""
    panel = make_panel(8, 260)
    for name in ("open", "high", "low", "close"):
        for row in panel[name][4:]:
            row[:] = [None if price is None else 50_000 * (price / 50_000) ** 3 for price in row]
    return trained(panel)


def items(wild: bool, horizon: int = 1) -> list[Any]:
    level = math.log(0.06 if wild else 0.008)
    return [make_item(stock_code="000001", horizon=horizon, sizes=dict.fromkeys(SIZES, level))]


def test_the_member_says_a_size_and_takes_no_side(models: list[Any]) -> None:
    for horizon in (1, 3, 5):
        forecast = next(f for f in score(models, items(wild=False, horizon=horizon))[0] if f.model == "size")
        said = forecast.size
        assert said is not None
        assert forecast.lean == 0
        assert 0 < said["p_large"] < 1
        assert list(said["quantiles"]) == sorted(said["quantiles"])
        assert json.loads(json.dumps(said)) == said


def test_every_forecast_has_the_band_of_the_expected_size(models: list[Any]) -> None:
    """Without a member of size each band would be the same number of daily sigmas wide."""
    wide, narrow = ({f.model: f.quantiles_krw for f in score(models, items(wild))[0]} for wild in (True, False))
    for model in ("base", "price", "gated", "momentum", "size"):
        assert wide[model][5] - wide[model][1] > 1.2 * (narrow[model][5] - narrow[model][1])
    without = [model for model in models if model.model != "size"]
    one, other = ({f.model: f.quantiles_krw for f in score(without, items(wild))[0]} for wild in (True, False))
    assert one == other


def test_a_forecast_rests_on_the_sizes_only_where_a_member_reads_them(models: list[Any]) -> None:
    """A forecast from before there was such a member keeps its hash."""
    without = [model for model in models if model.model != "size"]
    plain, wild = (make_item(), items(wild=True)[0])
    one, other = (make_item(sizes=wild.sizes), plain)
    assert [f.features_hash for f in score(without, [one])[0]] == [f.features_hash for f in score(without, [other])[0]]
    assert score(models, [one])[0][0].features_hash != score(models, [other])[0][0].features_hash


def test_it_learns_until_there_are_enough_days_and_then_for_a_stock_alone() -> None:
    few = next(m for m in trained(make_panel(3, 60)) if m.model == "size")
    assert few.parameters["horizons"]["1"]["state"]["state"] == "learning"
    assert size.predict(few.parameters["horizons"]["1"], items(wild=True)[0]).size is None
    alone = data_of(make_panel(2, 700)).until(650)
    assert "shape" in fitting.fit(alone, 1)


def test_a_stock_that_the_training_did_not_know_and_one_without_inputs_have_a_size(models: list[Any]) -> None:
    (new,) = (f for f in score(models, [make_item(stock_code="999999")])[0] if f.model == "size")
    assert new.size is not None
    assert new.size["expected"] > 0
