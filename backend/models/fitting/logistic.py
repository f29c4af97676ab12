"""Logistic regression for the price member and the gate: a penalty by coefficient, bounds, an offset, labels 0..1.

scipy's L-BFGS-B minimises the log loss where there are bounds, Newton's method where there are none: a panel has
hundreds of thousands of rows, and five steps do. scikit-learn has neither bounds nor offset and wants whole labels.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from scipy.optimize import minimize

from backend.models.fitting.panel import FloatArray

STEPS: Final = 25
ENOUGH: Final = 1e-9  # change of a coefficient that is none


def sigmoid(x: FloatArray) -> FloatArray:
    p: FloatArray = 1 / (1 + np.exp(-np.clip(x, -30, 30)))
    return p


def logit(p: FloatArray | float) -> FloatArray:
    clipped = np.clip(p, 1e-4, 1 - 1e-4)
    odds: FloatArray = np.log(clipped / (1 - clipped))
    return odds


def fit_logistic(
    design: FloatArray,
    y: FloatArray,
    *,
    penalty: FloatArray,
    offset: FloatArray | float = 0.0,
    bounds: Sequence[tuple[float, float]] | None = None,
) -> FloatArray:
    """Coefficients (k,) of scores = offset + design @ coefficients; design is (n, k), y (n,) of 0, 0.5 or 1.

    They minimise mean log loss + sum(penalty * coefficients^2); `penalty` is (k,).
    """

    def objective(coefficients: FloatArray) -> tuple[float, FloatArray]:
        scores = offset + design @ coefficients
        loss = np.logaddexp(0, scores) - y * scores
        gradient = design.T @ (sigmoid(scores) - y) / len(y) + 2 * penalty * coefficients
        return float(loss.mean() + (penalty * coefficients**2).sum()), gradient

    result = minimize(objective, np.zeros(design.shape[1]), jac=True, method="L-BFGS-B", bounds=bounds)
    fitted: FloatArray = result.x
    return fitted


def fit_unbounded(design: FloatArray, y: FloatArray, *, penalty: FloatArray) -> FloatArray:
    """The same without offset and bounds; `penalty` is above 0 for all columns but those that are no mix of others."""
    coefficients = np.zeros(design.shape[1])
    for _ in range(STEPS):
        p = sigmoid(design @ coefficients)
        gradient = design.T @ (p - y) / len(y) + 2 * penalty * coefficients
        curvature = (design * (p * (1 - p))[:, None]).T @ design / len(y) + np.diag(2 * penalty)
        step = np.linalg.solve(curvature, gradient)
        coefficients -= step
        if np.abs(step).max() < ENOUGH:
            break
    return coefficients
