"""Losses of one prediction against what the price did. Plain Python, because rows are scored one at
a time in the scheduler process, which loads no numpy.

Formulas: docs/methods.md 1 and 5. No setting: a change here needs a new `domain.record.ENGINE_VERSION`.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from backend.domain.forecasts import HIGH, LOW, QUANTILES

LOG_CLIP = 1e-4
# An adjusted return this small is rounding, not a move: such a day is nobody's hit and nobody's miss.
ZERO = 1e-12


@dataclass(frozen=True, slots=True)
class Score:
    """z in sigmas over the horizon, y 1/0.5/0, losses (smaller is better); pinball in sigmas."""

    z: float
    y: float
    in_band: bool
    loss_brier: float
    loss_log: float
    loss_pinball: float


Value = TypeVar("Value")  # a float, or a numpy array of them


def window_return(r: Value, beta: Value, first_leg: Value, later: Value) -> Value:
    """AR = r - beta * r_market, the label of every window (docs/methods.md 1.2); plain returns, not logarithms.

    `r`: of the stock from entry to exit. `first_leg`: the market's return from the entry to the close of its session;
    `later`: its growth from there to the exit, 1 when there are no later sessions.
    """
    market: Any = (1 + first_leg) * later - 1  # type: ignore[operator]
    adjusted: Value = r - beta * market
    return adjusted


def went_up(adjusted_return: float) -> float:
    """y: 1 if the stock beat its market, 0 if it did not, 0.5 if it did neither."""
    if abs(adjusted_return) <= ZERO:
        return 0.5
    return 1.0 if adjusted_return > 0 else 0.0


def horizon_sigma(sigma: float, horizon: int) -> float:
    """Daily sigma scaled to `horizon` sessions; the rest of a session (0) counts as a whole one."""
    return sigma * math.sqrt(max(horizon, 1))


def brier_loss(p_up: float, y: float) -> float:
    return (p_up - y) ** 2


def log_loss(p_up: float, y: float) -> float:
    """Cross entropy with p clipped to [1e-4, 1 - 1e-4], so that one sure miss cannot outweigh a year."""
    p = min(max(p_up, LOG_CLIP), 1 - LOG_CLIP)
    return -(y * math.log(p) + (1 - y) * math.log(1 - p))


def pinball_loss(value: float, quantiles: Sequence[float]) -> float:
    """Mean over domain.forecasts.QUANTILES of max(a e, (a - 1) e) with e = value - quantile."""
    errors = [(level, value - quantile) for level, quantile in zip(QUANTILES, quantiles, strict=True)]
    return sum(max(level * e, (level - 1) * e) for level, e in errors) / len(QUANTILES)


def score_prediction(
    *, p_up: float, quantiles_krw: Sequence[int], sigma: float, horizon: int, exit_krw: float, adjusted_return: float
) -> Score:
    """Score one prediction: `sigma` daily, `horizon` in sessions, `adjusted_return` a fraction.

    `exit_krw` is in the price units of the prediction (before any later split).

    Direction is judged on the market-adjusted return, the band on the price itself: that is what it promises.
    """
    unit = horizon_sigma(sigma, horizon)
    y = went_up(adjusted_return)
    errors = [math.log(quantile / exit_krw) / unit for quantile in quantiles_krw]
    return Score(
        z=adjusted_return / unit,
        y=y,
        in_band=quantiles_krw[LOW] <= exit_krw <= quantiles_krw[HIGH],
        loss_brier=brier_loss(p_up, y),
        loss_log=log_loss(p_up, y),
        loss_pinball=pinball_loss(0.0, errors),
    )
