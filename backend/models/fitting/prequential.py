"""What models forecast before the outcome (Dawid 1984), side by side with the panel of prices."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.models.fitting.panel import FloatArray, Panel

Whole = NDArray[np.int64]


@dataclass(frozen=True)
class Prequential:
    """Columns of n items: row of the stock and column of the base session in the panel, and horizon in sessions.

    `p_up`: by name of the model, NaN where it said nothing.
    """

    stocks: Whole
    days: Whole
    horizons: Whole
    p_up: Mapping[str, FloatArray]

    def of(self, horizon: int) -> "Prequential":
        """The items of one horizon."""
        chosen = self.horizons == horizon
        p_up = {name: values[chosen] for name, values in self.p_up.items()}
        return Prequential(self.stocks[chosen], self.days[chosen], self.horizons[chosen], p_up)

    def said(self, name: str) -> FloatArray:
        """p_up of one model, NaN where it said nothing."""
        return self.p_up.get(name, np.full(len(self.stocks), np.nan))


def join_panel(payload: Mapping[str, Any], panel: Panel) -> Prequential:
    """From lists of stock_code, trade_date (ISO), horizon, and p_up by name; what is not in the panel is left out."""
    stocks = {code: row for row, code in enumerate(panel.codes)}
    days = {day: column for column, day in enumerate(panel.dates)}
    pairs = zip(payload["stock_code"], payload["trade_date"], strict=True)
    inside = [n for n, (code, day) in enumerate(pairs) if code in stocks and day in days]
    return Prequential(
        np.array([stocks[payload["stock_code"][n]] for n in inside], dtype=np.int64),
        np.array([days[payload["trade_date"][n]] for n in inside], dtype=np.int64),
        np.array([payload["horizon"][n] for n in inside], dtype=np.int64),
        {name: np.array(p_up, dtype=np.float64)[inside] for name, p_up in payload["p_up"].items()},
    )
