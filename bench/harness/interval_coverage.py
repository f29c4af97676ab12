"""How often azak's 95 % intervals hold the truth, in histories with calm and wild times (`bench.verdicts --coverage`).

A history: 250 sessions of 30 stocks. Calm times (sigma .8 of the usual) of 20 sessions and wild ones (1.8) of 14 in the
mean take turns for the whole market, returns have fat tails and a common part of 5 %, views persist (.9), outcomes of
five sessions overlap. The truth is the mean over all histories.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from backend.stats.blocks import Floats
from backend.stats.metrics import Items, summarise
from bench.harness.command import say

SESSIONS, STOCKS, WARM_UP = 250, 30, 60
HORIZONS: Final = (1, 5)
SIGMA, SHARED, VIEW, PERSISTENCE, BASE_RATE, COST = 0.017, 0.05, 0.03, 0.9, 0.48, 0.0034
CALM, WILD, CALM_SESSIONS, WILD_SESSIONS = 0.8, 1.8, 20, 14
EIGHTY: Final = 1.2816
NAMES: Final[NDArray[np.str_]] = np.array([f"{number:06}" for number in range(STOCKS)])
_METRICS: Final = (
    "accuracy", "accuracy_shown", "base_rate", "brier", "brier_skill", "log_loss", "band_coverage", "band_width",
    "crps", "ic", "rank_ic",
)  # fmt: skip


def _volatility(rng: np.random.Generator, sessions: int) -> Floats:
    is_wild = bool(rng.random() < WILD_SESSIONS / (CALM_SESSIONS + WILD_SESSIONS))
    found = np.empty(sessions)
    for day in range(sessions):
        if rng.random() < 1 / (WILD_SESSIONS if is_wild else CALM_SESSIONS):
            is_wild = not is_wild
        found[day] = WILD if is_wild else CALM
    return SIGMA * found


def history(rng: np.random.Generator, horizon: int) -> Items:
    """Forecasts and outcomes of one history; the forecasts know nothing."""
    sessions = WARM_UP + SESSIONS + horizon
    noise = np.sqrt(SHARED) * rng.normal(size=(sessions, 1))
    noise = noise + np.sqrt(1 - SHARED) * rng.standard_t(5, size=(sessions, STOCKS)) / np.sqrt(5 / 3)
    returns = _volatility(rng, sessions)[:, None] * (noise - 0.03)
    variance = np.full(STOCKS, SIGMA**2)
    sigmas = np.empty((sessions, STOCKS))
    for day in range(sessions):
        sigmas[day] = np.sqrt(variance)
        variance = 0.94 * variance + 0.06 * returns[day] ** 2
    level = np.vstack([np.zeros((1, STOCKS)), np.cumsum(returns, axis=0)])
    begins = np.arange(WARM_UP, WARM_UP + SESSIONS)
    moves = (level[begins + horizon] - level[begins]).ravel()
    scale = (sigmas[begins] * np.sqrt(horizon)).ravel()
    views = rng.normal(size=(SESSIONS, STOCKS))
    for day in range(1, SESSIONS):
        views[day] = PERSISTENCE * views[day - 1] + np.sqrt(1 - PERSISTENCE**2) * views[day]
    p = BASE_RATE + VIEW * views.ravel()
    z = moves / scale
    pinball = (
        sum(np.maximum(a * (z - q), (a - 1) * (z - q)) for a, q in ((0.1, -EIGHTY), (0.5, 0.0), (0.9, EIGHTY))) / 3
    )
    n = SESSIONS * STOCKS
    return Items(
        days=np.repeat(np.arange(SESSIONS), STOCKS), stocks=np.tile(np.arange(STOCKS), SESSIONS), p=p,
        reference_p=np.full(n, BASE_RATE), y=(moves > 0).astype(np.float64), adjusted_returns=moves, raw_returns=moves,
        gaps=np.zeros(n), directions=np.where(np.abs(p - BASE_RATE) > VIEW, np.sign(p - BASE_RATE), 0),
        in_band=(np.abs(z) < EIGHTY).astype(np.float64), band_widths=2 * EIGHTY * scale, pinball=pinball,
        reference_pinball=pinball, costs=np.full(n, COST),
    )  # fmt: skip


def _intervals(items: Items, horizon: int) -> Iterator[tuple[str, tuple[float, float, float]]]:
    """(metric, (value, low, high)) of one history."""
    values = summarise(items, horizon, NAMES)["values"]
    found = {name: values[name] for name in _METRICS}
    found |= {"daily_return": values["money"]["long_only"]["daily_return"], "universe": values["money"]["universe"]}
    for name, estimate in found.items():
        yield name, (estimate["value"], estimate["low"], estimate["high"])


def measure(histories: int, seed: int = 1) -> dict[str, float]:
    """Share of 95 % intervals that hold the truth, by horizon and metric."""
    shares: dict[str, float] = {}
    for horizon in HORIZONS:
        rng = np.random.default_rng(seed)
        rows: dict[str, list[tuple[float, float, float]]] = {}
        for number in range(histories):
            for name, interval in _intervals(history(rng, horizon), horizon):
                rows.setdefault(name, []).append(interval)
            if number % 200 == 199:
                say(f"coverage, horizon {horizon}: {number + 1} of {histories} histories")
        for name, found in rows.items():
            value, low, high = np.array(found).T
            truth = value.mean()
            shares[f"coverage_h{horizon}_{name}"] = float(np.mean((low <= truth) & (truth <= high)))
    return shares
