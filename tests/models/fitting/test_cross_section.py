"""Where a stock stands among all of its day: by hand, and live to the last digit as in training."""

from datetime import date
from typing import Any

import numpy as np
import pytest

from backend.domain.moves.cross_section import rank_day, standings
from backend.domain.stock_days import BAR_COLUMNS, DIRECTION, FEATURES, RANKED, StockDay
from backend.models.fitting.cross_section import rank_days
from backend.models.fitting.features import compute_features
from backend.models.fitting.market_model import market_days, stock_days
from backend.models.fitting.panel import build_panel, truncate_payload
from tests.models.panels import make_panel

DAY = date(2026, 3, 20)
KOSDAQ = FEATURES.index("kosdaq")


def stock(code: str, value: float | None, *, kosdaq: bool = False, **changes: Any) -> StockDay:
    """A stock of which every feature is `value`."""
    features: list[float | None] = [value] * len(FEATURES)
    features[KOSDAQ] = float(kosdaq)
    given: dict[str, Any] = {"bars": 200, "sessions_since_bar": 0, "features": features} | changes
    return StockDay(code, DAY, given["bars"], given["sessions_since_bar"], 1000.0, 0.02, given["features"])


def places(*stocks: StockDay) -> dict[str, float]:
    """The rank of each stock by its first feature."""
    return {code: values[0] for code, values in rank_day(stocks).items()}


def test_four_stocks_stand_at_eighths_from_the_middle() -> None:
    found = places(stock("A", 0.03), stock("B", -0.01), stock("C", 0.01), stock("D", 0.02))
    assert found == {"A": 0.375, "B": -0.375, "C": -0.125, "D": 0.125}


def test_equal_stocks_share_the_middle_of_their_places() -> None:
    found = places(stock("A", 0.01), stock("B", 0.01), stock("C", 0.05), stock("D", 0.01))
    assert found == {"A": -0.125, "B": -0.125, "C": 0.375, "D": -0.125}


def test_a_feature_counts_from_the_mean_of_its_own_market() -> None:
    """KOSPI rose by 2 % on average, KOSDAQ fell by 3 %: the least bad of KOSDAQ stands above the worst of KOSPI."""
    kospi, kosdaq = (
        [stock("A", 0.01), stock("B", 0.03)],
        [stock("C", -0.05, kosdaq=True), stock("D", -0.01, kosdaq=True)],
    )
    assert places(*kospi, *kosdaq) == {"C": -0.375, "A": -0.125, "B": 0.125, "D": 0.375}


def test_what_a_stock_lacks_is_the_middle_and_moves_nobody() -> None:
    """Of a day of broken volumes no stock loses its forecast."""
    found = places(stock("A", 0.03), stock("B", None), stock("C", 0.01))
    assert found == {"A": 0.25, "B": 0.0, "C": -0.25}


def test_a_stock_alone_has_no_place_and_two_have_one() -> None:
    assert rank_day([stock("A", 0.03)]) == {}
    assert rank_day([]) == {}
    assert places(stock("A", 0.03), stock("B", 0.01)) == {"A": 0.25, "B": -0.25}


def test_who_has_too_few_bars_or_stands_still_is_not_among_them() -> None:
    new, halted = stock("N", 0.0, features=None), stock("H", 0.9, sessions_since_bar=5)
    found = places(stock("A", 0.03), stock("B", 0.01), new, halted, stock("S", 0.02, sessions_since_bar=4))
    assert sorted(found) == ["A", "B", "S"]


def test_the_state_of_the_market_is_told_as_it_is() -> None:
    values = rank_day([stock("A", 0.03, kosdaq=True), stock("B", 0.01)])["A"]
    assert dict(zip(DIRECTION, values, strict=True))["market5"] == 0.03
    assert dict(zip(DIRECTION, values, strict=True))["kosdaq"] == 1.0


def test_the_standing_is_the_share_of_the_others_below() -> None:
    section = rank_day(
        [stock(code, value) for code, value in (("A", 0.01), ("B", 0.03), ("C", 0.02), ("D", 0.02), ("E", 0.0))]
    )
    assert standings(section, {"ar1": 2.0}) == {"E": 0.0, "A": 0.25, "C": 0.625, "D": 0.625, "B": 1.0}
    assert standings(section, {"ar1": -1.0})["B"] == 0.0
    assert standings({}, {"ar1": 1.0}) == {}


def live(payload: dict[str, Any], column: int) -> dict[str, list[float]]:
    """The cross-section of a day as a forecast of that day makes it: from stored rows, the future not there."""
    day = payload["dates"][column]
    known = truncate_payload(payload, day)
    known |= {"raw_close": known["close"], "market_returns": market_days({"panel": known})["returns"]}
    rows = stock_days({"panel": known, "since": dict.fromkeys(known["codes"], day)})
    names = ("bars", "sessions_since_bar", "close_krw", "sigma", "features")
    return rank_day(StockDay(code, DAY, *(one[name][0] for name in names)) for code, one in rows.items())


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("stocks", [2, 3, 20])
def test_live_a_day_is_ranked_as_in_training_to_the_last_digit(stocks: int, seed: int) -> None:
    payload = make_panel(stocks + 1, 300, seed=seed)
    random = np.random.default_rng(seed)
    for row in range(stocks + 1):
        for column in random.integers(0, 300, 20).tolist():
            for name in BAR_COLUMNS:
                payload[name][row][column] = None
        payload["volume"][row][column - 5] = None
        payload["close"][row][200:] = [round(price or 0, -3) or None for price in payload["close"][row][200:]]  # ties
    panel = build_panel(payload)
    section = rank_days(panel, compute_features(panel))
    for column in [119, 160, *random.integers(120, 300, 6).tolist(), 299]:
        found = live(payload, column)
        for row, code in enumerate(payload["codes"]):
            if np.isnan(section[row, column]).any():
                assert code not in found
            else:
                np.testing.assert_array_equal(found[code], section[row, column])


def test_ranks_lie_within_a_half_whatever_the_prices() -> None:
    payload = make_panel(8, 260)
    for name in ("open", "high", "low", "close"):
        payload[name][0][250] = 9e8
        payload[name][2][250] = 1e-3
    panel = build_panel(payload)
    section = rank_days(panel, compute_features(panel))[:, 120:, : len(RANKED)]
    assert np.nanmax(np.abs(section)) < 0.5


def test_a_crash_of_the_market_counts_as_the_largest_learned_move() -> None:
    payload = make_panel(8, 260)
    payload["index"]["KOSPI"][250:] = [level * 0.8 for level in payload["index"]["KOSPI"][250:]]
    values = compute_features(build_panel(payload)).values[0, 250]
    assert (values[FEATURES.index("market1")], values[FEATURES.index("market5")]) == (-0.03, -0.06)
