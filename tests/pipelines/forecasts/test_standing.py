"""With a forecast that rests on prices goes where its stock stands among all of the day, by hand."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from backend.domain.forecasts import Direction, Forecast, TrainedModel, Verdict
from backend.domain.stock_days import DIRECTION
from backend.pipelines.forecasts.moments import AsOf, plan_moment
from backend.pipelines.forecasts.prices import Prices
from backend.pipelines.forecasts.standing import Standings
from tests.services.forecasts.forecasting_world import CALENDAR

DAY = date(2026, 3, 20)
MOMENT: AsOf = plan_moment(CALENDAR, CALENDAR.day(DAY).closes_at)
# Ten stocks, of which the n-th has the n-th lowest rank in everything; 000009 is the highest.
SECTION = {f"{n:06d}": [n / 10 - 0.45] * len(DIRECTION) for n in range(10)}
PRICES = Prices([DAY], {}, {DAY: SECTION})


def model(kind: str, **parameters: Any) -> TrainedModel:
    return TrainedModel(kind, "v1", None, None, "d", {"kind": kind, "horizons": {"1": parameters}})


MODELS = [model("price", inputs=["ar1", "sd20"], coefficients=[-0.1, 0.02], scales=[0.3, 0.3]), model("gated")]


def standing(code: str, kind: str, **explanation: Any) -> Any:
    said = Forecast(
        kind, code, MOMENT.asof, 1, 0.51, 0.01, Verdict.LEAN, Direction.HOLD, 0.1, [1] * 7, None, [], explanation, "h"
    )
    return Standings(MODELS, PRICES).complete(MOMENT, said).explanation.get("standing")


@pytest.mark.parametrize(("code", "below"), [("000000", 1.0), ("000009", 0.0), ("000003", 0.6667)])
def test_the_lowest_of_a_feature_that_counts_against_stands_highest(code: str, below: float) -> None:
    assert standing(code, "price") == {"below": below, "n": 10}


def test_a_gate_tells_it_as_far_as_the_price_member_has_a_say() -> None:
    assert standing("000000", "gated", weights={"price": 0.8, "knn": 0.0}) == {"below": 1.0, "n": 10}
    assert standing("000000", "gated", weights={"price": 0.0, "knn": 0.4}) is None


def test_who_is_not_among_them_or_abstains_stands_nowhere() -> None:
    assert standing("999999", "price") is None
    assert standing("000000", "price", abstained={"state": "no_other_stock"}) is None
    empty = replace(PRICES, sections={})
    said = Forecast(
        "price", "000000", MOMENT.asof, 1, 0.5, 0.0, Verdict.NONE, Direction.HOLD, 0.0, [1] * 7, None, [], {}, "h"
    )
    assert Standings(MODELS, empty).complete(MOMENT, said) == said
