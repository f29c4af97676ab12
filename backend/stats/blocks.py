"""Blocks of sessions."""

from backend.stats import ab_test
from backend.stats.intervals import Floats


def block_length(daily: Floats, horizon: int) -> int:
    return max(horizon, 1)


def block_means(daily: Floats, length: int) -> Floats:
    whole = len(daily) // length
    return daily[: whole * length].reshape(whole, length).mean(axis=1)


def confidence_sequence(means: Floats, alpha: float) -> tuple[Floats, Floats]:
    return ab_test.confidence_sequence(means, alpha)
