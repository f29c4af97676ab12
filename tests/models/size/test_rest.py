"""The rest of a running session: what it is learnt from, and how what is left of it makes it smaller."""

import math
from typing import Any

import numpy as np
import pytest

from backend.domain.forecasts import REST, PredictionItem
from backend.domain.moves.sizes import FLOOR, LEFT, SO_FAR, rest_sizes
from backend.models.fitting.panel import build_panel
from backend.models.members import size
from backend.models.predictor.predictor import score
from backend.models.predictor.training import fit_models
from backend.models.size import fitting, rest
from backend.models.size.moves import gaps_ahead, rest_ahead
from tests.models.items import NO_FORECASTS, make_item
from tests.models.panels import make_panel
from tests.models.size.test_size import data_of, one_stock


def test_a_session_is_its_opening_to_its_close_and_its_gap_from_the_close_before() -> None:
    panel = build_panel(one_stock([100.0, 110.0, 99.0], open=[[100.0, 104.0, 108.0]]))
    np.testing.assert_allclose(rest_ahead(panel).adjusted[0, :2], [110 / 104 - 1, 99 / 108 - 1])
    np.testing.assert_allclose(rest_ahead(panel).logs[0, :2], [math.log(110 / 104), math.log(99 / 108)])
    np.testing.assert_allclose(gaps_ahead(panel)[0, :2], [0.04, 2 / 110])
    assert np.isnan(rest_ahead(panel).adjusted[0, 2])  # of the session to come nothing is known
    assert rest.gap_share(panel) == pytest.approx(
        (0.04**2 + (2 / 110) ** 2) / (0.04**2 + (2 / 110) ** 2 + (6 / 104) ** 2 + (9 / 108) ** 2), abs=1e-6
    )


def test_a_price_of_the_middle_counts_as_the_gap_that_is_as_unusual() -> None:
    assert rest.log_gap_like(0.25, 0.02, 1.0) == pytest.approx(math.log(0.02 + FLOOR))
    # Three quarters of the way a price is usually (.25 + .75 * .75) / .25 times as far, in squares.
    assert rest.log_gap_like(0.25, 0.02, 0.25) == pytest.approx(math.log(0.02 / math.sqrt(3.25) + FLOOR))


@pytest.mark.parametrize(
    ("price", "left", "expected"),
    [
        (51_000, 1.0, {SO_FAR: 0.02, LEFT: 1.0}),
        (49_040, 0.5, {SO_FAR: 0.02, LEFT: pytest.approx(6 / 13)}),
        (50_000, 0.001, {SO_FAR: 0.0, LEFT: pytest.approx(1 / 13)}),
        (65_000, 0.9, {SO_FAR: 0.3, LEFT: pytest.approx(12 / 13)}),
        (66_000, 0.9, None),
        (25_000, 0.9, None),
    ],
)
def test_a_tick_is_no_reason_to_speak_again_and_a_price_of_other_shares_is_none(
    price: int, left: float, expected: dict[str, float] | None
) -> None:
    assert rest_sizes(50_000, price, left) == expected


@pytest.fixture(scope="module")
def models() -> dict[str, Any]:
    """Stocks that move 3 % in a session, after gaps of 1 %."""
    panel = make_panel(8, 400)
    random = np.random.default_rng(6)
    gaps, rests = random.normal(0, 0.01, (8, 400)), random.normal(0, 0.03, (8, 400))
    closes = 50_000 * np.exp(np.cumsum(gaps + rests, axis=1))
    opens = closes * np.exp(-rests)
    prices = {"open": opens, "close": closes, "high": np.maximum(opens, closes), "low": np.minimum(opens, closes)}
    panel |= {name: values.tolist() for name, values in prices.items()}
    payload = {"panel": panel, "as_of": panel["dates"][-1], "prequential": NO_FORECASTS, "events": {}}
    fitted, failed = fit_models(payload | {"labelled_stories": {}})
    assert failed == {}
    return {model.model: model for model in fitted}


def running(left: float = 1.0, so_far: float = 0.01) -> PredictionItem:
    return make_item(stock_code="000000", horizon=REST, sizes={SO_FAR: so_far, LEFT: left}, features={})


def test_only_the_model_of_sizes_speaks_of_it(models: dict[str, Any]) -> None:
    assert [name for name, model in models.items() if "0" in model.parameters["horizons"]] == ["size"]
    (forecast,), failed = score([models["size"]], [running()])
    assert (failed, forecast.lean, forecast.verdict) == ({}, 0, "none")
    assert forecast.size is not None
    assert forecast.quantiles_krw[1] < 71_300 < forecast.quantiles_krw[5]


def test_what_is_left_makes_all_of_it_smaller_by_its_root(models: dict[str, Any]) -> None:
    parameters = models["size"].parameters["horizons"]["0"]
    whole, half = (size.predict(parameters, running(left, 0.0)).size for left in (1.0, 0.5))
    assert whole is not None
    assert half is not None
    root = math.sqrt(0.5)
    for name in ("expected", "usual", "large"):
        assert half.said[name] == pytest.approx(whole.said[name] * root, rel=1e-3)
    assert half.band_grid == pytest.approx(whole.band_grid * root)
    for now, before in ((half.said, whole.said), (half.said["references"]["own"], whole.said["references"]["own"])):
        assert now["quantiles"] == pytest.approx([value * root for value in before["quantiles"]], rel=1e-2)
        assert now["p_3pct"] < before["p_3pct"]
    assert half.said["references"]["recent"]["p_3pct"] < whole.said["references"]["recent"]["p_3pct"]
    own = parameters["stocks"]["000000"]
    assert whole.said["references"]["own"]["p_3pct"] == own["own"]


def test_a_session_that_opened_far_from_the_close_is_expected_to_move_more() -> None:
    """Planted: a session moves as far as its gap was, and the closes before tell nothing."""
    random = np.random.default_rng(4)
    payload = make_panel(12, 400)
    scales = np.exp(random.normal(-4.5, 0.7, (12, 400)))
    gaps, rests = scales * random.choice([-1, 1], scales.shape), scales * random.standard_normal(scales.shape)
    closes = 50_000 * np.exp(np.cumsum(gaps + rests, axis=1))
    opens = closes * np.exp(-rests)
    prices = {"open": opens, "close": closes, "high": np.maximum(opens, closes), "low": np.minimum(opens, closes)}
    found = fitting.fit(data_of(payload | {name: values.tolist() for name, values in prices.items()}), REST)
    weights = np.array(found["scale"]["weights"]) / found["scale"]["spreads"]
    assert weights[-1] > 0.7
    assert np.abs(weights[:-1] * found["scale"]["spreads"][:-1]).max() < 0.1


def test_nothing_of_later_sessions_reaches_what_was_learnt() -> None:
    payload = make_panel(6, 300)
    whole = data_of(payload)
    cut = {
        name: [row[:250] for row in values] if name in ("open", "high", "low", "close", "volume") else values
        for name, values in payload.items()
    } | {"dates": payload["dates"][:250], "index": {"KOSPI": payload["index"]["KOSPI"][:250]}}
    assert fitting.fit(whole.until(249), REST) == fitting.fit(data_of(cut), REST)
