"""How often the tests of backend.stats.ab_test call a difference between two equal models, and how often a real one.

`python -m bench.ab_test [--runs 2000] [--days 120]` prints both beside what counting items would say. Outcomes of one
day are correlated (0.3) and so are the calls of a model, as on real data (docs/methods.md 7).
"""

import argparse
from dataclasses import dataclass

import numpy as np

from backend.stats import ab_test
from backend.stats.intervals import Floats

ITEMS, WITHIN_DAY, EDGE, ALPHA = 44, 0.3, 0.05, 0.05
# Correlation of two normal variables whose signs are correlated by WITHIN_DAY.
_LATENT = float(np.sin(WITHIN_DAY * np.pi / 2))


@dataclass(frozen=True)
class Rates:
    """Share of runs that called a difference, by test; `sequence` at any look."""

    items: float
    day_t: float
    diebold_mariano: float
    sequence: float
    daily_looks: float


def _shared(rng: np.random.Generator, days: int, share: float) -> Floats:
    """Standard normal values (days, items), correlated by `share` within a day."""
    day = rng.normal(size=(days, 1))
    values: Floats = np.sqrt(share) * day + np.sqrt(1 - share) * rng.normal(size=(days, ITEMS))
    return values


def losses_of_pair(rng: np.random.Generator, days: int, *, shared_calls: float, gap: float) -> Floats:
    """Brier loss of A less that of B (days, items): both call p = 0.5 +- 0.05.

    `shared_calls` is how far the calls of one model agree within a day; B is right more often, so that its mean loss is
    smaller by `gap`.
    """
    y = (_shared(rng, days, _LATENT) > 0).astype(float)
    calls = [np.sign(_shared(rng, days, shared_calls)) for _ in range(2)]
    # A call that is right loses 2 EDGE less than a wrong one, and half of those turned were right already.
    told = rng.random(y.shape) < gap / EDGE
    calls[1] = np.where(told, 2 * y - 1, calls[1])
    a, b = (ab_test.losses("brier", 0.5 + EDGE * call, y) for call in calls)
    return a - b


def _item_p(differences: Floats) -> float:
    """p-value of the t test over items, as if none had anything to do with another."""
    found = ab_test.day_t(differences.ravel(), ALPHA)["p_value"]
    return 1.0 if found is None else float(found)


def rates(*, runs: int, days: int, shared_calls: float, gap: float = 0.0, seed: int = 1) -> Rates:
    """Share of `runs` in which each test calls a difference."""
    rng = np.random.default_rng(seed)
    called = np.zeros(5)
    for _ in range(runs):
        differences = losses_of_pair(rng, days, shared_calls=shared_calls, gap=gap)
        daily = differences.mean(axis=1)
        low, high = ab_test.confidence_sequence(daily, ALPHA)
        called += [
            _item_p(differences) < ALPHA,
            ab_test.day_t(daily, ALPHA)["p_value"] < ALPHA,
            ab_test.diebold_mariano(daily, ALPHA, horizon=1)["p_value"] < ALPHA,
            ab_test.first_decision(low, high) is not None,
            _any_look(daily),
        ]
    return Rates(*(called / runs).tolist())


def _any_look(daily: Floats) -> bool:
    """Whether a t test made anew after each session (from 20 on) ever falls below alpha."""
    k = np.arange(1, len(daily) + 1)
    means = np.cumsum(daily) / k
    variances = (np.cumsum(daily**2) - k * means**2) / np.maximum(k - 1, 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.abs(means) / np.sqrt(variances / k)
    return bool((t[ab_test.FIRST_LOOK - 1 :] > 2.0).any())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=2000)
    parser.add_argument("--days", type=int, default=120)
    arguments = parser.parse_args()
    print(f"{'calls of one day, gap':<32}{'items':>8}{'day t':>8}{'DM-HAC':>8}{'daily t':>9}{'sequence':>9}")
    for name, shared in (("market-wide", 1.0), ("half shared", 0.5)):
        for gap in (0.0, 0.002, 0.005):
            found = rates(runs=arguments.runs, days=arguments.days, shared_calls=shared, gap=gap)
            columns = (found.items, found.day_t, found.diebold_mariano, found.daily_looks, found.sequence)
            print(f"{name + f', {gap}':<32}" + "".join(f"{share:>8.3f}" for share in columns))


if __name__ == "__main__":
    main()
