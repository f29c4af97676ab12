"""Features know nothing of the future, labels nothing beyond the panel; what is stored of a close is what they are."""

from typing import Any

import numpy as np
import pytest

from backend.domain.stock_days import BAR_COLUMNS, FEATURES
from backend.models.fitting.features import compute_features, compute_labels
from backend.models.fitting.market_model import market_days, stock_days
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
    prices = ("open", "high", "low", "close")
    split = payload | {name: [list(row) for row in payload[name]] for name in prices}
    for name in prices:
        split[name][0] = [price / 5 for price in payload[name][0]]
    split["volume"] = [[5 * volume for volume in payload["volume"][0]], *payload["volume"][1:]]
    before, after = compute_features(build_panel(payload)), compute_features(build_panel(split))
    np.testing.assert_allclose(before.values[0], after.values[0], atol=1e-9)


@pytest.mark.parametrize(("stocks", "whole_day"), [(10, False), (9, True)])
def test_from_ten_stocks_on_the_first_session_of_a_label_is_their_mean_from_open_to_close(
    stocks: int, whole_day: bool
) -> None:
    payload = make_panel(stocks + 1)  # the last stock of a panel is listed late
    for name in BAR_COLUMNS:
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


STOCKS, DAYS = 8, 260


@pytest.fixture(scope="module")
def panel() -> dict[str, Any]:
    made = make_panel(STOCKS, DAYS)
    return {**made, "raw_close": [[None if price is None else 2 * price for price in row] for row in made["close"]]}


def compute(panel: dict[str, Any], codes: list[str], first: str) -> dict[str, Any]:
    """The stock days of some stocks from `first` on, with the market of all."""
    rows = [panel["codes"].index(code) for code in codes]
    part = {name: [panel[name][row] for row in rows] for name in (*BAR_COLUMNS, "raw_close", "markets")}
    returns = market_days({"panel": panel})["returns"]
    some = {**panel, **part, "codes": codes, "market_returns": returns}
    return stock_days({"panel": some, "since": dict.fromkeys(codes, first)})


def test_a_part_of_the_stocks_has_the_numbers_of_the_whole_panel(panel: dict[str, Any]) -> None:
    whole = compute_features(build_panel(panel))
    for code in (panel["codes"][:3], panel["codes"][3:]):
        for name, columns in compute(panel, code, panel["dates"][0]).items():
            row = panel["codes"].index(name)
            first = panel["dates"].index(columns["dates"][0])
            np.testing.assert_allclose(columns["beta"], whole.betas[row, first:], rtol=0, atol=1e-12)
            known = np.array(columns["bars"]) > 20
            np.testing.assert_allclose(
                np.array(columns["sigma"])[known], whole.sigmas[row, first:][known], rtol=0, atol=1e-12
            )
            for n, values in enumerate(columns["features"]):
                expected = whole.values[row, first + n]
                assert (values is None) == bool(np.isnan(expected).all())
                if values is not None:
                    np.testing.assert_allclose(np.array(values, dtype=float), expected, rtol=0, atol=1e-9)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_session_by_session_is_all_at_once(seed: int) -> None:
    made = make_panel(4, 150, seed=seed)
    made["raw_close"] = made["close"]
    at_once = compute(made, made["codes"], made["dates"][0])
    markets = market_days({"panel": made})
    for n in np.random.default_rng(seed).integers(1, 150, 12).tolist():
        day = made["dates"][n]
        cut = truncate_payload({**made, "raw_close": made["close"]}, day) | {
            "raw_close": [row[: n + 1] for row in made["close"]]
        }
        tail = {
            **cut,
            "dates": cut["dates"][-2:],
            **{name: [row[-2:] for row in cut[name]] for name in (*BAR_COLUMNS, "raw_close")},
            "index": {name: row[-2:] for name, row in cut["index"].items()},
        }
        newest = market_days({"panel": tail})
        for market, returns in markets["returns"].items():
            assert newest["returns"][market][-1] == pytest.approx(returns[n], abs=1e-12)
        assert newest["open_to_close"][-1] == pytest.approx(markets["open_to_close"][n], abs=1e-12)
        for code, columns in compute(cut, made["codes"], day).items():
            position = at_once[code]["dates"].index(day)
            for name, values in columns.items():
                assert len(values) == 1
                expected = at_once[code][name][position]
                assert values[0] == (
                    expected if name == "dates" or expected is None else pytest.approx(expected, abs=1e-12)
                )


def test_a_session_without_a_bar_carries_the_raw_close_and_counts_itself(panel: dict[str, Any]) -> None:
    code, halted = panel["codes"][1], DAYS // 2
    columns = compute(panel, [code], panel["dates"][halted - 1])[code]
    raw = panel["raw_close"][1]
    assert columns["close_krw"][:3] == [raw[halted - 1], raw[halted - 1], raw[halted + 1]]
    assert columns["sessions_since_bar"][:3] == [0, 1, 0]
    assert columns["bars"][:3] == [halted, halted, halted + 1]


def test_rows_begin_with_the_first_bar(panel: dict[str, Any]) -> None:
    late = panel["codes"][-1]
    columns = compute(panel, [late], panel["dates"][0])[late]
    assert (columns["dates"][0], columns["bars"][0], columns["sigma"][0]) == (
        panel["dates"][40], 1, pytest.approx(0.02),
    )  # fmt: skip
    assert columns["features"][118] is None
    assert len(columns["features"][119]) == len(FEATURES)


def test_a_market_is_its_index_and_else_the_mean_of_all_stocks_that_traded() -> None:
    """By hand: KOSPI has an index up to the second day, KOSDAQ has none."""
    panel = {
        "dates": ["2026-01-01", "2026-01-02", "2026-01-03"],
        "codes": ["005930", "035720"],
        "markets": ["KOSPI", "KOSDAQ"],
        "index": {"KOSPI": [100.0, 102.0, None]},
        "open": [[10.0, 10.0, 11.0], [None, 20.0, 20.0]],
        "high": [[10.0, 11.0, 11.0], [None, 20.0, 21.0]],
        "low": [[10.0, 10.0, 11.0], [None, 20.0, 20.0]],
        "close": [[10.0, 11.0, 11.0], [None, 20.0, 21.0]],
        "volume": [[1, 1, 1], [None, 1, 1]],
    }
    answer = market_days({"panel": panel})
    assert answer["returns"]["KOSPI"] == [0.0, pytest.approx(0.02), pytest.approx(0.025)]
    assert answer["returns"]["KOSDAQ"] == [0.0, pytest.approx(0.1), pytest.approx(0.025)]
    assert answer["open_to_close"] == [0.0, pytest.approx(0.05), pytest.approx(0.025)]
    assert answer["n_stocks"] == [1, 2, 2]
