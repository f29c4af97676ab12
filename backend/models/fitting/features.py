"""Features that members learn from and the labels that follow, for every stock and trade date of a panel.

Features of column t use sessions up to and including t (test: removing the future changes nothing). Formulas:
docs/methods.md 1 and 2.2; beta and sigma come from backend.stats.returns.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from backend.domain.price_windows import MARKET_MINIMUM
from backend.models.fitting.panel import FloatArray, Panel, build_panel
from backend.stats.returns import rolling_market_model

FEATURES: Final = (
    "ar1", "ar5", "ar20", "sigma20", "gap", "volume_z", "market1", "market5", "below_high60", "kosdaq",
)  # fmt: skip
MINIMUM_BARS: Final = 120  # cold start of the price member
MINIMUM_SIGMA_BARS: Final = 20


@dataclass(frozen=True)
class Features:
    """`values` is (stocks, dates, len(FEATURES)), NaN where history is too short; the others (stocks, dates)."""

    values: FloatArray
    adjusted: FloatArray
    betas: FloatArray
    sigmas: FloatArray


@dataclass(frozen=True)
class Labels:
    """Outcome of an entry at the open after column t and an exit at the close of t + h; NaN where not known.

    `adjusted` is the market-adjusted return, a fraction; `y` is 1, 0 or 0.5 by its sign; `z` is `adjusted` and `move_z`
    the log move from the close of t to the exit, both in units of sigma sqrt(h). All (stocks, dates).
    """

    adjusted: FloatArray
    y: FloatArray
    z: FloatArray
    move_z: FloatArray


def _rolling(values: FloatArray, length: int, kind: str) -> FloatArray:
    """sum, mean, std or max of the last `length` columns; NaN until there are as many."""
    result = np.full_like(values, np.nan)
    if values.shape[1] >= length:
        windows = sliding_window_view(values, length, axis=1)
        result[:, length - 1 :] = getattr(np, kind)(windows, axis=2)
    return result


def _market_model(panel: Panel) -> tuple[FloatArray, FloatArray]:
    pairs = [rolling_market_model(own, market) for own, market in zip(panel.raw_returns, panel.market, strict=True)]
    betas, sigmas = np.array(pairs).reshape(-1, 2, len(panel.dates)).transpose(1, 0, 2)
    enough = np.cumsum(panel.traded, axis=1) > MINIMUM_SIGMA_BARS
    return betas, np.where(enough, sigmas, np.nan)


def _volume_z(panel: Panel) -> FloatArray:
    logs = np.log1p(np.nan_to_num(panel.volumes))
    before = np.roll(logs, 1, axis=1)
    deviation = np.maximum(_rolling(before, 20, "std"), 0.05)  # constant volumes would divide by zero
    z: FloatArray = np.clip((logs - _rolling(before, 20, "mean")) / deviation, -5, 5)
    return z


def compute_features(panel: Panel) -> Features:
    """All features of all columns at once."""
    betas, sigmas = _market_model(panel)
    adjusted = panel.returns - betas * panel.market
    gap = np.full_like(panel.returns, np.nan)
    gap[:, 1:] = panel.opens[:, 1:] / panel.closes[:, :-1] - 1
    columns = (
        adjusted,
        _rolling(adjusted, 5, "sum"),
        _rolling(adjusted, 20, "sum"),
        _rolling(adjusted, 20, "std"),
        np.nan_to_num(gap),
        _volume_z(panel),
        panel.market,
        _rolling(panel.market, 5, "sum"),
        panel.closes / _rolling(panel.closes, 60, "max") - 1,
        np.broadcast_to(panel.kosdaq[:, None], panel.returns.shape).astype(float),
    )
    values = np.stack(columns, axis=2)
    values[np.cumsum(panel.traded, axis=1) < MINIMUM_BARS] = np.nan
    return Features(values, adjusted, betas, sigmas)


def _ahead(values: FloatArray, sessions: int) -> FloatArray:
    shifted = np.full_like(values, np.nan)
    shifted[:, :-sessions] = values[:, sessions:]
    return shifted


def _open_to_close(panel: Panel) -> FloatArray:
    """The market from open to close as outcomes see it: the mean of ten stocks or more, else the whole day."""
    own = np.where(panel.traded, panel.closes / panel.opens - 1, np.nan)
    known = np.isfinite(own)
    count = known.sum(axis=0)
    mean = np.where(known, own, 0).sum(axis=0) / np.maximum(count, 1)
    return np.where(count >= MARKET_MINIMUM, mean, np.nan_to_num(panel.market))


def compute_labels(panel: Panel, features: Features, horizon: int) -> Labels:
    """Outcomes inside the panel; a label whose exit lies beyond the last column is NaN."""
    closes = np.where(panel.traded, panel.closes, np.nan)
    level = np.multiply.accumulate(1 + np.nan_to_num(panel.market), axis=1)
    exits = _ahead(closes, horizon)
    raw: FloatArray = exits / _ahead(panel.opens, 1) - 1
    rest = _ahead(level, horizon) / _ahead(level, 1)
    market: FloatArray = (1 + _ahead(_open_to_close(panel), 1)) * rest - 1
    adjusted: FloatArray = raw - features.betas * market
    scale = features.sigmas * horizon**0.5
    moves: FloatArray = np.log(exits / panel.closes) / scale
    return Labels(adjusted, (np.sign(adjusted) + 1) / 2, adjusted / scale, moves)


def _columns(values: FloatArray) -> list[Any]:
    """Nested lists with None for NaN, which JSON does not know."""
    objects = values.astype(object)
    objects[np.isnan(values)] = None
    plain: list[Any] = objects.tolist()
    return plain


def features(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Operation "features": {panel, dates} -> {names, values[stock][date][feature], sigmas[stock][date]}.

    None stands where a stock's history is too short.
    """
    panel = build_panel(payload["panel"])
    computed = compute_features(panel)
    wanted = [panel.position(day) for day in payload["dates"]]
    return {
        "names": list(FEATURES),
        "values": _columns(computed.values[:, wanted]),
        "sigmas": _columns(computed.sigmas[:, wanted]),
    }
