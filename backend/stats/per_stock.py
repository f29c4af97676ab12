"""Accuracy and Brier skill of every stock at once, each with the interval of its own days."""

import numpy as np
from numpy.typing import NDArray

from backend.stats.intervals import Days, Estimate, Floats, Json, described

Table = NDArray[np.float64]


def _errors(residuals: Table, totals: Floats, lag: int) -> Floats:
    """Standard errors of ratios from a table (stocks, days) of residual sums: Newey-West, as in intervals."""
    squares = np.einsum("sd,sd->s", residuals, residuals)
    for step in range(1, min(lag, residuals.shape[1] - 1) + 1):
        neighbours = np.einsum("sd,sd->s", residuals[:, step:], residuals[:, :-step])
        squares += 2 * (1 - step / (lag + 1)) * neighbours
    errors: Floats = np.sqrt(np.maximum(squares, 0)) / totals
    return errors


def stock_figures(
    names: NDArray[np.str_],
    stocks: NDArray[np.int64],
    days: Days,
    *,
    right: tuple[Floats, Floats],
    losses: tuple[Floats, Floats],
    lag: int,
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
    accuracy_errors = _errors(hits - accuracy[:, None] * counts, n, lag)
    skill_errors = _errors(gained - skill[:, None] * reference, usable, lag)
    rows = []
    for row in np.argsort(-n, kind="stable"):
        size = int(n[row]), int(n_days[row])
        many = size[1] >= 2
        of_accuracy = Estimate(float(accuracy[row]), float(accuracy_errors[row]) if many else None, *size)
        of_skill = Estimate(float(skill[row]), float(skill_errors[row]) if many else None, *size)
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
