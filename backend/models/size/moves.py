"""The moves that a forecast of size speaks of: close of its base session to the close `horizon` sessions later."""

from dataclasses import dataclass

import numpy as np

from backend.models.fitting.panel import FloatArray, Panel


@dataclass(frozen=True)
class Moves:
    """(stocks, dates), NaN where base or exit has no bar: market-adjusted returns, and logs of exit over base price."""

    adjusted: FloatArray
    logs: FloatArray


def _ahead(values: FloatArray, sessions: int) -> FloatArray:
    shifted = np.full_like(values, np.nan)
    shifted[:, :-sessions] = values[:, sessions:]
    return shifted


def rest_ahead(panel: Panel) -> Moves:
    """Of each column the next session from opening to close: raw, because no source tells the market at each minute."""
    opens, closes = (np.where(panel.traded, prices, np.nan) for prices in (panel.opens, panel.closes))
    growth = _ahead(closes / opens, 1)
    return Moves(growth - 1, np.log(growth))


def gaps_ahead(panel: Panel) -> FloatArray:
    """Absolute gap from each column's close to the next opening, (stocks, dates), a fraction."""
    opens = np.where(panel.traded, panel.opens, np.nan)
    gaps: FloatArray = np.abs(_ahead(opens, 1) / panel.closes - 1)
    return gaps


def moves_ahead(panel: Panel, betas: FloatArray, horizon: int) -> Moves:
    """What came after each column, with the beta known there; the gap to the next opening is part of it."""
    closes = np.where(panel.traded, panel.closes, np.nan)
    level = np.multiply.accumulate(1 + np.nan_to_num(panel.market), axis=1)
    growth = _ahead(closes, horizon) / closes
    market = _ahead(level, horizon) / level - 1
    return Moves(growth - 1 - betas * market, np.log(growth))
