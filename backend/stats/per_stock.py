"""Accuracy and Brier skill of every stock at once, each with the interval of its own days."""

import numpy as np
from numpy.typing import NDArray

from backend.stats.blocks import Floats, block_length, left_over
from backend.stats.intervals import Days, Estimate, Json, block_sums, described

Table = NDArray[np.float64]


def _errors(residuals: Table, totals: Floats, horizon: int) -> tuple[Floats, int]:
    """Standard errors of ratios from a table (stocks, days) of residual sums, and the blocks that they rest on.

    All stocks share the blocks that their common residual asks for.
    """
    length = block_length(residuals.sum(axis=0), horizon)
    parts = np.array([block_sums(row, length) for row in residuals])
    count = parts.shape[1]
    wider = np.array([left_over(row) for row in parts])
    variances = count / max(count - 1, 1) * np.einsum("sb,sb->s", parts, parts) * wider
    return np.sqrt(variances) / totals, count


def _estimate(value: float, error: float, size: tuple[int, int], blocks: int) -> Estimate:
    known = min(blocks, size[1])
    return Estimate(float(value), float(error) if known >= 2 else None, *size, known)


def stock_figures(
    names: NDArray[np.str_],
    stocks: NDArray[np.int64],
    days: Days,
    *,
    right: tuple[Floats, Floats],
    losses: tuple[Floats, Floats],
    horizon: int,
) -> list[Json]:
    """One row a stock, those with most items first. `right` and `losses`: of the model, and of the base rate."""
    shape = (len(names), int(days.max()) + 1)
    cell = stocks * shape[1] + days

    def sums(values: Floats) -> Table:
        table: Table = np.bincount(cell, weights=values, minlength=shape[0] * shape[1]).astype(np.float64)
        return table.reshape(shape)

    counts = sums(np.ones(len(days)))
    n, n_days = counts.sum(axis=1), (counts > 0).sum(axis=1)
    hits, base_hits = sums(right[0]), sums(right[1]).sum(axis=1)
    gained, reference = sums(losses[1] - losses[0]), sums(losses[1])
    total_reference = reference.sum(axis=1)
    usable = np.where(total_reference > 0, total_reference, 1.0)
    accuracy, skill = hits.sum(axis=1) / n, gained.sum(axis=1) / usable
    accuracy_errors, blocks = _errors(hits - accuracy[:, None] * counts, n, horizon)
    skill_errors, skill_blocks = _errors(gained - skill[:, None] * reference, usable, horizon)
    rows = []
    for row in np.argsort(-n, kind="stable"):
        size = int(n[row]), int(n_days[row])
        of_accuracy = _estimate(accuracy[row], accuracy_errors[row], size, blocks)
        of_skill = _estimate(skill[row], skill_errors[row], size, skill_blocks)
        rows.append(
            {
                "stock_code": str(names[row]),
                "n": size[0],
                "n_days": size[1],
                "accuracy": described(of_accuracy, float(base_hits[row] / n[row]), bounds=(0, 1)),
                "brier_skill": described(of_skill, 0.0) if total_reference[row] > 0 else None,
            }
        )
    return rows
