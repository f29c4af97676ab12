"""Operations "market_days" and "stock_days": the market model of a close, as it is stored.

Column t depends on columns up to t only, so what is computed session by session equals what is computed at once.
"""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from backend.models.fitting import features
from backend.models.fitting.features import Features, open_to_close
from backend.models.fitting.panel import FloatArray, Panel, build_panel, carry_forward, matrix
from backend.models.fitting.size_inputs import own_sizes


def _plain(values: FloatArray) -> list[float | None]:
    """With None for NaN, which JSON does not know."""
    return [value if value == value else None for value in values.tolist()]  # noqa: PLR0124


def market_days(payload: Mapping[str, Any]) -> dict[str, Any]:
    """{panel} of all stocks -> {returns: {market: a number a date}, open_to_close: [...], n_stocks: [...]}, by date.

    The market of a stock is the index of its listing, where that has no close the mean of all stocks that traded. The
    first date has no return of its own (0).
    """
    columns = payload["panel"]
    panel = build_panel(columns)
    first_stocks = {name: columns["markets"].index(name) for name in sorted(set(columns["markets"]))}
    mean, count = open_to_close(panel)
    return {
        "returns": {name: panel.market[row].tolist() for name, row in first_stocks.items()},
        "open_to_close": _plain(np.where(count > 0, mean, np.nan)),
        "n_stocks": count.astype(int).tolist(),
    }


def stock_days(payload: Mapping[str, Any]) -> dict[str, Any]:
    """{panel, since: {code: ISO date}} -> {code: columns from that date, or from the first bar, on}.

    The panel is the whole history of its stocks, with `raw_close` and the `market_returns` that are stored. Columns:
    dates, bars, sessions_since_bar, close_krw, beta, sigma, features, sizes; see backend.db.tables.stock_days.
    """
    columns = payload["panel"]
    panel = build_panel(columns)
    computed = features.compute_features(panel)
    moves = panel.raw_returns - computed.betas * panel.market
    sizes = own_sizes(panel, moves, computed.early_sigmas)
    raw_closes = carry_forward(matrix(columns["raw_close"], len(panel.dates)))
    starts = {code: sum(day < first for day in panel.dates) for code, first in payload["since"].items()}
    return {
        code: _with_sizes(_columns(panel, computed, raw_closes, row, starts[code]), sizes[row])
        for row, code in enumerate(panel.codes)
        if panel.traded[row].any()
    }


def _with_sizes(columns: dict[str, Any], sizes: FloatArray) -> dict[str, Any]:
    """`sizes`: of all dates, of which `columns` holds the last ones."""
    lines: list[list[float]] = sizes[len(sizes) - len(columns["dates"]) :].tolist()
    return columns | {"sizes": [[value if math.isfinite(value) else None for value in line] for line in lines]}


def _columns(panel: Panel, computed: Features, raw_closes: FloatArray, row: int, start: int) -> dict[str, Any]:
    traded = panel.traded[row]
    first = max(start, int(traded.argmax()))
    positions = np.arange(len(traded))
    last_bar = np.maximum.accumulate(np.where(traded, positions, -1))
    values = computed.values[row, first:]
    lines = [_plain(line) for line in values]
    return {
        "dates": panel.dates[first:],
        "bars": np.cumsum(traded)[first:].tolist(),
        "sessions_since_bar": (positions - last_bar)[first:].tolist(),
        "close_krw": raw_closes[row, first:].tolist(),
        "beta": computed.betas[row, first:].tolist(),
        "sigma": computed.early_sigmas[row, first:].tolist(),
        "features": [line if any(value is not None for value in line) else None for line in lines],
    }
