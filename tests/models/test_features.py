"""Features know nothing of the future, and labels nothing beyond the panel."""

from typing import Any

import numpy as np
import pytest

from backend.models.fitting.features import compute_features, compute_labels
from backend.models.fitting.panel import build_panel, truncate_payload
from tests.models.panels import make_panel


@pytest.fixture(scope="module")
def payload() -> dict[str, Any]:
    return make_panel()


@pytest.mark.parametrize("column", [130, 131, 180, 258])
def test_features_of_a_day_are_the_same_when_the_future_is_removed(payload: dict[str, Any], column: int) -> None:
    whole = compute_features(build_panel(payload))
    cut = compute_features(build_panel(truncate_payload(payload, payload["dates"][column])))
    for name in ("values", "sigmas", "betas", "adjusted"):
        np.testing.assert_array_equal(getattr(whole, name)[:, : column + 1], getattr(cut, name), err_msg=name)


@pytest.mark.parametrize("horizon", [1, 3, 5])
def test_labels_end_inside_the_panel(payload: dict[str, Any], horizon: int) -> None:
    panel = build_panel(payload)
    y = compute_labels(panel, compute_features(panel), horizon).y
    assert np.isnan(y[:, -horizon:]).all()
    assert np.isfinite(y[0, 30:-horizon]).all()


def test_a_label_is_what_buying_at_the_next_open_gave_above_the_market(payload: dict[str, Any]) -> None:
    panel = build_panel(payload)
    computed = compute_features(panel)
    stock, day = 0, 200
    entry, exit_ = panel.opens[stock, day + 1], panel.closes[stock, day + 3]
    index = np.array(payload["index"]["KOSPI"])
    market = index[day + 3] / index[day + 1] * (index[day + 1] / index[day]) - 1  # fewer than ten stocks: whole days
    adjusted = exit_ / entry - 1 - computed.betas[stock, day] * market
    label = compute_labels(panel, computed, 3)
    assert label.z[stock, day] == pytest.approx(adjusted / (computed.sigmas[stock, day] * 3**0.5))
    assert label.y[stock, day] == (adjusted > 0)


def test_an_entry_or_exit_without_a_bar_has_no_label(payload: dict[str, Any]) -> None:
    panel, halted = build_panel(payload), 130
    y = compute_labels(panel, compute_features(panel), 1).y
    assert np.isnan(y[1, halted - 1])
    assert np.isfinite(y[1, halted + 1])


def test_a_split_changes_no_feature(payload: dict[str, Any]) -> None:
    """The panel is adjusted: dividing one stock's past prices by five is the same market."""
    split = {
        **payload,
        "close": [list(row) for row in payload["close"]],
        "open": [list(row) for row in payload["open"]],
    }
    for name in ("close", "open"):
        split[name][0] = [price / 5 for price in payload[name][0]]
    before, after = compute_features(build_panel(payload)), compute_features(build_panel(split))
    np.testing.assert_allclose(before.values[0], after.values[0], rtol=1e-9)


@pytest.mark.parametrize(("stocks", "whole_day"), [(10, False), (9, True)])
def test_from_ten_stocks_on_the_first_session_of_a_label_is_their_mean_from_open_to_close(
    stocks: int, whole_day: bool
) -> None:
    payload = make_panel(stocks + 1)  # the last stock of a panel is listed late
    for name in ("open", "close", "volume"):
        payload[name] = payload[name][:stocks]
    payload |= {"codes": payload["codes"][:stocks], "markets": payload["markets"][:stocks]}
    panel = build_panel(payload)
    computed = compute_features(panel)
    stock, day = 0, 200
    market = (panel.closes[:, day + 1] / panel.opens[:, day + 1] - 1).mean()
    if whole_day:
        market = panel.market[stock, day + 1]
    adjusted = panel.closes[stock, day + 1] / panel.opens[stock, day + 1] - 1 - computed.betas[stock, day] * market
    label = compute_labels(panel, computed, 1)
    assert label.z[stock, day] == pytest.approx(adjusted / computed.sigmas[stock, day])
