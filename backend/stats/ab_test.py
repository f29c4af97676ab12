"""Compares two model versions by one number a session: the mean loss of A less that of B (docs/methods.md 7).

Items of one day move together, so a test that counts items calls a difference between equal models in 39-65 % of cases
(bench.ab_test measures it). A session is the unit of every test here. The tests over days are valid for one look at
the end; the confidence sequence for a look every day. `daily`: differences by session, in their order.
"""

import math
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import lambertw

from backend.stats.intervals import Floats, Json, clustered_mean, described, student_p, student_quantile
from backend.stats.metrics import hits, log_losses
from backend.stats.power import sessions_for

FIRST_LOOK: Final = 20
TUNED_FOR: Final = 120  # sessions at which the confidence sequence is tightest
LEAST_LAG: Final = 5
MEAN_BLOCK: Final = 5
DRAWS: Final = 2000
# Below these a difference changes nothing that anybody would notice; after so many sessions nobody waits any more.
SMALLEST_GAP: Final = {"brier": 0.0005, "log_loss": 0.001, "accuracy": 0.005}
PATIENCE: Final = 500


def losses(metric: str, p: Floats, y: Floats) -> Floats:
    """Loss of each item, smaller is better; that of accuracy is 1 less the hit."""
    if metric == "brier":
        return (p - y) ** 2
    return log_losses(p, y) if metric == "log_loss" else 1 - hits(p, y)


def day_t(daily: Floats, alpha: float) -> Json:
    """Paired t test of the daily differences against 0."""
    return _judged(clustered_error(daily, 0, small_sample=True), daily, alpha, lag=0)


def diebold_mariano(daily: Floats, alpha: float, horizon: int) -> Json:
    """Diebold and Mariano (1995), Bartlett weights up to lag max(h - 1, 5), with a factor for small samples.

    The factor, of Harvey, Leybourne and Newbold (1997), is for a forecast of as many steps as the weights reach over,
    so it takes lag + 1 for the horizon.
    """
    n, lag = len(daily), min(max(horizon - 1, LEAST_LAG), max(len(daily) - 2, 0))
    error = clustered_error(daily, lag)
    if error is not None:
        steps = lag + 1
        factor = (n + 1 - 2 * steps + steps * (steps - 1) / n) / n
        error = error / math.sqrt(factor) if factor > 0 else None
    return _judged(error, daily, alpha, lag=lag)


def clustered_error(daily: Floats, lag: int, *, small_sample: bool = False) -> float | None:
    """Standard error of the mean of daily differences by Newey and West; None with one day or no variation."""
    n = len(daily)
    error = clustered_mean(daily, np.arange(n), lag).error if n >= 2 else None
    if not error:
        return None
    return error * math.sqrt(n / (n - 1)) if small_sample else error


def _judged(error: float | None, daily: Floats, alpha: float, *, lag: int) -> Json:
    if error is None:
        return {"statistic": None, "p_value": None, "low": None, "high": None, "lag": lag}
    mean, degrees = float(daily.mean()), len(daily) - 1
    half = student_quantile(alpha, degrees) * error
    t = mean / error
    return {"statistic": t, "p_value": student_p(t, degrees), "low": mean - half, "high": mean + half, "lag": lag}


def bootstrap_means(daily: Floats, seed: int, draws: int = DRAWS) -> Floats:
    """Means of `draws` resamples by the stationary bootstrap (Politis and Romano 1994), mean block 5 sessions."""
    n, rng = len(daily), np.random.default_rng(seed)
    starts = rng.integers(0, n, (draws, n))
    begins = rng.random((draws, n)) < 1 / MEAN_BLOCK
    begins[:, 0] = True
    position = np.arange(n)
    # Each day continues the block that began last: its start plus the days since.
    block = np.maximum.accumulate(np.where(begins, position, 0), axis=1)
    chosen = (np.take_along_axis(starts, block, axis=1) + position - block) % n
    means: Floats = daily[chosen].mean(axis=1)
    return means


def bootstrap(daily: Floats, alpha: float, seed: int) -> Json:
    """Percentile interval and two-sided p-value of the mean from the stationary bootstrap."""
    if len(daily) < 2:
        return {"statistic": None, "p_value": None, "low": None, "high": None, "lag": MEAN_BLOCK}
    means = bootstrap_means(daily, seed)
    low, high = np.quantile(means, [alpha / 2, 1 - alpha / 2]).tolist()
    beyond = min(float(np.mean(means <= 0)), float(np.mean(means >= 0)))
    p_value = min(1.0, (2 * beyond * DRAWS + 1) / (DRAWS + 1))
    return {"statistic": float(daily.mean()), "p_value": p_value, "low": low, "high": high, "lag": MEAN_BLOCK}


def rho_for(sessions: int, alpha: float) -> float:
    """The mixture's scale that makes the sequence tightest at `sessions` (Waudby-Smith et al. 2024, appendix C)."""
    inner = -(alpha**2) * math.exp(-1)
    return math.sqrt((-float(np.real(lambertw(inner, k=-1))) - 1) / sessions)


def confidence_sequence(daily: Floats, alpha: float) -> tuple[Floats, Floats]:
    """(low, high) after each session, NaN before the first look: valid at every look at once.

    Asymptotic confidence sequence of Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas (2024), Theorem 2.2:
    mean +- s sqrt(2 (k rho^2 + 1) / (k^2 rho^2) ln(sqrt(k rho^2 + 1) / alpha)).
    """
    k = np.arange(1, len(daily) + 1, dtype=np.float64)
    means = np.cumsum(daily) / k
    variances = np.maximum(np.cumsum(daily**2) / k - means**2, 0) * k / np.maximum(k - 1, 1)
    return means - half_widths(variances, k, alpha), means + half_widths(variances, k, alpha)


def half_widths(variances: Floats, k: Floats, alpha: float) -> Floats:
    """Half of the sequence's width after k sessions, NaN before the first look."""
    scale = k * rho_for(TUNED_FOR, alpha) ** 2
    width: Floats = np.sqrt(variances * 2 * (scale + 1) / (k * scale) * np.log(np.sqrt(scale + 1) / alpha))
    return np.where(k >= FIRST_LOOK, width, np.nan)


def first_decision(low: Floats, high: Floats) -> int | None:
    """The first session (1, 2, ...) after which the sequence leaves out 0."""
    found: NDArray[np.int64] = np.flatnonzero((low > 0) | (high < 0))
    return int(found[0]) + 1 if len(found) else None


def judge(test: dict[str, Any], mean: float, bounds: tuple[float | None, float | None], need: int | None,
          n_days: int) -> tuple[str, str]:  # fmt: skip
    """Verdict and its reason in one sentence, from the sequence and the sessions needed at the measured difference."""
    gap, minimum = SMALLEST_GAP[test["metric"]], test["minimum_sessions"]
    low, high = (-math.inf if bounds[0] is None else bounds[0]), (math.inf if bounds[1] is None else bounds[1])
    if n_days < minimum:
        return "no difference yet", f"{n_days} of the {minimum} sessions fixed before the start have been seen."
    if abs(mean) >= gap and (low > 0 or high < 0):
        better = "B" if mean > 0 else "A"
        return better, f"{better} loses less on average, by {abs(mean):.5f}, and the confidence sequence leaves out 0."
    if max(-low, high) < gap:
        return "no difference worth having", f"Whatever the difference is, it is smaller than {gap}."
    if need is not None and need > PATIENCE:
        return "no difference worth having", f"To be sure of what is measured would take {need} sessions."
    return "no difference yet", "The confidence sequence still holds 0; more sessions may tell."


def _loss(daily: Floats, n: int) -> Json:
    return described(clustered_mean(daily, np.arange(len(daily))), None) | {"n": n}


def compare(payload: dict[str, Any]) -> Json:
    """Operation of the model process: the whole panel of a test, JSON in and out.

    In: {"metric", "horizon", "alpha", "minimum_sessions", "seed", "trade_dates": [D], "counts": [D],
         "p_a", "p_b", "y": [N] in order of the dates, "failed_a", "failed_b"}
    Out: the members of backend.api.ab_test.Panel and "days" (of Look). Differences are A less B.
    """
    metric, alpha, horizon = payload["metric"], payload["alpha"], payload["horizon"]
    counts = np.array(payload["counts"], dtype=np.float64)
    days = np.repeat(np.arange(len(counts)), counts.astype(np.int64))
    y = np.array(payload["y"], dtype=np.float64)
    sides = [np.array(payload[name], dtype=np.float64) for name in ("p_a", "p_b")]

    def daily_loss(name: str, p: Floats) -> Floats:
        return np.bincount(days, weights=losses(name, p, y), minlength=len(counts)) / counts

    by_side = [daily_loss(metric, p) for p in sides]
    daily = by_side[0] - by_side[1]
    others = [name for name in SMALLEST_GAP if name != metric]
    secondary = {name: _loss(daily_loss(name, sides[0]) - daily_loss(name, sides[1]), len(y)) for name in others}
    low, high = confidence_sequence(daily, alpha)
    return {
        **_panel(payload, daily, low, high),
        "n": len(y),
        "failed_a": payload["failed_a"],
        "failed_b": payload["failed_b"],
        "loss_a": _loss(by_side[0], len(y)),
        "loss_b": _loss(by_side[1], len(y)),
        "day_t": day_t(daily, alpha),
        "diebold_mariano": diebold_mariano(daily, alpha, horizon),
        "bootstrap": bootstrap(daily, alpha, payload["seed"]),
        "secondary": secondary,
        "days": _looks(payload, daily, low, high),
    }


def _panel(payload: dict[str, Any], daily: Floats, low: Floats, high: Floats) -> Json:
    metric, n_days, mean = payload["metric"], len(daily), float(daily.mean())
    sd = float(daily.std(ddof=1)) if n_days > 1 else None
    gap = max(abs(mean), SMALLEST_GAP[metric])
    need = sessions_for(gap, sd) if sd is not None and n_days >= FIRST_LOOK else None
    now = _plain(low[-1]), _plain(high[-1])
    verdict, reason = judge(payload, mean, now, need, n_days)
    bounds = {"low": now[0], "high": now[1]}
    sequence = bounds | {"first_session": FIRST_LOOK, "decided_at_session": first_decision(low, high)}
    return {
        "verdict": verdict,
        "reason": reason,
        "n_days": n_days,
        "difference": mean,
        **bounds,
        "p_value": day_t(daily, payload["alpha"])["p_value"],
        "sequence": sequence,
        "sd_of_days": sd,
        "smallest_gap": SMALLEST_GAP[metric],
        "sessions_needed": need,
    }


def _looks(payload: dict[str, Any], daily: Floats, low: Floats, high: Floats) -> list[Json]:
    means = np.cumsum(daily) / np.arange(1, len(daily) + 1)
    return [
        {
            "trade_date": day, "n": n, "difference": float(daily[k]), "mean": float(means[k]),
            "low": _plain(low[k]), "high": _plain(high[k]),
        }
        for k, (day, n) in enumerate(zip(payload["trade_dates"], payload["counts"], strict=True))
    ]  # fmt: skip


def _plain(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
