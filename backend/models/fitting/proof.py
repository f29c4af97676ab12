"""What a model's earlier forecasts earned, by horizon, side and tenth of the day: the proof behind a call.

Fitted with every training from forecasts made before their outcome, so that a replayed version knows what a live one of
that night would have known. Rule: docs/methods.md 4.1; words: backend.domain.verdicts.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from backend.domain.figures import SAME_WITHIN
from backend.domain.forecasts import Direction
from backend.domain.members import BASE
from backend.domain.verdicts import TENTHS
from backend.models.fitting.features import Labels
from backend.models.fitting.panel import FloatArray
from backend.models.fitting.prequential import Prequential
from backend.stats import blocks
from backend.stats.ranking import ranks_within

ALPHA: Final = 0.05
SESSIONS: Final = 250
_DIGITS: Final = 8
_SIGNS: Final = {Direction.UP: 1.0, Direction.DOWN: -1.0}
Proof = dict[str, dict[str, dict[str, Any]]]
Whole = NDArray[np.int64]


@dataclass(frozen=True)
class EarlierForecasts:
    """Columns of n forecasts with an outcome: session (a number), lean, market-adjusted return, cost (fractions)."""

    days: Whole
    leans: FloatArray
    adjusted_returns: FloatArray
    costs: FloatArray


def tenths(days: Whole, leans: FloatArray) -> Whole:
    """0..9 for each forecast: where its lean stands among those of the same day; equal leans share a tenth."""
    if not len(days):
        return np.zeros(0, dtype=np.int64)
    ranks = ranks_within(days, leans)
    counts = np.bincount(days)[days]
    found: Whole = np.minimum((ranks + 0.5) * TENTHS / counts, TENTHS - 1).astype(np.int64)
    return found


def earlier_forecasts(
    said: Prequential, name: str, neutral: float | None, labels: Labels, costs: FloatArray
) -> EarlierForecasts:
    """Forecasts of one model and horizon whose outcome is known; `neutral` as in Member, `costs` by session."""
    p_up, base = said.said(name), said.said(BASE)
    adjusted = labels.adjusted[said.stocks, said.days]
    # A rule that abstains says the base rate and takes no side.
    leans = np.where(p_up == base, 0.0, p_up - (base if neutral is None else neutral))
    known = np.isfinite(leans) & np.isfinite(adjusted)
    days = said.days[known]
    return EarlierForecasts(days, leans[known], adjusted[known], costs[days])


def prove(earlier: EarlierForecasts, horizon: int) -> Proof:
    """Side -> tenth -> record of such forecasts in the last 250 sessions: see `_record`."""
    if not len(earlier.days):
        return {}
    recent = earlier.days > earlier.days.max() - SESSIONS
    days, leans = earlier.days[recent], earlier.leans[recent]
    cells = tenths(days, leans)
    found: Proof = {}
    for side, sign in _SIGNS.items():
        said = sign * leans >= SAME_WITHIN
        nets = sign * earlier.adjusted_returns[recent] - earlier.costs[recent]
        records = {
            str(tenth): _record(days[chosen], nets[chosen], horizon)
            for tenth in range(TENTHS)
            if (chosen := said & (cells == tenth)).any()
        }
        if records:
            found[side.value] = records
    return found


def _record(days: Whole, nets: FloatArray, horizon: int) -> dict[str, Any]:
    """Forecasts, sessions and independent blocks, the mean net outcome of a session and its lower bound.

    `net` and `low` are fractions; `low` is None while there are too few blocks for the confidence sequence.
    """
    present, position = np.unique(days, return_inverse=True)
    daily = np.bincount(position, weights=nets) / np.bincount(position)
    length = blocks.block_length(daily, horizon)
    means = blocks.block_means(daily, length)
    bounds = blocks.bounds(means, length, ALPHA)
    return {
        "n": len(nets),
        "n_days": len(present),
        "blocks": len(means),
        "net": round(float(daily.mean()), _DIGITS),
        "low": None if bounds is None else round(bounds[0], _DIGITS),
    }
