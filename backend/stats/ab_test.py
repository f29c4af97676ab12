"""Compares two model versions by one number a session: the mean loss of A less that of B (docs/methods.md 7).

Items of one day move together, so a test that counts items calls a difference between equal models in a third of the
cases or more (bench.ab_test measures it); sessions overlap and views persist, so neighbouring sessions are joined into
blocks (backend.stats.blocks). The tests of one look are valid at the end only; the confidence sequence for a look every
day. `daily`: differences by session, in their order.
"""

import math
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from backend.domain.record import AB_DIRECTION, AB_SIZE
from backend.stats import blocks
from backend.stats.blocks import Floats
from backend.stats.intervals import Json, clustered_mean, described, student_p, student_quantile
from backend.stats.metrics import hits, log_losses
from backend.stats.ranking import is_equal

LEAST_LAG: Final = 5
LEAST_BLOCK: Final = 5  # sessions of a resampled block, in the mean
DRAWS: Final = 2000
# Below these a difference changes nothing that anybody would notice; after so many sessions nobody waits any more.
SMALLEST_GAP: Final = {
    "brier": 0.0005, "log_loss": 0.001, "accuracy": 0.005, "size_brier": 0.0005, "size_pinball": 0.00002,
}  # fmt: skip
PATIENCE: Final = 500
_DIGITS: Final = {"size_pinball": 7}
# Why a verdict is what it is: the code and the values are for programs and for the page's other language.
REASONS: Final = {
    "early": "{n_days} of the {minimum} sessions fixed before the start have been seen.",
    "better": "{side} loses less on average, by {by}, and the confidence sequence leaves out 0.",
    "small": "Whatever the difference is, it is smaller than {gap}.",
    "far": "To be sure of what is measured would take {sessions} sessions.",
    "few_blocks": "There are too few independent blocks of sessions to tell.",
    "small_so_far": "The difference is sure, but so far smaller than {gap}.",
    "open": "The confidence sequence still holds 0; more sessions may tell.",
    "equal": "Both say the same of every item, to a tenth of a percentage point: there is nothing to tell apart.",
}


def losses(metric: str, p: Floats, y: Floats) -> Floats:
    """Loss of each item of a direction, smaller is better; that of accuracy is 1 less the hit."""
    if metric == "brier":
        return (p - y) ** 2
    return log_losses(p, y) if metric == "log_loss" else 1 - hits(p, y)


def day_t(daily: Floats, alpha: float, horizon: int) -> Json:
    """Paired t test of the daily differences against 0, over independent blocks of sessions."""
    estimate = clustered_mean(daily, np.arange(len(daily)), horizon)
    length = round(estimate.n_days / estimate.n_blocks)
    return _judged(estimate.error, daily, alpha, lag=length - 1, degrees=estimate.n_blocks - 1)


def diebold_mariano(daily: Floats, alpha: float, horizon: int) -> Json:
    """Diebold and Mariano (1995), Bartlett weights up to lag max(h - 1, 5), with a factor for small samples.

    The factor, of Harvey, Leybourne and Newbold (1997), is for a forecast of as many steps as the weights reach over,
    so it takes lag + 1 for the horizon.
    """
    n, lag = len(daily), min(max(horizon - 1, LEAST_LAG), max(len(daily) - 2, 0))
    error = _newey_west(daily, lag) if n >= 2 else None
    if error:
        steps = lag + 1
        factor = (n + 1 - 2 * steps + steps * (steps - 1) / n) / n
        error = error / math.sqrt(factor) if factor > 0 else None
    return _judged(error, daily, alpha, lag=lag, degrees=n - 1)


def _newey_west(daily: Floats, lag: int) -> float:
    """Standard error of the mean with Bartlett weights (Newey and West 1987)."""
    centred = daily - daily.mean()
    total = float(centred @ centred)
    for step in range(1, lag + 1):
        total += 2 * (1 - step / (lag + 1)) * float(centred[step:] @ centred[:-step])
    return math.sqrt(max(total, 0.0)) / len(daily)


def _judged(error: float | None, daily: Floats, alpha: float, *, lag: int, degrees: int) -> Json:
    if not error:
        return {"statistic": None, "p_value": None, "low": None, "high": None, "lag": lag}
    mean = float(daily.mean())
    half = student_quantile(alpha, degrees) * error
    t = mean / error
    return {"statistic": t, "p_value": student_p(t, degrees), "low": mean - half, "high": mean + half, "lag": lag}


def bootstrap_means(daily: Floats, seed: int, mean_block: int, draws: int = DRAWS) -> Floats:
    """Means of `draws` resamples by the stationary bootstrap (Politis and Romano 1994) in blocks of `mean_block`."""
    n, rng = len(daily), np.random.default_rng(seed)
    starts = rng.integers(0, n, (draws, n))
    begins = rng.random((draws, n)) < 1 / mean_block
    begins[:, 0] = True
    position = np.arange(n)
    # Each day continues the block that began last: its start plus the days since.
    block = np.maximum.accumulate(np.where(begins, position, 0), axis=1)
    chosen = (np.take_along_axis(starts, block, axis=1) + position - block) % n
    means: Floats = daily[chosen].mean(axis=1)
    return means


def bootstrap(daily: Floats, alpha: float, seed: int, horizon: int) -> Json:
    """Percentile interval and two-sided p-value of the mean from the stationary bootstrap."""
    mean_block = max(LEAST_BLOCK, blocks.block_length(daily, horizon))
    if len(daily) < 2:
        return {"statistic": None, "p_value": None, "low": None, "high": None, "lag": mean_block}
    means = bootstrap_means(daily, seed, mean_block)
    low, high = np.quantile(means, [alpha / 2, 1 - alpha / 2]).tolist()
    beyond = min(float(np.mean(means <= 0)), float(np.mean(means >= 0)))
    p_value = min(1.0, (2 * beyond * DRAWS + 1) / (DRAWS + 1))
    return {"statistic": float(daily.mean()), "p_value": p_value, "low": low, "high": high, "lag": mean_block}


def confidence_sequence(means: Floats, length: int, alpha: float) -> tuple[Floats, Floats]:
    """(low, high) after each block of `length` sessions, NaN before the first look: valid at every look at once."""
    found = [blocks.bounds(means[: k + 1], length, alpha) or (math.nan, math.nan) for k in range(len(means))]
    low, high = np.array(found, dtype=np.float64).reshape(-1, 2).T
    return low, high


def first_decision(low: Floats, high: Floats) -> int | None:
    """The first look (1, 2, ...) after which the sequence leaves out 0."""
    found: NDArray[np.int64] = np.flatnonzero((low > 0) | (high < 0))
    return int(found[0]) + 1 if len(found) else None


def judge(
    test: dict[str, Any], mean: float, bounds: tuple[float | None, float | None], need: int | None, n_days: int
) -> Json:
    """Verdict and its reason (sentence, code of REASONS, values), from the sequence and the sessions needed at the
    measured difference."""
    gap, minimum = SMALLEST_GAP[test["metric"]], test["minimum_sessions"]
    low, high = (-math.inf if bounds[0] is None else bounds[0]), (math.inf if bounds[1] is None else bounds[1])
    if n_days < minimum:
        return _verdict("no difference yet", "early", n_days=n_days, minimum=minimum)
    if abs(mean) >= gap and (low > 0 or high < 0):
        better = "B" if mean > 0 else "A"
        return _verdict(better, "better", side=better, by=f"{abs(mean):.{_DIGITS.get(test['metric'], 5)}f}")
    if max(-low, high) < gap:
        return _verdict("no difference worth having", "small", gap=_plainly(gap))
    if need is not None and need > PATIENCE:
        return _verdict("no difference worth having", "far", sessions=need)
    code, values = _why_open(bounds, gap)
    return _verdict("no difference yet", code, **values)


def _why_open(bounds: tuple[float | None, float | None], gap: float) -> tuple[str, dict[str, str]]:
    low, high = bounds
    if low is None or high is None:
        return "few_blocks", {}
    return ("small_so_far", {"gap": _plainly(gap)}) if low > 0 or high < 0 else ("open", {})


def _verdict(verdict: str, code: str, **values: str | int) -> Json:
    return {"verdict": verdict, "reason": REASONS[code].format(**values), "code": code, "values": values}


def _plainly(gap: float) -> str:
    return f"{gap:.7f}".rstrip("0")


def _loss(daily: Floats, n: int, horizon: int) -> Json:
    return described(clustered_mean(daily, np.arange(len(daily)), horizon), None) | {"n": n}


def compare(payload: dict[str, Any]) -> Json:
    """Operation of the model process: the whole panel of a test, JSON in and out.

    In: {"metric", "horizon", "alpha", "minimum_sessions", "seed", "trade_dates": [D], "counts": [D],
         "p_a", "p_b": [N] in order of the dates, "failed_a", "failed_b"}, of directions also "y": [N], of sizes
         "losses": {metric: [losses of A, losses of B]}
    Out: the members of backend.api.ab_test.Panel and "days" (of Look). Differences are A less B.
    """
    metric, alpha, horizon = payload["metric"], payload["alpha"], payload["horizon"]
    counts = np.array(payload["counts"], dtype=np.float64)
    days = np.repeat(np.arange(len(counts)), counts.astype(np.int64))
    sides = [np.array(payload[name], dtype=np.float64) for name in ("p_a", "p_b")]
    n = len(sides[0])
    by_metric = {
        name: [np.bincount(days, weights=column, minlength=len(counts)) / counts for column in pair]
        for name, pair in _losses_of_sides(payload, sides).items()
    }
    by_side = by_metric.pop(metric)
    daily = by_side[0] - by_side[1]
    secondary = {name: _loss(a - b, n, horizon) for name, (a, b) in by_metric.items()}
    panel = _panel(payload, daily)
    # Before the sessions fixed at the start both may merely be learning still, and say the base rate.
    if len(counts) >= payload["minimum_sessions"] and is_equal(*sides):
        panel |= _verdict("no difference worth having", "equal")
    return {
        **panel,
        "n": n,
        "failed_a": payload["failed_a"],
        "failed_b": payload["failed_b"],
        "loss_a": _loss(by_side[0], n, horizon),
        "loss_b": _loss(by_side[1], n, horizon),
        "diebold_mariano": diebold_mariano(daily, alpha, horizon),
        "bootstrap": bootstrap(daily, alpha, payload["seed"], horizon),
        "secondary": secondary,
    }


def _losses_of_sides(payload: dict[str, Any], sides: list[Floats]) -> dict[str, list[Floats]]:
    """By metric the losses of each item of A and of B."""
    if payload["metric"] in AB_SIZE:
        pairs = payload["losses"].items()
        return {name: [np.array(column, dtype=np.float64) for column in pair] for name, pair in pairs}
    y = np.array(payload["y"], dtype=np.float64)
    return {name: [losses(name, p, y) for p in sides] for name in AB_DIRECTION}


def verdict_of(daily: Floats, test: dict[str, Any]) -> Json:
    """The verdict after these sessions with all it rests on; `test`: metric, horizon, alpha, minimum_sessions."""
    metric, alpha, n_days, mean = test["metric"], test["alpha"], len(daily), float(daily.mean())
    length = blocks.block_length(daily, test["horizon"])
    means = blocks.block_means(daily, length)
    variance = blocks.long_run_variance(means)
    gap = max(abs(mean), SMALLEST_GAP[metric])
    need = None
    if len(means) >= blocks.FIRST_LOOK:
        need = max(blocks.blocks_for(gap, variance, length, alpha) * length, test["minimum_sessions"])
    low, high = blocks.bounds(means, length, alpha) or (None, None)
    return {
        **judge(test, mean, (low, high), need, n_days), "n_days": n_days, "blocks": len(means), "block_length": length,
        "difference": mean, "low": low, "high": high, "sessions_needed": need,
    }  # fmt: skip


def _panel(payload: dict[str, Any], daily: Floats) -> Json:
    found = verdict_of(daily, payload)
    length = found["block_length"]
    low, high = confidence_sequence(blocks.block_means(daily, length), length, payload["alpha"])
    decided = first_decision(low, high)
    test = day_t(daily, payload["alpha"], payload["horizon"])
    return {
        **found,
        "p_value": test["p_value"],
        "day_t": test,
        "sequence": {
            "low": found["low"],
            "high": found["high"],
            "first_session": blocks.FIRST_LOOK * length,
            "decided_at_session": None if decided is None else decided * length,
        },
        "sd_of_days": float(daily.std(ddof=1)) if len(daily) > 1 else None,
        "smallest_gap": SMALLEST_GAP[payload["metric"]],
        "days": _looks(payload, daily, length, low, high),
    }


def _looks(payload: dict[str, Any], daily: Floats, length: int, low: Floats, high: Floats) -> list[Json]:
    """One row a session; its bounds are those of the last block of `length` sessions that was whole by then."""
    means = np.cumsum(daily) / np.arange(1, len(daily) + 1)
    rows = []
    for k, (day, n) in enumerate(zip(payload["trade_dates"], payload["counts"], strict=True)):
        block = (k + 1) // length - 1
        bounds = (_plain(low[block]), _plain(high[block])) if block >= 0 else (None, None)
        rows.append(
            {
                "trade_date": day, "n": n, "difference": float(daily[k]), "mean": float(means[k]),
                "low": bounds[0], "high": bounds[1],
            }
        )  # fmt: skip
    return rows


def _plain(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
