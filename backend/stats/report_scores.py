"""Scores of a report's forecast over the five sessions after it: target, timing, risk, 0..1 (docs/methods.md 8).

Plain Python, as backend.stats.scoring. A call up is judged by highs, a call down by lows, hold by both edges. A
direction is called against the base rate, so the median of a call may lie on the other side of the price: such a call
has no target and is judged as hold is.
These judge what a report promised; they never enter a model's accuracy or its place on the leaderboard.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

SESSIONS: Final = 5


@dataclass(frozen=True, slots=True)
class Promise:
    """What a report said: direction up, down or hold, the price it started from, and its 80% band."""

    direction: str
    price_krw: float
    low_krw: float
    median_krw: float
    high_krw: float


@dataclass(frozen=True, slots=True)
class Scores:
    """`hit_session`: in which session (1..5) the target was touched; timing is None without a target, as for hold."""

    target: float
    timing: float | None
    risk: float
    hit_session: int | None


def score_report(promise: Promise, highs: Sequence[float], lows: Sequence[float], closes: Sequence[float]) -> Scores:
    """Scores over the sessions after the report, in the price units of its moment.

    target: share of the way to the median that the best price went (hold: share of closes inside the band).
    timing: 1 when the target was touched in the first session, 0.2 in the fifth, 0 if never.
    risk: 1 while the worst price stayed inside the band, 0 when it went twice as far as the band's edge.
    """
    below = _kept(promise.price_krw - min(lows), promise.price_krw - promise.low_krw)
    above = _kept(max(highs) - promise.price_krw, promise.high_krw - promise.price_krw)
    if not _has_target(promise):
        inside = [promise.low_krw <= close <= promise.high_krw for close in closes]
        return Scores(sum(inside) / len(inside), None, min(below, above), None)
    sign, best = (1, highs) if promise.direction == "up" else (-1, lows)
    way = sign * (promise.median_krw - promise.price_krw)
    went = [sign * (price - promise.price_krw) for price in best]
    hit = hit_session(promise, highs, lows)
    target = 1.0 if hit is not None else _share(max(went) / way)
    return Scores(target, 0.0 if hit is None else 1 - (hit - 1) / SESSIONS, below if sign > 0 else above, hit)


def hit_session(promise: Promise, highs: Sequence[float], lows: Sequence[float]) -> int | None:
    """The first session (1, 2, ...) that touched the median of a call up or down; None also without a target."""
    if not _has_target(promise):
        return None
    if promise.direction == "up":
        return next((n for n, price in enumerate(highs, start=1) if price >= promise.median_krw), None)
    return next((n for n, price in enumerate(lows, start=1) if price <= promise.median_krw), None)


def _has_target(promise: Promise) -> bool:
    if promise.direction == "up":
        return promise.median_krw > promise.price_krw
    return promise.direction == "down" and promise.median_krw < promise.price_krw


def _share(value: float) -> float:
    return min(1.0, max(0.0, value))


def _kept(distance: float, width: float) -> float:
    return _share(2 - distance / width) if width > 0 else float(distance <= 0)
