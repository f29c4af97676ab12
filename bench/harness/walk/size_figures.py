"""Figures of forecasts of size against what came: see bench.size."""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from backend.models.fitting.panel import FloatArray
from backend.models.size import references
from backend.models.size.fitting import SizeData
from backend.models.size.moves import Moves
from backend.models.size.shape import SCORED
from backend.stats.calibration import calibration_error, equal_mass_bins, reliability
from backend.stats.intervals import clustered_ratio

LAGS: Final = 15
WORST: Final = 21
MISSED: Final = 0.2  # by a band of 80 %
THRESHOLDS: Final = {"3pct": references.THRESHOLD, "5pct": 0.05}
Chosen = NDArray[np.bool_]
Figures = dict[str, float | None]


def measure(said: Mapping[str, FloatArray], data: SizeData, moves: Moves, first: int) -> Figures:
    """All figures of the columns from `first` on where the model spoke and the outcome is known."""
    chosen = np.isfinite(said["p3_model"]) & np.isfinite(moves.adjusted) & np.isfinite(moves.logs)
    chosen[:, :first] = False
    found: Figures = {"n": int(chosen.sum()), "n_days": int(chosen.any(axis=0).sum())}
    if not found["n"]:
        return found
    for name, threshold in THRESHOLDS.items():
        found |= _brier(name, said, moves.adjusted, threshold, chosen)
    found |= _pinball(said, np.abs(moves.adjusted), chosen)
    found |= _by_part(said, data, moves.adjusted, chosen)
    found |= _bands(said, moves, chosen)
    return {name: value if value is None else round(value, 5) for name, value in found.items()}


def _days(chosen: Chosen) -> NDArray[np.int64]:
    """Of each chosen item the number of its day, 0 to days - 1, those without an item left out."""
    days = np.nonzero(chosen)[1]
    return np.unique(days, return_inverse=True)[1].astype(np.int64)


def skill(losses: FloatArray, base: FloatArray, chosen: Chosen) -> tuple[float, float | None]:
    """1 - loss / base loss, and over its error: of sums of days, with Bartlett weights over LAGS days."""
    gain, total = (base - losses)[chosen], float(base[chosen].sum())
    if not total:
        return 0.0, None
    value = float(gain.sum()) / total
    sums = np.bincount(_days(chosen), weights=gain - value * base[chosen])
    variance = float(sums @ sums)
    for lag in range(1, min(LAGS, len(sums) - 1) + 1):
        variance += 2 * (1 - lag / (LAGS + 1)) * float(sums[lag:] @ sums[:-lag])
    return value, value * total / variance**0.5 if variance > 0 else None


def _brier(name: str, said: Mapping[str, FloatArray], moves: FloatArray, threshold: float, chosen: Chosen) -> Figures:
    happened = (np.abs(moves) > threshold).astype(np.float64)
    losses = (said[f"p{name[0]}_model"] - happened) ** 2
    bases = {
        "": references.own_rates(moves, threshold, 1),
        "_250": references.own_rates(moves, threshold, 1, references.RECENT),
        "_ewma": said[f"p{name[0]}_ewma"],
    }
    found: Figures = {}
    for base, forecast in bases.items():
        reference = (forecast - happened) ** 2
        both = chosen & np.isfinite(reference)
        value, t = skill(losses, reference, both)
        found |= {f"brier_skill_{name}{base}": value, f"brier_skill_{name}{base}_t": t}
        if not base and t is not None:
            ratio = clustered_ratio((reference - losses)[both], reference[both], _days(both), 1)
            low, high = ratio.interval() or (None, None)
            found |= {f"brier_skill_{name}_low": low, f"brier_skill_{name}_high": high}
    if name == "3pct":
        p, y = said["p3_model"][chosen], happened[chosen]
        found["ece"] = calibration_error(reliability(p, y, equal_mass_bins(p), 1.0))
        found["rate_3pct"] = float(y.mean())
    return found


def _pinball(said: Mapping[str, FloatArray], sizes: FloatArray, chosen: Chosen) -> Figures:
    levels = np.array(SCORED)
    losses = {}
    for name in ("model", "own", "ewma"):
        errors = sizes[:, :, None] - said[f"sizes_{name}"]
        losses[name] = np.maximum(levels * errors, (levels - 1) * errors).mean(axis=2)
    value, t = skill(losses["model"], losses["own"], chosen)
    against, against_t = skill(losses["model"], losses["ewma"], chosen)
    return {
        "pinball_skill": value, "pinball_skill_t": t, "pinball_skill_ewma": against, "pinball_skill_ewma_t": against_t,
    }  # fmt: skip


def _by_part(said: Mapping[str, FloatArray], data: SizeData, moves: FloatArray, chosen: Chosen) -> Figures:
    """The Brier skill at 3 % of each year and of each half of the stocks, taken in turn."""
    happened = np.abs(moves) > references.THRESHOLD
    losses = (said["p3_model"] - happened) ** 2
    base = (references.own_rates(moves, references.THRESHOLD, 1) - happened) ** 2
    years = np.array([day[:4] for day in data.panel.dates])
    parts: dict[str, Any] = {year: (years == year)[None, :] for year in sorted(set(years.tolist()))}
    halves = np.arange(len(moves)) % 2 == 0
    parts |= {"half_1": halves[:, None], "half_2": ~halves[:, None]}
    return {
        f"brier_skill_3pct_{name}": skill(losses, base, chosen & part)[0]
        for name, part in parts.items()
        if (chosen & part).any()
    }


def _coverage(inside: FloatArray, chosen: Chosen) -> tuple[float, float]:
    """Of all chosen, and of the worst WORST sessions in a row."""
    days = _days(chosen)
    counts = np.concatenate([[0], np.cumsum(np.bincount(days))])
    sums = np.concatenate([[0], np.cumsum(np.bincount(days, weights=inside[chosen]))])
    span = min(WORST, len(counts) - 1)
    return float(sums[-1] / counts[-1]), float(((sums[span:] - sums[:-span]) / (counts[span:] - counts[:-span])).min())


def _interval_scores(low: FloatArray, high: FloatArray, moves: FloatArray) -> FloatArray:
    """Width and 2 / .2 times what a move was outside (Gneiting and Raftery 2007)."""
    scores: FloatArray = high - low + 2 / MISSED * (np.maximum(low - moves, 0) + np.maximum(moves - high, 0))
    return scores


def _bands(said: Mapping[str, FloatArray], moves: Moves, chosen: Chosen) -> Figures:
    found: Figures = {}
    for name, end, moved in (("raw", "", moves.logs), ("adjusted", "_adjusted", moves.adjusted)):
        low, high = said[f"low_{name}"], said[f"high_{name}"]
        all_of_them, worst = _coverage(((low <= moved) & (moved <= high)).astype(np.float64), chosen)
        base = _interval_scores(said[f"low_{name}_ewma"], said[f"high_{name}_ewma"], moved)
        ratio = float(_interval_scores(low, high, moved)[chosen].sum() / base[chosen].sum())
        found |= {
            f"coverage_80{end}": all_of_them, f"worst_coverage_21{end}": worst, f"interval_score_ratio{end}": ratio,
        }  # fmt: skip
    return found
