"""The record of forecasts of size: skills against what they must beat, with intervals, and calibration."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from backend.domain.record import SIZE_LOSSES
from backend.stats.blocks import Floats
from backend.stats.calibration import calibration_error, equal_mass_bins, reliability
from backend.stats.intervals import Days, Json, clustered_mean, clustered_ratio, described
from backend.stats.sizes.losses import THRESHOLD

# Name of the figure -> loss of the model, loss of what it must beat.
_SKILLS = {
    "brier_skill_3pct": ("brier_3pct", "brier_3pct_own"),
    "brier_skill_3pct_250": ("brier_3pct", "brier_3pct_recent"),
    "brier_skill_3pct_ewma": ("brier_3pct", "brier_3pct_ewma"),
    "brier_skill_large": ("brier_large", "brier_large_own"),
    "pinball_skill": ("pinball", "pinball_own"),
    "pinball_skill_ewma": ("pinball", "pinball_ewma"),
}


def summarise(days: Days, p: Floats, moves: Floats, losses: Mapping[str, Floats], horizon: int) -> Json:
    """Figures of n >= 1 items ordered by day; `days` count from 0. A skill is None where its base never erred."""
    values: Json = {}
    for name, (own, base) in _SKILLS.items():
        reference = losses[base]
        gain = reference - losses[own]
        is_known = bool(reference.sum())
        values[name] = described(clustered_ratio(gain, reference, days, horizon), 0.0) if is_known else None
    y = (np.abs(moves) > THRESHOLD).astype(np.float64)
    rate = clustered_mean(y, days, horizon)
    bins = reliability(p, y, equal_mass_bins(p), _effective_share(rate.value, rate.error, len(y)))
    n_days = int(days.max()) + 1
    counts = {"n": len(y), "n_days": n_days}
    values["rate_3pct"] = described(rate, float(p.mean()), bounds=(0, 1))
    values["ece"] = {"value": calibration_error(bins), "low": None, "high": None, "baseline": 0.0, **counts}
    return {**counts, "values": values | {"bins": bins}}


def _effective_share(rate: float, error: float | None, n: int) -> float:
    """Independent items over all of them: stocks of one day move together."""
    return min(1.0, rate * (1 - rate) / error**2 / n) if error else 1.0


def summarise_sizes(payload: Json) -> Json:
    """Operation of the model process: {horizon, days, p, moves, losses, windows} -> {windows}; `days`: ISO, ascending.

    `losses`: of each item in the order of domain.record.SIZE_LOSSES. `windows`: sessions looked back, None for all; of
    each one a dictionary n, n_days, values.
    """
    dates, days = np.unique(payload["days"], return_inverse=True)
    p, moves = (np.array(payload[name], dtype=np.float64) for name in ("p", "moves"))
    table = np.array(payload["losses"], dtype=np.float64).reshape(len(days), len(SIZE_LOSSES))
    found: list[dict[str, Any]] = []
    for sessions in payload["windows"]:
        first = 0 if sessions is None else max(0, len(dates) - sessions)
        chosen = days >= first
        losses = {name: table[chosen, n] for n, name in enumerate(SIZE_LOSSES)}
        numbers = (days[chosen] - first).astype(np.int64)
        found.append(summarise(numbers, p[chosen], moves[chosen], losses, payload["horizon"]))
    return {"windows": found}
