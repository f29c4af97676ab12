"""The same cross-section as backend.domain.moves.cross_section makes of a day, of all days of a panel at once."""

import numpy as np
from numpy.typing import NDArray

from backend.domain.moves.cross_section import UNIT
from backend.domain.stock_days import DIRECTION, FEATURES, MARKET_STATE, RANKED, STALE_BARS
from backend.models.fitting.features import Features
from backend.models.fitting.panel import FloatArray, Panel

_KOSDAQ = FEATURES.index("kosdaq")


def rank_days(panel: Panel, features: Features) -> FloatArray:
    """(stocks, dates, len(DIRECTION)): ranks from -.5 to .5, then the state of the market; NaN for who is not in it."""
    present = _present(panel, features)
    section = np.full((*present.shape, len(DIRECTION)), np.nan)
    for n, name in enumerate(RANKED):
        values = np.where(present, features.values[..., FEATURES.index(name)], np.nan)
        section[..., n] = np.where(present, _ranks(values, panel.kosdaq), np.nan)
    for n, name in enumerate(MARKET_STATE, start=len(RANKED)):
        section[..., n] = np.where(present, features.values[..., FEATURES.index(name)], np.nan)
    return section


def _present(panel: Panel, features: Features) -> NDArray[np.bool_]:
    """Who has features and a recent bar, on days with two such stocks or more."""
    days = np.arange(panel.traded.shape[1])
    last = np.maximum.accumulate(np.where(panel.traded, days, -STALE_BARS), axis=1)
    present = np.isfinite(features.values[..., _KOSDAQ]) & (days - last < STALE_BARS)
    found: NDArray[np.bool_] = present & (present.sum(axis=0) > 1)
    return found


def _ranks(values: FloatArray, kosdaq: NDArray[np.bool_]) -> FloatArray:
    units = np.rint(values * UNIT)
    own = np.empty_like(units)
    for market in (True, False):
        rows = units[kosdaq == market]
        known = np.isfinite(rows)
        total = np.where(known, rows, 0).astype(np.int64).sum(axis=0)
        own[kosdaq == market] = rows - total / np.maximum(known.sum(axis=0), 1)
    return _places(own)


def _places(values: FloatArray) -> FloatArray:
    """Ranks by column; equal values share the middle of their places, a missing one is 0."""
    order = np.argsort(values, axis=0, kind="stable")
    ordered = np.take_along_axis(values, order, axis=0)
    places = np.arange(len(values))[:, None]
    begins = np.ones(values.shape, dtype=bool)
    begins[1:] = ordered[1:] != ordered[:-1]
    ends = np.ones(values.shape, dtype=bool)
    ends[:-1] = begins[1:]
    first = np.maximum.accumulate(np.where(begins, places, 0), axis=0)
    last = np.minimum.accumulate(np.where(ends, places, len(values))[::-1], axis=0)[::-1]
    ranks = np.empty_like(values)
    np.put_along_axis(ranks, order, (first + last) / 2, axis=0)
    known = np.isfinite(values)
    return np.where(known, (ranks + 0.5) / np.maximum(known.sum(axis=0), 1) - 0.5, 0.0)
