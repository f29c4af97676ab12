"""Independent blocks of sessions: what every interval and every verdict of azak rests on (docs/methods.md 6.1 and 7).

Outcomes of h sessions overlap, views persist, and calm and wild times cluster, so that neighbouring sessions tell less
than as many independent ones. Sessions are therefore joined into blocks as long as their measured correlation, never
shorter than the horizon, and what correlation is left between blocks widens their spread.
"""

import bisect
import math
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import lambertw, ndtr, stdtrit

Floats = NDArray[np.float64]

# With fewer blocks than this their spread is not known well enough to decide anything.
FIRST_LOOK: Final = 8
TUNED_FOR: Final = 120  # sessions at which the confidence sequence is tightest
# Blocks never become so long that fewer than these remain (of short records fewer), unless the horizon asks for it.
LEAST_BLOCKS: Final = 25
SHORT_BLOCKS, SHORT_LENGTH = 8, 10
_WINDOW: Final = 5  # correlation times that are looked at (Sokal)
_MOST_CORRELATED: Final = 0.8


def correlation_time(daily: Floats, horizon: int) -> float:
    """Sessions that tell as much as one independent session: 1 + 2 times the sum of the autocorrelations, at least 1.

    Summed up to the first that is not above 0 beyond the horizon, and at most over five times the sum itself
    (Sokal 1997), because what follows is noise.
    """
    n, centred = len(daily), daily - daily.mean() if len(daily) else daily
    variance = float(centred @ centred)
    found = 1.0
    if variance <= 0:
        return found
    for lag in range(1, n // 4):
        correlation = float(centred[lag:] @ centred[:-lag]) / variance
        if (correlation <= 0 and lag >= horizon) or lag > _WINDOW * found:
            break
        found += 2 * correlation
    return max(found, 1.0)


def block_length(daily: Floats, horizon: int) -> int:
    """Sessions of a block for a series with one value a session; `horizon`: sessions of an outcome."""
    measured = math.ceil(correlation_time(daily, horizon) - 1)
    longest = max(len(daily) // LEAST_BLOCKS, min(SHORT_LENGTH, len(daily) // SHORT_BLOCKS))
    return max(horizon, 1, min(measured, longest))


def block_means(daily: Floats, length: int) -> Floats:
    """Means of the whole blocks in their order, the first beginning with the first session; a begun one waits."""
    whole = len(daily) // length
    means: Floats = daily[: whole * length].reshape(whole, length).mean(axis=1)
    return means


def left_over(blocks: Floats) -> float:
    """Factor, at least 1, by which correlation of neighbouring blocks (mean 0) widens the variance of their sum.

    (1 + r) / (1 - r) of an autoregression of order 1, r corrected for the bias of short series (Kendall 1954).
    """
    n, variance = len(blocks), float(blocks @ blocks)
    if n < 2 or variance <= 0:
        return 1.0
    r = float(blocks[1:] @ blocks[:-1]) / variance
    r = min(max(r + (1 + 3 * r) / n, 0.0), _MOST_CORRELATED)
    return (1 + r) / (1 - r)


def long_run_variance(means: Floats) -> float:
    """Variance of one block for statements about the mean of many; NaN with fewer than two blocks."""
    if len(means) < 2:
        return math.nan
    return float(means.var(ddof=1)) * left_over(means - means.mean())


def rho_for(looks: float, alpha: float) -> float:
    """The mixture's scale that makes the sequence tightest at `looks` (Waudby-Smith et al. 2024, appendix C)."""
    inner = -(alpha**2) * math.exp(-1)
    return math.sqrt((-float(np.real(lambertw(inner, k=-1))) - 1) / looks)


@lru_cache(maxsize=8192)
def half_width(blocks: int, length: int, alpha: float) -> float:
    """Half of the confidence sequence's width after `blocks` blocks, in standard deviations of one.

    Asymptotic confidence sequence of Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas (2024), Theorem 2.2:
    sqrt(2 (k rho^2 + 1) / (k^2 rho^2) ln(sqrt(k rho^2 + 1) / alpha)). It takes the spread for known; with
    few blocks it is not, so the quantile of the normal distribution becomes Student's of the same probability.
    """
    scale = blocks * rho_for(max(TUNED_FOR / length, FIRST_LOOK), alpha) ** 2
    z = math.sqrt(2 * (scale + 1) / scale * math.log(math.sqrt(scale + 1) / alpha))
    return float(-stdtrit(blocks - 1, ndtr(-z))) / math.sqrt(blocks)


def bounds(means: Floats, length: int, alpha: float) -> tuple[float, float] | None:
    """(low, high) of the confidence sequence after these blocks of `length` sessions; None before the first look."""
    if len(means) < FIRST_LOOK:
        return None
    half = half_width(len(means), length, alpha) * math.sqrt(long_run_variance(means))
    return float(means.mean()) - half, float(means.mean()) + half


def blocks_for(gap: float, variance: float, length: int, alpha: float) -> int:
    """Blocks, a million at most, after which the sequence is as narrow as `gap` (above 0) for this variance of one."""
    looks, spread = range(FIRST_LOOK, 1_000_000), math.sqrt(variance)
    return looks[0] + bisect.bisect_left(looks, True, key=lambda k: half_width(k, length, alpha) * spread <= gap)
