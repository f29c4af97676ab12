"""Metrics of one group of outcomes (a model, a horizon, a mode), each with n, n_days, interval and baseline.

Formulas: prediction.md 4.4. The baseline is what the `base` model said about the same items, known at the same
moment; items it did not see are compared with 0.5. A tie (y = 0.5) is half a hit. No setting: a change here needs
a new `domain.METRIC_VERSION`.
"""

import math
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.stats.intervals import Days, Estimate, Floats, clustered_mean, clustered_ratio, wilson
from backend.stats.scoring import LOG_CLIP

BINS = 10
RANK_MINIMUM = 10
BAND = 0.8
BUCKETS = (("<0.02", 0.0, 0.02), ("0.02-0.05", 0.02, 0.05), ("0.05-0.1", 0.05, 0.1), (">=0.1", 0.1, 1.0))

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Items:
    """Columns of N outcomes, ordered by day. `days` count 0..n_days-1, `shown` is False for "hold"."""

    days: Days
    stocks: NDArray[np.int64]
    p: Floats
    reference_p: Floats
    y: Floats
    adjusted_returns: Floats
    shown: NDArray[np.bool_]
    in_band: Floats
    band_widths: Floats
    pinball: Floats

    def where(self, chosen: NDArray[np.bool_]) -> "Items":
        """The chosen items, their days counted anew."""
        columns = {field.name: getattr(self, field.name)[chosen] for field in fields(self)}
        columns["days"] = np.unique(columns["days"], return_inverse=True)[1]
        return Items(**columns)


def described(estimate: Estimate, baseline: float | None, *, bounds: tuple[float, float] | None = None) -> Json:
    """The shape of every metric: value, 95 % interval, what it must beat, and how much it rests on."""
    interval = estimate.interval()
    if interval is not None and bounds is not None:
        interval = max(bounds[0], interval[0]), min(bounds[1], interval[1])
    low, high = interval if interval is not None else (None, None)
    counts = {"n": estimate.n, "n_days": estimate.n_days}
    return {"value": estimate.value, "low": low, "high": high, "baseline": baseline, **counts}


def hits(p: Floats, y: Floats) -> Floats:
    """1 for the right side, 0 for the wrong one, 0.5 where the price did not move or p takes no side."""
    return 0.5 + 0.5 * np.sign(p - 0.5) * np.sign(y - 0.5)


def log_losses(p: Floats, y: Floats) -> Floats:
    clipped = np.clip(p, LOG_CLIP, 1 - LOG_CLIP)
    return -(y * np.log(clipped) + (1 - y) * np.log(1 - clipped))


def accuracy(items: Items, lag: int) -> Json | None:
    """Share of right sides beside that of the baseline on the same items; None without items."""
    if not len(items.p):
        return None
    baseline = float(hits(items.reference_p, items.y).mean())
    return described(clustered_mean(hits(items.p, items.y), items.days, lag), baseline, bounds=(0, 1))


def skill(items: Items, lag: int) -> Json | None:
    """Brier skill score 1 - BS / BS(baseline); above 0 is better than the base rate known at the time."""
    reference = (items.reference_p - items.y) ** 2
    if not reference.sum():
        return None
    return described(clustered_ratio(reference - (items.p - items.y) ** 2, reference, items.days, lag), 0.0)


def effective_size(items: Items, lag: int) -> float | None:
    """n_eff = A (1 - A) / se^2: how many independent items would tell as much."""
    estimate = clustered_mean(hits(items.p, items.y), items.days, lag)
    if not estimate.error:
        return None
    return estimate.value * (1 - estimate.value) / estimate.error**2


def _ranks(values: Floats) -> Floats:
    """Ranks 1..N, equal values share their mean rank."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return ((last - counts + 1 + last) / 2)[inverse].astype(np.float64)


def reliability(items: Items, n_eff: float | None) -> list[Json]:
    """Ten bins of equal mass by p: how often it happened when the model said so. Equal p stay in one bin."""
    n = len(items.p)
    bins = np.minimum(((_ranks(items.p) - 0.5) * BINS / n).astype(np.int64), BINS - 1)
    rows = []
    for number in np.unique(bins):
        inside = bins == number
        count, mean_y = int(inside.sum()), float(items.y[inside].mean())
        low, high = wilson(mean_y, count * min(1.0, (n_eff or n) / n))
        mean_p = float(items.p[inside].mean())
        rows.append({"n": count, "mean_p": mean_p, "mean_y": mean_y, "low": low, "high": high})
    return rows


def calibration_error(bins: list[Json]) -> float:
    """ECE: mean distance between what was said and what happened, weighted by bin."""
    return float(sum(b["n"] * abs(b["mean_p"] - b["mean_y"]) for b in bins) / sum(b["n"] for b in bins))


def _correlation(x: Floats, y: Floats) -> float | None:
    x, y = x - x.mean(), y - y.mean()
    scale = math.sqrt(float(x @ x) * float(y @ y))
    return float(x @ y) / scale if scale > 0 else None


def _day_rank_correlation(items: Items, rows: NDArray[np.int64]) -> float | None:
    last = np.array(list({int(items.stocks[row]): int(row) for row in rows}.values()))
    if len(last) < RANK_MINIMUM:
        return None
    return _correlation(_ranks(items.p[last]), _ranks(items.adjusted_returns[last]))


def rank_correlation(items: Items, lag: int) -> Json | None:
    """RankIC: Spearman of p and adjusted return, each day with >= 10 stocks; t with Newey-West lag h - 1."""
    cuts = np.flatnonzero(np.diff(items.days)) + 1
    daily = [_day_rank_correlation(items, rows) for rows in np.split(np.arange(len(items.days)), cuts)]
    seen = np.array([value for value in daily if value is not None])
    if not len(seen):
        return None
    estimate = clustered_mean(seen, np.arange(len(seen)), lag)
    t = estimate.value / estimate.error if estimate.error else None
    return described(estimate, 0.0, bounds=(-1, 1)) | {"t": t}


def two_by_two(items: Items) -> Json:
    """Balanced accuracy and MCC of the sides taken; null when one row or column of the table is empty."""
    clear = (items.y != 0.5) & (items.p != 0.5)
    said, happened = items.p[clear] > 0.5, items.y[clear] == 1
    tp, fn = int((said & happened).sum()), int((~said & happened).sum())
    fp, tn = int((said & ~happened).sum()), int((~said & ~happened).sum())
    counts = {"n": int(clear.sum()), "n_days": len(np.unique(items.days[clear]))}
    margins = (tp + fp) * (tp + fn) * (tn + fp) * (tn + fn)
    if not margins:
        return {"balanced_accuracy": None, "mcc": None, **counts}
    balanced = (tp / (tp + fn) + tn / (tn + fp)) / 2
    return {"balanced_accuracy": balanced, "mcc": (tp * tn - fp * fn) / math.sqrt(margins), **counts}


def by_confidence(items: Items, lag: int) -> list[Json]:
    """Accuracy for each distance of p from one half."""
    distance = np.round(np.abs(items.p - 0.5), 12)
    rows = []
    for name, low, high in BUCKETS:
        found = accuracy(items.where((distance >= low) & (distance < high)), lag)
        if found is not None:
            rows.append({"bucket": name, **found})
    return rows


def _values(items: Items, lag: int, n_eff: float | None) -> Json:
    bins = reliability(items, n_eff)
    days, y = items.days, items.y
    brier, reference = (items.p - y) ** 2, (items.reference_p - y) ** 2
    log_reference = float(log_losses(items.reference_p, y).mean())
    return {
        "coverage": described(clustered_mean(items.shown.astype(np.float64), days, lag), None, bounds=(0, 1)),
        "accuracy": accuracy(items, lag),
        "accuracy_shown": accuracy(items.where(items.shown), lag),
        "base_rate": described(clustered_mean(y, days, lag), float(items.reference_p.mean()), bounds=(0, 1)),
        "brier": described(clustered_mean(brier, days, lag), float(reference.mean())),
        "brier_skill": skill(items, lag),
        "log_loss": described(clustered_mean(log_losses(items.p, y), days, lag), log_reference),
        "ece": {"value": calibration_error(bins), "baseline": 0.0, "n": len(y), "bins": bins},
        "two_by_two": two_by_two(items),
        "band_coverage": described(clustered_mean(items.in_band, days, lag), BAND, bounds=(0, 1)),
        "band_width": described(clustered_mean(items.band_widths, days, lag), None),
        "pinball": described(clustered_mean(items.pinball, days, lag), None),
        "rank_ic": rank_correlation(items, lag),
        "by_confidence": by_confidence(items, lag),
    }


def summarise(items: Items, horizon: int) -> Json:
    """n, n_days, n_eff and all values of one window; the values are empty when it holds no outcome."""
    if not len(items.p):
        return {"n": 0, "n_days": 0, "n_eff": None, "values": {}}
    lag = max(horizon - 1, 0)
    n_eff = effective_size(items, lag)
    counts = {"n": len(items.p), "n_days": int(items.days.max()) + 1, "n_eff": n_eff}
    return {**counts, "values": _values(items, lag, n_eff)}


def summarise_metrics(payload: Json) -> Json:
    """Operation of the model process: JSON in, JSON out.

    In: {"horizon": h, "items": {"trade_dates", "stocks", "p", "reference_p" (null: 0.5), "y", "adjusted_returns",
         "shown", "in_band", "band_widths", "pinball": columns of N}, "windows": [[first, last] ISO dates, ...]}
    Out: {"windows": [{"n", "n_days", "n_eff", "values"}, ...]} in the order asked for.
    """
    columns = payload["items"]
    dates = np.array(columns["trade_dates"], dtype="datetime64[D]")
    order = np.argsort(dates, kind="stable")
    numbers = {
        name: np.array([0.5 if value is None else value for value in columns[name]], dtype=np.float64)[order]
        for name in ("p", "reference_p", "y", "adjusted_returns", "in_band", "band_widths", "pinball")
    }
    items = Items(
        days=np.unique(dates[order], return_inverse=True)[1],
        stocks=np.unique(np.array(columns["stocks"], dtype=str)[order], return_inverse=True)[1],
        shown=np.array(columns["shown"], dtype=np.bool_)[order],
        **numbers,
    )
    dates = dates[order]
    windows = [
        summarise(items.where((dates >= np.datetime64(first)) & (dates <= np.datetime64(last))), payload["horizon"])
        for first, last in payload["windows"]
    ]
    return {"windows": windows}
