"""Ranks: of forecasts within a day and their correlation with the returns, and which models share one.

Information coefficients: correlation of p and return over the stocks of a day (Pearson IC, Spearman RankIC).

As qlib and alphalens define them (docs/methods.md 6.2). A stock asked several times a day counts once, with
its last answer.
"""

import base64
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.domain.figures import SAME_WITHIN
from backend.stats.blocks import Floats
from backend.stats.intervals import Days

MINIMUM_STOCKS = 10
MOST_SHARED = 0.9  # of the items of two models that say the same


def last_of_each_stock(days: Days, stocks: NDArray[np.int64]) -> NDArray[np.int64]:
    """Positions of the last item of each (day, stock), in order of days."""
    key = days * (int(stocks.max()) + 1) + stocks
    _, first_from_behind = np.unique(key[::-1], return_index=True)
    positions: NDArray[np.int64] = np.sort(len(key) - 1 - first_from_behind)
    return positions


def ranks_within(days: Days, values: Floats) -> Floats:
    """Ranks 0, 1, ... of `values` among those of the same day; equal values share their mean rank."""
    order = np.lexsort((values, days))
    day, value = days[order], values[order]
    starts = np.concatenate(([True], (day[1:] != day[:-1]) | (value[1:] != value[:-1])))
    group = np.cumsum(starts) - 1
    position = np.arange(len(values), dtype=np.float64)
    means = np.bincount(group, weights=position) / np.bincount(group)
    ranked = np.empty(len(values))
    ranked[order] = means[group]
    counts = np.bincount(days)
    first: Floats = (np.cumsum(counts) - counts)[days].astype(np.float64)
    return ranked - first


def _daily_correlations(days: Days, x: Floats, y: Floats) -> Floats:
    """Pearson's correlation of each day; NaN where one side does not vary or fewer than ten stocks are there."""
    n = np.bincount(days)
    x, y = x - (np.bincount(days, weights=x) / n)[days], y - (np.bincount(days, weights=y) / n)[days]
    scale = np.sqrt(np.bincount(days, weights=x * x) * np.bincount(days, weights=y * y))
    # Differences of equal numbers leave 1e-33, which is no spread.
    usable = (scale > 1e-20) & (n >= MINIMUM_STOCKS)
    product = np.bincount(days, weights=x * y)
    return np.where(usable, product / np.where(usable, scale, 1.0), np.nan)


def daily_ic(days: Days, stocks: NDArray[np.int64], p: Floats, returns: Floats) -> tuple[Floats, Floats]:
    """(IC, RankIC) of each day that has one; days are 0..n_days-1, items ordered by day."""
    last = last_of_each_stock(days, stocks)
    day, said, happened = days[last], p[last], returns[last]
    plain = _daily_correlations(day, said, happened)
    ranked = _daily_correlations(day, ranks_within(day, said), ranks_within(day, happened))
    return plain[np.isfinite(plain)], ranked[np.isfinite(ranked)]


def is_equal(p: Floats, other: Floats) -> bool:
    """Whether two forecasters say the same of every item, in the digits that people see."""
    return bool(np.abs(p - other).max(initial=0.0) < SAME_WITHIN)


def equal_forecasts(payload: dict[str, Any]) -> dict[str, Any]:
    """Operation of the model process: which models say the same of every item of a window. JSON in and out.

    In: {"models": {id: {"trade_dates": [D ISO dates, ascending], "counts": [items of each], "stocks": base64 of N codes
         of 6 bytes, "p": base64 of N big-endian doubles}}, "windows": {name: its sessions, null for all}}
    Out: {"windows": {name: {id: id of the first model that it equals}}}, without models that equal no other.
    """
    models = {name: _Said.of(columns) for name, columns in payload["models"].items()}
    return {"windows": {name: _groups(models, sessions) for name, sessions in payload["windows"].items()}}


@dataclass(frozen=True)
class _Said:
    """What one model said: its sessions, items of each, and by item the stock and p."""

    trade_dates: list[str]
    counts: list[int]
    stocks: bytes
    p: Floats

    @classmethod
    def of(cls, columns: dict[str, Any]) -> "_Said":
        p = np.frombuffer(base64.b64decode(columns["p"]), dtype=">f8").astype(np.float64)
        return cls(columns["trade_dates"], columns["counts"], base64.b64decode(columns["stocks"]), p)

    def last(self, sessions: int | None) -> "_Said":
        if sessions is None or sessions >= len(self.counts):
            return self
        n = sum(self.counts[-sessions:])
        return _Said(self.trade_dates[-sessions:], self.counts[-sessions:], self.stocks[-6 * n :], self.p[-n:])

    def equals(self, other: "_Said") -> bool:
        """Whether both say the same of the items that both speak of, which must be most of either's."""
        if (self.trade_dates, self.counts, self.stocks) == (other.trade_dates, other.counts, other.stocks):
            return is_equal(self.p, other.p)
        _, own, others = np.intersect1d(self.keys(), other.keys(), return_indices=True)
        is_most = len(own) >= MOST_SHARED * max(len(self.p), len(other.p))
        return is_most and is_equal(self.p[own], other.p[others])

    def keys(self) -> NDArray[np.str_]:
        """Session, stock and how often that stock came before on it, for each item."""
        codes = np.frombuffer(self.stocks, dtype="S6").astype(str)
        dates = np.repeat(np.array(self.trade_dates), self.counts)
        pairs = np.char.add(dates, codes)
        _, inverse = np.unique(pairs, return_inverse=True)
        order = np.argsort(inverse, kind="stable")
        starts = np.concatenate(([0], np.flatnonzero(np.diff(inverse[order])) + 1))
        position = np.arange(len(pairs)) - np.repeat(starts, np.diff(np.append(starts, len(pairs))))
        before = np.empty(len(pairs), dtype=np.int64)
        before[order] = position
        return np.char.add(pairs, before.astype(str))


def _groups(models: dict[str, _Said], sessions: int | None) -> dict[str, int]:
    said = {name: model.last(sessions) for name, model in models.items()}
    first: dict[str, str] = {}
    for name in sorted(said, key=int):
        first[name] = next((other for other in first if first[other] == other and said[name].equals(said[other])), name)
    shared = {other for name, other in first.items() if name != other}
    return {name: int(other) for name, other in first.items() if other in shared}
