"""Moves, the market's and volumes of a report, at the edges of how much history they need."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from backend.reports.fact_sheet import PriceFacts
from backend.services.reports.report_prices import _beside_markets, _mean, _return, _volume_z, _with_sigma

PRICE = PriceFacts(
    last_krw=10_300, at=datetime(2026, 11, 20, 4, tzinfo=UTC), source="kis", day_return=0.03, five_day_return=None,
    market_day_return=None, market_five_day_return=None, sigma_day=None, volume=100, volume_z=None,
    bars_from=date(2026, 11, 2), bars_to=date(2026, 11, 19),
)  # fmt: skip


def test_a_return_needs_as_many_sessions_as_it_spans() -> None:
    closes = [10_000.0, 10_100.0, 10_200.0, 10_400.0, 10_500.0]
    assert _return(10_300, closes, 1) == round(10_300 / 10_500 - 1, 5) == -0.01905
    assert _return(10_300, closes, 5) == 0.03
    assert _return(10_300, closes[1:], 5) is None
    assert _return(10_300, [], 1) is None


def test_ten_stocks_are_a_market_and_nine_are_not() -> None:
    assert _mean([0.01] * 9 + [0.02, None]) == 0.011
    assert _mean([0.01] * 9 + [None]) is None
    assert _mean([0.01, 0.02] * 5) == 0.015


def test_a_volume_is_unusual_beside_twenty_sessions_that_differ() -> None:
    usual = [1_000.0, 3_000.0] * 10
    # Logarithms of 1,001 and 3,001 alternate: mean 7.458, standard deviation .563; 10,001 has 9.210.
    assert _volume_z([*usual, 10_000.0]) == pytest.approx(3.11, abs=0.01)
    assert _volume_z([*usual[1:], 10_000.0]) is None
    assert _volume_z([1_000.0] * 20 + [10_000.0]) is None


def test_the_usual_day_stands_beside_the_price() -> None:
    assert _with_sigma(PRICE, 0.0123456) == replace(PRICE, sigma_day=0.01235)
    assert _with_sigma(PRICE, None) == PRICE


def test_a_stock_is_compared_with_the_market_of_its_own_session() -> None:
    """Ten stocks have a quote of today, ten a last bar of the 19th, and one was last traded long before."""
    today = {f"q{n}": replace(PRICE, day_return=0.01, five_day_return=0.02) for n in range(10)}
    before = {f"b{n}": replace(PRICE, at=None, day_return=-0.01) for n in range(10)}
    halted = {"h": replace(PRICE, at=None, day_return=None, bars_to=date(2025, 11, 20))}
    told = _beside_markets(today | before | halted, date(2026, 11, 20))
    market = {code: (price.market_day_return, price.market_five_day_return) for code, price in told.items()}
    assert (market["q0"], market["b0"], market["h"]) == ((0.01, 0.02), (-0.01, None), (None, None))
    assert told["h"] == halted["h"]
