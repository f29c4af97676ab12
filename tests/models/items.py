"""Items to predict, whole and plausible, of which a test changes what it is about."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from backend.domain.forecasts import PredictionItem
from backend.domain.stock_days import DIRECTION, FEATURES

_ITEM = PredictionItem(
    stock_code="005930",
    asof=datetime(2026, 3, 20, 6, 40, tzinfo=UTC),
    trade_date=date(2026, 3, 20),
    horizon=1,
    base_price_krw=71_300,
    sigma=0.02,
    features=dict.fromkeys(FEATURES, 0.01),
    places=dict.fromkeys(DIRECTION, 0.01),
)


# Prequential forecasts of a first day: none.
NO_FORECASTS: dict[str, Any] = {"stock_code": [], "trade_date": [], "horizon": [], "p_up": {}}


def make_item(**changes: Any) -> PredictionItem:
    return replace(_ITEM, **changes)
