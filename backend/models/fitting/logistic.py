"""Logistic regression for the price member and the gate: a penalty by coefficient, bounds, an offset, labels 0..1.

scipy's L-BFGS-B minimises the log loss. scikit-learn has neither bounds nor offset and wants whole labels.
"""

from collections.abc import Sequence

import numpy as np
from scipy.optimize import minimize

from backend.models.fitting.panel import FloatArray


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
