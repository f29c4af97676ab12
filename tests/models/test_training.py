"""Training: as of a session, the same data the same version, parameters as plain JSON."""

import json
from typing import Any

import numpy as np
import pytest

from backend import codec
from backend.domain.forecasts import TrainedModel
from backend.domain.members import BASE, GATED
from backend.domain.stock_days import DIRECTION
from backend.models.fitting.cross_section import rank_days
from backend.models.fitting.features import Labels, compute_features, compute_labels
from backend.models.fitting.panel import build_panel, truncate_payload
from backend.models.members import base_rate, price
from backend.models.predictor.training import fit_models, train
from tests import oracles
from tests.models.items import NO_FORECASTS, make_item
from tests.models.panels import make_panel


@pytest.fixture(scope="module")
def panel() -> dict[str, Any]:
    return make_panel()


def payload(panel: dict[str, Any], as_of: str, **changes: Any) -> dict[str, Any]:
    given = {"panel": panel, "as_of": as_of, "labelled_stories": {}, "prequential": NO_FORECASTS, "events": {}}
    return given | changes


def test_the_same_data_gives_the_same_versions(panel: dict[str, Any]) -> None:
    day = panel["dates"][-20]
    assert fit_models(payload(panel, day)) == fit_models(payload(panel, day))


def test_what_came_after_the_session_changes_nothing(panel: dict[str, Any]) -> None:
    day = panel["dates"][-20]
    assert fit_models(payload(panel, day)) == fit_models(payload(truncate_payload(panel, day), day))


def test_one_restated_price_gives_new_versions(panel: dict[str, Any]) -> None:
    restated = {**panel, "close": [list(row) for row in panel["close"]]}
    restated["close"][0][100] += 100
    day = panel["dates"][-20]
    before, after = (fit_models(payload(p, day))[0] for p in (panel, restated))
    assert {m.version for m in before}.isdisjoint(m.version for m in after)


def test_a_model_of_ones_own_is_trained_by_its_settings(panel: dict[str, Any]) -> None:
    models = [
        {"name": name, "kind": "price", "settings": {"c": c}} for name, c in (("price", 0.01), ("price-loose", 10.0))
    ]
    strict, loose = fit_models(payload(panel, panel["dates"][-1], models=models))[0]
    sizes = [np.abs(m.parameters["horizons"]["1"]["coefficients"]).sum() for m in (strict, loose)]
    assert (strict.model, loose.model) == ("price", "price-loose")
    assert sizes[1] > sizes[0]


def test_price_parameters_survive_json(panel: dict[str, Any]) -> None:
    answer = json.loads(json.dumps(train(payload(panel, panel["dates"][-1]))))
    stored = next(m for m in codec.load(TrainedModel, answer["models"]) if m.model == "price")
    fitted = next(m for m in fit_models(payload(panel, panel["dates"][-1]))[0] if m.model == "price")
    forecasts = [price.predict(m.parameters["horizons"]["1"], make_item()) for m in (stored, fitted)]
    assert forecasts[0] == forecasts[1]


def test_price_is_the_logistic_regression_it_claims_to_be(panel: dict[str, Any]) -> None:
    """With the penalty of its independent outcomes, of which overlapping ones are fewer."""
    built = build_panel(panel)
    computed = compute_features(built)
    labels, section = compute_labels(built, computed, 3), rank_days(built, computed)
    fitted = price.fit(section, labels, 3, 0.01)
    x, y = section.reshape(-1, len(DIRECTION)), labels.y.reshape(-1)
    usable = np.isfinite(x).all(axis=1) & np.isfinite(y)
    x = (x[usable] - fitted["means"]) / fitted["scales"]
    c = 0.01 * fitted["independent"] / fitted["rows"]
    market = [DIRECTION.index(name) for name in ("market1", "market5")]
    sessions = np.isfinite(section[..., 0] + labels.y).any(axis=0).sum()
    stricter = (3 / sessions * fitted["independent"]) ** 0.5  # a session tells one thing of the market
    x[:, market] /= stricter
    oracle = oracles.linear_model.LogisticRegression(C=c, tol=1e-9).fit(x, y[usable])
    assert fitted["independent"] <= fitted["rows"] / 3
    oracle.coef_[0, market] /= stricter
    np.testing.assert_allclose(fitted["coefficients"], oracle.coef_[0], atol=2e-4)


def test_the_gate_uses_only_outcomes_that_have_ended(panel: dict[str, Any]) -> None:
    dates = panel["dates"][-80:-10]
    rows = [(code, day) for code in panel["codes"] * 2 for day in dates]
    said = {
        "stock_code": [code for code, _ in rows], "trade_date": [day for _, day in rows], "horizon": [5] * len(rows),
        "p_up": {name: [0.6 if name == "price" else 0.5] * len(rows) for name in (BASE, *GATED)},
    }  # fmt: skip
    trained = {model.model: model for model in fit_models(payload(panel, panel["dates"][-20], prequential=said))[0]}
    gated = trained["gated"]
    assert gated.parameters["horizons"]["5"]["sessions"] == 80 - 19 - 5 - 1 + 1
    assert gated.parameters["horizons"]["1"]["state"] == {
        "state": "learning",
        "done": 0,
        "wanted": 60,
        "unit": "sessions",
    }


def test_the_base_rate_is_the_share_of_rises_shrunk_to_one_half_by_500_of_each_kind() -> None:
    """Of 300 sessions the last 250 count: 150 rises and 50 falls there, 50 without a label."""
    y = np.array([[0.0] * 50 + [1.0] * 150 + [0.0] * 50 + [np.nan] * 50])
    moves = np.linspace(-1, 1, 300)[None, :]
    fitted = base_rate.fit(Labels(y, y, y, moves))
    assert (fitted["p0"], fitted["n"]) == (pytest.approx((150 + 250) / (200 + 500)), 200)
    assert len(fitted["z"]) == 39
    assert fitted["z"][19] == pytest.approx(np.median(moves[0, 50:]))
    assert base_rate.fit(Labels(y, y, y, moves[:, -99:]))["z"] is None
    assert base_rate.fit(Labels(y, y, y, moves[:, -100:]))["z"] is not None
