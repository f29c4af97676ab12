"""Calibration: bins of equal mass, expected calibration error, parts of the Brier score (docs/methods.md 6.2)."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.stats.blocks import Floats
from backend.stats.intervals import wilson

BINS = 10
Json = dict[str, Any]


def ranks(values: Floats) -> Floats:
    """Ranks 1..N, equal values share their mean rank."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return ((last - counts + 1 + last) / 2)[inverse].astype(np.float64)


def equal_mass_bins(p: Floats) -> NDArray[np.int64]:
    """Number of the bin of each item, 0..k-1; equal p stay in one bin, so that there may be fewer than ten."""
    bins = np.minimum(((ranks(p) - 0.5) * BINS / len(p)).astype(np.int64), BINS - 1)
    number = np.cumsum(np.bincount(bins, minlength=BINS) > 0) - 1
    return number[bins].astype(np.int64)


def reliability(p: Floats, y: Floats, bins: NDArray[np.int64], share_effective: float) -> list[Json]:
    """Of each bin n, mean p, mean y and Wilson's band of y; `share_effective` is n_eff / n, at most 1."""
    counts = np.bincount(bins)
    mean_p, mean_y = np.bincount(bins, weights=p) / counts, np.bincount(bins, weights=y) / counts
    rows = []
    for n, said, happened in zip(counts.tolist(), mean_p.tolist(), mean_y.tolist(), strict=True):
        low, high = wilson(happened, n * min(1.0, share_effective))
        rows.append({"n": n, "mean_p": said, "mean_y": happened, "low": low, "high": high})
    return rows


def calibration_error(rows: list[Json]) -> float:
    """ECE: mean distance between what was said and what happened, weighted by bin."""
    return float(sum(b["n"] * abs(b["mean_p"] - b["mean_y"]) for b in rows) / sum(b["n"] for b in rows))


def brier_parts(p: Floats, y: Floats, bins: NDArray[np.int64]) -> dict[str, float]:
    """Murphy's (1973) parts and Stephenson et al.'s (2008) term inside bins; their sum is the Brier score itself.

    mean (p - y)^2 = reliability - resolution + uncertainty + within.
    """
    counts = np.bincount(bins)
    mean_p, mean_y = np.bincount(bins, weights=p) / counts, np.bincount(bins, weights=y) / counts
    weights = counts / len(p)
    inside_p, inside_y = p - mean_p[bins], y - mean_y[bins]
    return {
        "reliability": float(weights @ (mean_p - mean_y) ** 2),
        "resolution": float(weights @ (mean_y - y.mean()) ** 2),
        "uncertainty": float(np.mean((y - y.mean()) ** 2)),
        "within": float(np.mean(inside_p**2 - 2 * inside_p * inside_y)),
    }
