"""Synthetic daily panels with a market factor; seeded."""

from datetime import date, timedelta
from typing import Any

import numpy as np


def make_panel(stocks: int = 8, days: int = 260, *, seed: int = 7) -> dict[str, Any]:
    """Columns as the database gives them: stocks with beta 1, a day without a bar, the last stock listed late."""
    random = np.random.default_rng(seed)
    market = random.normal(0, 0.01, days)
    returns = market + random.normal(0, 0.02, (stocks, days))
    close = 50_000 * np.exp(np.cumsum(returns, axis=1))
    opens = close * np.exp(random.normal(0, 0.005, (stocks, days)))
    volume = random.integers(10_000, 99_999, (stocks, days))
    wider = np.exp(np.abs(random.normal(0, 0.004, (stocks, days))))
    columns: dict[str, list[list[Any]]] = {
        "open": opens.round(2).tolist(), "high": (np.maximum(opens, close) * wider).round(2).tolist(),
        "low": (np.minimum(opens, close) / wider).round(2).tolist(), "close": close.round(2).tolist(),
        "volume": volume.tolist(),
    }  # fmt: skip
    for rows in columns.values():
        rows[1][days // 2] = None
        rows[-1][:40] = [None] * 40
    return {
        **columns,
        "dates": [str(date(2025, 1, 1) + timedelta(n)) for n in range(days)],
        "codes": [f"{n:06d}" for n in range(stocks)],
        "markets": ["KOSDAQ" if n % 2 else "KOSPI" for n in range(stocks)],
        "index": {"KOSPI": (2500 * np.exp(np.cumsum(market))).tolist()},
    }
