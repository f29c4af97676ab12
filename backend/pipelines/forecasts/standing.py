"""Where the price member sees a stock among all stocks of the day, told with every forecast that rests on it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Final

from backend.domain.forecasts import Forecast, TrainedModel
from backend.domain.moves.cross_section import standings
from backend.pipelines.forecasts.moments import AsOf
from backend.pipelines.forecasts.prices import Prices

PRICE: Final = "price"


class Standings:
    """Completes forecasts by `standing` in their explanation: `below`, the share of the other `n` - 1 stocks that the
    price member expects less of, and `n`."""

    def __init__(self, models: Sequence[TrainedModel], prices: Prices) -> None:
        self._models = {model.model: model for model in models}
        self._prices = prices
        self._found: dict[tuple[str, date, int], Mapping[str, float]] = {}

    def complete(self, moment: AsOf, forecast: Forecast) -> Forecast:
        """The same forecast, with its standing where it rests on a price member that said something."""
        price = self._price_member(forecast)
        if price is None or "abstained" in forecast.explanation:
            return forecast
        found = self._of_day(price, moment.closed, forecast.horizon)
        if forecast.stock_code not in found:
            return forecast
        standing = {"below": round(found[forecast.stock_code], 4), "n": len(found)}
        return replace(forecast, explanation={**forecast.explanation, "standing": standing})

    def _price_member(self, forecast: Forecast) -> TrainedModel | None:
        """The model itself, or the one that it combines, if that has any weight."""
        model = self._models[forecast.model]
        if model.parameters["kind"] == PRICE:
            return model
        weights: Mapping[str, float] = forecast.explanation.get("weights", {})
        return self._models.get(PRICE) if weights.get(PRICE) else None

    def _of_day(self, price: TrainedModel, closed: date, horizon: int) -> Mapping[str, float]:
        key = (price.model, closed, horizon)
        if key not in self._found:
            parameters: Mapping[str, Any] = price.parameters["horizons"][str(horizon)]
            names = parameters.get("inputs", ())
            pairs = zip(names, parameters.get("coefficients", ()), parameters.get("scales", ()), strict=False)
            weights = {name: coefficient / scale for name, coefficient, scale in pairs}
            self._found[key] = standings(self._prices.section(closed), weights) if weights else {}
        return self._found[key]
