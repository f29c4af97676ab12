"""Metrics of one group of outcomes (a model, a horizon, a mode), each with n, n_days, interval and baseline.

Formulas: docs/methods.md 6. The baseline is what the `base` model said about the same items, known at the same
moment; items it did not see are compared with 0.5. A tie (y = 0.5) is half a hit. No setting: a change of a figure
here needs a new `domain.record.METRIC_VERSION`.
"""

import base64
import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.domain.forecasts import BAND
from backend.domain.record import METRIC_COLUMNS
from backend.stats import calibration, money, per_stock, power, ranking
from backend.stats.blocks import Floats
from backend.stats.costs import round_trip_cost
from backend.stats.intervals import Days, Estimate, Json, clustered_mean, clustered_ratio, day_sums, described
from backend.stats.scoring import LOG_CLIP

BUCKETS = (("<0.02", 0.0, 0.02), ("0.02-0.05", 0.02, 0.05), ("0.05-0.1", 0.05, 0.1), (">=0.1", 0.1, 1.0))
_CODE_BYTES = 6


@dataclass(frozen=True, slots=True)
class Items:
    """Columns of N outcomes, ordered by day; `days` count 0..n_days-1, `stocks` index a list of codes.

    Returns are fractions, `directions` 1 (up), 0 (hold) or -1, `in_band` 0 or 1, pinball losses in sigmas. NaN stands
    where the base model was not asked.
    """

    days: Days
    stocks: NDArray[np.int64]
    p: Floats
    reference_p: Floats
    y: Floats
    adjusted_returns: Floats
    raw_returns: Floats
    gaps: Floats
    directions: Floats
    in_band: Floats
    band_widths: Floats
    pinball: Floats
    reference_pinball: Floats
    costs: Floats

    def between(self, first: int, last: int) -> "Items":
        """The items of the days `first`..`last`, both included; nothing is copied."""
        start, end = np.searchsorted(self.days, (first, last + 1))
        columns = {field.name: getattr(self, field.name)[start:end] for field in fields(self)}
        return Items(**columns | {"days": self.days[start:end] - first})


def hits(p: Floats, y: Floats) -> Floats:
    """1 for the right side, 0 for the wrong one, 0.5 where the price did not move or p takes no side."""
    return 0.5 + 0.5 * np.sign(p - 0.5) * np.sign(y - 0.5)


def log_losses(p: Floats, y: Floats) -> Floats:
    clipped = np.clip(p, LOG_CLIP, 1 - LOG_CLIP)
    return -(y * np.log(clipped) + (1 - y) * np.log(1 - clipped))


def accuracy(items: Items, horizon: int, chosen: NDArray[np.bool_] | None = None) -> Json | None:
    """Share of right sides among the `chosen` items beside that of the baseline on the same ones; None without any."""
    everything = np.ones(len(items.p), dtype=np.bool_)
    return _share_right(items, hits(items.p, items.y), everything if chosen is None else chosen, horizon)


def accuracy_of_calls(items: Items, horizon: int) -> Json | None:
    """As `accuracy`, of the items with a direction, by that direction: a call up may have p below one half."""
    right = 0.5 + 0.5 * np.sign(items.directions) * np.sign(items.y - 0.5)
    return _share_right(items, right, items.directions != 0, horizon)


def _share_right(items: Items, right: Floats, chosen: NDArray[np.bool_], horizon: int) -> Json | None:
    days = items.days[chosen]
    if not len(days):
        return None
    days = np.cumsum(np.diff(days, prepend=days[:1]) > 0).astype(np.int64)
    baseline = float(hits(items.reference_p, items.y)[chosen].mean())
    return described(clustered_mean(right[chosen], days, horizon), baseline, bounds=(0, 1))


def reaction(items: Items, horizon: int) -> Json:
    """Accuracy on the gap between the last price before the news and the entry: seen by all, tradable by nobody."""
    moved = (np.sign(items.gaps) + 1) / 2
    baseline = float(hits(items.reference_p, moved).mean())
    return described(clustered_mean(hits(items.p, moved), items.days, horizon), baseline, bounds=(0, 1))


def skill(items: Items, horizon: int) -> Json | None:
    """Brier skill score 1 - BS / BS(baseline); above 0 is better than the base rate known at the time.

    Forecasts that are the same as the baseline's to a reader have none, and no interval that could look like one.
    """
    reference = (items.reference_p - items.y) ** 2
    if ranking.is_equal(items.p, items.reference_p):
        return described(Estimate(0.0, None, len(items.p), int(items.days.max()) + 1, 0), 0.0)
    if not reference.sum():
        return None
    return described(clustered_ratio(reference - (items.p - items.y) ** 2, reference, items.days, horizon), 0.0)


def daily_gain(items: Items) -> Floats:
    """Mean Brier loss of the baseline less that of the model, day by day."""
    gain = (items.reference_p - items.y) ** 2 - (items.p - items.y) ** 2
    return day_sums(gain, items.days) / np.bincount(items.days)


def effective_size(items: Items, horizon: int) -> float | None:
    """n_eff = A (1 - A) / se^2, at most n: how many independent items would tell as much."""
    estimate = clustered_mean(hits(items.p, items.y), items.days, horizon)
    if not estimate.error:
        return None
    return min(estimate.value * (1 - estimate.value) / estimate.error**2, float(estimate.n))


def crps(items: Items, horizon: int) -> Json:
    """CRPS from the stored quantiles, in sigmas: twice their mean pinball loss; the baseline where it was asked."""
    asked = np.isfinite(items.reference_pinball)
    baseline = float(2 * items.reference_pinball[asked].mean()) if asked.any() else None
    return described(clustered_mean(2 * items.pinball, items.days, horizon), baseline)


def _correlation(daily: Floats, horizon: int) -> Json | None:
    if not len(daily):
        return None
    estimate = clustered_mean(daily, np.arange(len(daily)), horizon)
    spread = float(daily.std(ddof=1)) if len(daily) > 1 else 0.0
    more = {
        "t": estimate.value / estimate.error if estimate.error else None,
        "icir": estimate.value / spread if spread else None,
    }
    return described(estimate, 0.0, bounds=(-1, 1)) | more


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


def by_confidence(items: Items, horizon: int) -> list[Json]:
    """Accuracy for each distance of p from one half."""
    distance = np.round(np.abs(items.p - 0.5), 12)
    rows = []
    for name, low, high in BUCKETS:
        found = accuracy(items, horizon, (distance >= low) & (distance < high))
        if found is not None:
            rows.append({"bucket": name, **found})
    return rows


def _calibration(items: Items, n_eff: float | None) -> Json:
    counts = {"n": len(items.p), "n_days": int(items.days.max()) + 1}
    bins = calibration.equal_mass_bins(items.p)
    rows = calibration.reliability(items.p, items.y, bins, (n_eff or len(items.p)) / len(items.p))
    return {
        "ece": {"value": calibration.calibration_error(rows), "baseline": 0.0, **counts, "bins": rows},
        "brier_parts": calibration.brier_parts(items.p, items.y, bins) | counts,
    }


def _values(items: Items, horizon: int, n_eff: float | None) -> Json:
    days, y = items.days, items.y
    brier, reference = (items.p - y) ** 2, (items.reference_p - y) ** 2
    log_reference = float(log_losses(items.reference_p, y).mean())
    shown = items.directions != 0
    ic, rank_ic = ranking.daily_ic(days, items.stocks, items.p, items.adjusted_returns)
    return {
        "coverage": described(clustered_mean(shown.astype(np.float64), days, horizon), None, bounds=(0, 1)),
        "accuracy": accuracy(items, horizon),
        "accuracy_shown": accuracy_of_calls(items, horizon),
        "base_rate": described(clustered_mean(y, days, horizon), float(items.reference_p.mean()), bounds=(0, 1)),
        "brier": described(clustered_mean(brier, days, horizon), float(reference.mean())),
        "brier_skill": skill(items, horizon),
        "sessions_needed": power.describe_need(daily_gain(items), horizon),
        "log_loss": described(clustered_mean(log_losses(items.p, y), days, horizon), log_reference),
        **_calibration(items, n_eff),
        "two_by_two": two_by_two(items),
        "band_coverage": described(clustered_mean(items.in_band, days, horizon), BAND, bounds=(0, 1)),
        "band_width": described(clustered_mean(items.band_widths, days, horizon), None),
        "crps": crps(items, horizon),
        "ic": _correlation(ic, horizon),
        "rank_ic": _correlation(rank_ic, horizon),
        "reaction": reaction(items, horizon),
        "by_confidence": by_confidence(items, horizon),
        "money": money.money(days, items.raw_returns, items.directions, items.costs, horizon),
    }


def _details(items: Items, names: NDArray[np.str_], horizon: int) -> Json:
    right = hits(items.p, items.y), hits(items.reference_p, items.y)
    losses = (items.p - items.y) ** 2, (items.reference_p - items.y) ** 2
    present, stocks = np.unique(items.stocks, return_inverse=True)
    return {
        "stocks": per_stock.stock_figures(
            names[present], stocks, items.days, right=right, losses=losses, horizon=horizon
        )
    }


def summarise(items: Items, horizon: int, names: NDArray[np.str_]) -> Json:
    """n, n_days, n_eff, values and details of one window; empty when it holds no outcome, details also for one day."""
    if not len(items.p):
        return {"n": 0, "n_days": 0, "n_eff": None, "values": {}, "details": {}}
    n_eff, n_days = effective_size(items, horizon), int(items.days.max()) + 1
    details = _details(items, names, horizon) if n_days > 1 else {}
    counts = {"n": len(items.p), "n_days": n_days, "n_eff": n_eff}
    return {**counts, "values": _values(items, horizon, n_eff), "details": details}


def unpack_items(payload: Mapping[str, Any]) -> tuple[Items, NDArray[np.str_]]:
    """Items and the codes of their stocks from packed columns (see summarise_metrics)."""
    counts = np.array(payload["counts"], dtype=np.int64)
    days = np.repeat(np.arange(len(counts)), counts)
    columns = {
        name: np.frombuffer(base64.b64decode(payload["columns"][name]), dtype=">f8").astype(np.float64)
        for name in METRIC_COLUMNS
    }
    columns["reference_p"] = np.where(np.isnan(columns["reference_p"]), 0.5, columns["reference_p"])
    codes = np.frombuffer(base64.b64decode(payload["stocks"]), dtype=f"S{_CODE_BYTES}")
    names, stocks = np.unique(codes, return_inverse=True)
    costs = np.array([round_trip_cost(date.fromisoformat(day)) for day in payload["trade_dates"]], dtype=np.float64)
    return Items(days=days, stocks=stocks.astype(np.int64), costs=costs[days], **columns), names.astype(str)


def summarise_metrics(payload: Json) -> Json:
    """Operation of the model process: JSON in, JSON out.

    In: {"horizon": h, "trade_dates": [D ISO dates, ascending], "counts": [items of each],
         "columns": {name of domain.METRIC_COLUMNS: base64 of N big-endian doubles, in order of the dates},
         "stocks": base64 of N codes of 6 bytes, "windows": [[first, last] ISO dates, both among the dates, ...]}
    Out: {"windows": [{"n", "n_days", "n_eff", "values", "details"}, ...]} in the order asked for.
    """
    items, names = unpack_items(payload)
    position = {day: n for n, day in enumerate(payload["trade_dates"])}
    windows = [
        summarise(items.between(position[first], position[last]), payload["horizon"], names)
        for first, last in payload["windows"]
    ]
    return {"windows": windows}
