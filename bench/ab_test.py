"""`python -m bench.ab_test [--quick] [--json FILE]`: how often an A/B test that is looked at daily names a winner.

Two equal models over 250 sessions by the product's own rule (backend.stats.ab_test.verdict_of, Brier, at least 40
sessions). Outcomes of h sessions overlap; a view persists from session to session (0, .7, .9) and is one for the whole
market or each stock's own. 400 runs a cell.

- pooled_false_winner_share: over all cells (must be at most .05); worst_false_winner_share: in the worst cell.
- cells_above: cells whose 95 % interval (Wilson) lies above .05 (must be 0). hH_pP_market or own: the share of each.
- found_over_predicted: with a planted difference, the session that decided over the sessions that the page had said it
  takes, for that difference, when it had seen 40: the worst median of the horizons (must be at most 1.6).
- items_false_winner_share: what counting items, as if they were independent, would call at one look at the end.
"""

from dataclasses import dataclass

import numpy as np

from backend.stats import ab_test, blocks
from backend.stats.blocks import Floats
from backend.stats.intervals import wilson
from bench.harness.command import Figures, run, say

STOCKS, SESSIONS, RUNS, MINIMUM, ALPHA = 44, 250, 400, 40, 0.05
HORIZONS, PERSISTENCE = (1, 3, 5), (0.0, 0.7, 0.9)
EDGE = 0.02  # sd of a view around one half
SHARED = 0.05  # correlation of market-adjusted returns within a session
QUICK_RUNS = 40
PLANTED_SESSIONS = 1_500


@dataclass(frozen=True)
class Cell:
    """One kind of pair: outcomes of `horizon` sessions, persistence of the views, one view for all stocks or not."""

    horizon: int
    persistence: float
    is_market_wide: bool

    @property
    def name(self) -> str:
        scope = "market" if self.is_market_wide else "own"
        return f"h{self.horizon}_p{self.persistence:g}_{scope}"


def _views(rng: np.random.Generator, cell: Cell, sessions: int) -> Floats:
    """Standard normal views (sessions, stocks), autoregressive from session to session."""
    shape = (sessions, 1 if cell.is_market_wide else STOCKS)
    shocks = rng.normal(size=shape)
    views = np.empty(shape)
    views[0] = shocks[0]
    fresh = np.sqrt(1 - cell.persistence**2)
    for day in range(1, sessions):
        views[day] = cell.persistence * views[day - 1] + fresh * shocks[day]
    return np.broadcast_to(views, (sessions, STOCKS))


def pair_losses(rng: np.random.Generator, cell: Cell, sessions: int = SESSIONS) -> Floats:
    """Brier loss of A less that of B (sessions, stocks): both see nothing, and are equal."""
    h = cell.horizon
    shared, own = np.sqrt(SHARED), np.sqrt(1 - SHARED)
    returns = shared * rng.normal(size=(sessions + h, 1)) + own * rng.normal(size=(sessions + h, STOCKS))
    level = np.vstack([np.zeros((1, STOCKS)), np.cumsum(returns, axis=0)])
    y = (level[h : sessions + h] > level[:sessions]).astype(np.float64)
    a, b = (np.clip(0.5 + EDGE * _views(rng, cell, sessions), 0.05, 0.95) for _ in range(2))
    losses: Floats = ab_test.losses("brier", a, y) - ab_test.losses("brier", b, y)
    return losses


def decided_at(daily: Floats, horizon: int) -> int | None:
    """The first session after which the product would name a winner; None if it never would."""
    test = {"metric": "brier", "horizon": horizon, "alpha": ALPHA, "minimum_sessions": MINIMUM}
    looks = range(MINIMUM, len(daily) + 1)
    return next((n for n in looks if ab_test.verdict_of(daily[:n], test)["verdict"] in {"A", "B"}), None)


def false_winners(cell: Cell, runs: int, seed: int = 1) -> tuple[int, int]:
    """Runs with a winner at any look, and those in which counting items calls a difference at the end."""
    rng = np.random.default_rng(seed)
    by_session = by_item = 0
    for _ in range(runs):
        losses = pair_losses(rng, cell)
        by_session += decided_at(losses.mean(axis=1), cell.horizon) is not None
        t = losses.mean() / (losses.std() / np.sqrt(losses.size))
        by_item += abs(t) > 1.96
    return by_session, by_item


def found_over_predicted(horizon: int, runs: int, seed: int = 2) -> float:
    """Median of the session that decided over what was predicted at session 40, with views that persist by half.

    The planted difference is what the sequence needs about 150 sessions for.
    """
    rng, cell = np.random.default_rng(seed), Cell(horizon, 0.5, is_market_wide=False)
    ratios = []
    for _ in range(runs):
        daily = pair_losses(rng, cell, PLANTED_SESSIONS).mean(axis=1)
        length = blocks.block_length(daily, horizon)
        spread = np.sqrt(blocks.long_run_variance(blocks.block_means(daily, length)))
        gap = float(spread) * blocks.half_width(150 // length, length, ALPHA)
        planted = daily + gap
        early = blocks.block_length(planted[:MINIMUM], horizon)
        variance = blocks.long_run_variance(blocks.block_means(planted[:MINIMUM], early))
        predicted = max(MINIMUM, blocks.blocks_for(gap, variance, early, ALPHA) * early)
        ratios.append((decided_at(planted, horizon) or np.inf) / predicted)
    return float(np.median(ratios))


def measure(quick: bool) -> Figures:
    """All cells, and the planted difference at each horizon."""
    runs = QUICK_RUNS if quick else RUNS
    figures: Figures = {}
    winners = above = items = 0
    cells = [Cell(h, p, wide) for h in HORIZONS for p in PERSISTENCE for wide in (True, False)]
    for cell in cells:
        found, by_item = false_winners(cell, runs)
        winners, items = winners + found, items + by_item
        above += wilson(found / runs, runs)[0] > ALPHA
        figures[cell.name] = found / runs
        say(f"{cell.name}: {found} of {runs}")
    total = runs * len(cells)
    return {
        "pooled_false_winner_share": winners / total,
        "worst_false_winner_share": max(figures.values()),
        "cells_above": above,
        "found_over_predicted": max(found_over_predicted(h, runs) for h in HORIZONS),
        "items_false_winner_share": items / total,
        **figures,
    }


def main() -> None:
    run("ab_test", __doc__, measure)


if __name__ == "__main__":
    main()
