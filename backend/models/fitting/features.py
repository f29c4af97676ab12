"""Features that members learn from and the labels that follow, for every stock and trade date of a panel.

Features of column t use sessions up to and including t (test: removing the future changes nothing). Formulas:
docs/methods.md 1 and 2.2; beta and sigma come from backend.stats.returns.
"""

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from backend.domain.price_windows import MARKET_MINIMUM
from backend.domain.stock_days import MINIMUM_BARS, MINIMUM_SIGMA_BARS
from backend.models.fitting.panel import FloatArray, Panel
from backend.stats.returns import rolling_market_model
from backend.stats.scoring import window_return


@dataclass(frozen=True)
class Features:
    """`values` is (stocks, dates, len(FEATURES)), NaN where history is too short; the others (stocks, dates).

    `early_sigmas`: `sigmas` and those of the first sessions, when they are more the start of the average than the
    stock's own.
    """

    values: FloatArray
    adjusted: FloatArray
    betas: FloatArray
    sigmas: FloatArray
    early_sigmas: FloatArray


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
    return betas, sigmas


def _volume_z(panel: Panel) -> FloatArray:
    logs = np.log1p(np.nan_to_num(panel.volumes))
    before = np.roll(logs, 1, axis=1)
    deviation = np.maximum(_rolling(before, 20, "std"), 0.05)  # constant volumes would divide by zero
    z: FloatArray = np.clip((logs - _rolling(before, 20, "mean")) / deviation, -5, 5)
    return z


def compute_features(panel: Panel) -> Features:
    """All features of all columns at once."""
    betas, sigmas = _market_model(panel)
    bars = np.cumsum(panel.traded, axis=1)
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
    values[bars < MINIMUM_BARS] = np.nan
    return Features(values, adjusted, betas, np.where(bars > MINIMUM_SIGMA_BARS, sigmas, np.nan), sigmas)


def _ahead(values: FloatArray, sessions: int) -> FloatArray:
    shifted = np.full_like(values, np.nan)
    shifted[:, :-sessions] = values[:, sessions:]
    return shifted


def open_to_close(panel: Panel) -> tuple[FloatArray, FloatArray]:
    """Mean return from open to close of the stocks that traded in each session, and their number; both (dates,)."""
    own = np.where(panel.traded, panel.closes / panel.opens - 1, np.nan)
    known = np.isfinite(own)
    count = known.sum(axis=0)
    return np.where(known, own, 0).sum(axis=0) / np.maximum(count, 1), count.astype(np.float64)


def _first_leg(panel: Panel) -> FloatArray:
    """The market in the session of the entry as outcomes see it: ten stocks from open to close, else its whole day."""
    mean, count = open_to_close(panel)
    return np.where(count >= MARKET_MINIMUM, mean, np.nan_to_num(panel.market))


def compute_labels(panel: Panel, features: Features, horizon: int) -> Labels:
    """Outcomes inside the panel; a label whose exit lies beyond the last column is NaN."""
    closes = np.where(panel.traded, panel.closes, np.nan)
    level = np.multiply.accumulate(1 + np.nan_to_num(panel.market), axis=1)
    exits = _ahead(closes, horizon)
    raw: FloatArray = exits / _ahead(panel.opens, 1) - 1
    rest = _ahead(level, horizon) / _ahead(level, 1)
    adjusted = window_return(raw, features.betas, _ahead(_first_leg(panel), 1), rest)
    scale = features.sigmas * horizon**0.5
    moves: FloatArray = np.log(exits / panel.closes) / scale
    return Labels(adjusted, (np.sign(adjusted) + 1) / 2, adjusted / scale, moves)
