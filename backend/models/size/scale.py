"""The scale of the next move: log-linear in what was seen, fitted by a Student-t likelihood (docs/methods.md 2.7).

log s = w x + b minimises the mean of log s + (nu + 1) / 2 log(1 + (move / s)^2 / nu) with nu = 4, whose tails keep one
wild day from setting the scale of all, and a small ridge. Analytic gradient, L-BFGS-B.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from scipy.optimize import minimize

from backend.domain.moves.sizes import SIZES
from backend.models.fitting.panel import FloatArray

NU: Final = 4.0
RIDGE: Final = 1e-3
FEW_ROWS: Final = 200.0  # over the number of rows: with one stock the weights stay near 0, and the scale near the usual
_LARGEST: Final = 0.3  # a move of more teaches no more
_SMALLEST: Final = 1e-4
_FARTHEST: Final = 5.0  # standard deviations of an input: a crash does not extrapolate


def _design(parameters: Mapping[str, Any], inputs: FloatArray) -> FloatArray:
    """Standardised inputs; one that is not known is its mean."""
    standard = (inputs - parameters["means"]) / parameters["spreads"]
    design: FloatArray = np.clip(np.nan_to_num(standard), -_FARTHEST, _FARTHEST)
    return design


def log_scales(parameters: Mapping[str, Any], inputs: FloatArray) -> FloatArray:
    """Log of the scale of each row of `inputs` (..., inputs); finite whatever is missing."""
    scales: FloatArray = _design(parameters, inputs) @ np.array(parameters["weights"]) + parameters["intercept"]
    return scales


def strongest(parameters: Mapping[str, Any], inputs: FloatArray, names: Sequence[str] = SIZES) -> dict[str, float]:
    """By name the three inputs that move the log of the scale most from where it usually is, with how far."""
    terms = (_design(parameters, inputs) * np.array(parameters["weights"])).tolist()
    ordered = sorted(zip(names, terms, strict=True), key=lambda term: -abs(term[1]))
    return {name: round(term, 4) for name, term in ordered[:3]}


def fit_scale(inputs: FloatArray, moves: FloatArray) -> dict[str, Any]:
    """means, spreads and weights of the inputs and the intercept, as plain numbers.

    `inputs`: (n, inputs), NaN where one is not known. `moves`: (n,), the moves that followed, fractions.
    """
    known = np.isfinite(inputs)
    count = np.maximum(known.sum(axis=0), 1)
    means = np.where(known, inputs, 0).sum(axis=0) / count
    spreads = np.sqrt((np.where(known, inputs - means, 0) ** 2).sum(axis=0) / count)
    standard = {"means": means, "spreads": np.where(spreads > 1e-9, spreads, 1.0)}
    design = np.column_stack([_design(standard, inputs), np.ones(len(moves))])
    fitted = _minimise(design, np.clip(moves, -_LARGEST, _LARGEST))
    plain = {name: values.tolist() for name, values in standard.items()}
    return plain | {"weights": fitted[:-1].tolist(), "intercept": float(fitted[-1])}


def _minimise(design: FloatArray, moves: FloatArray) -> FloatArray:
    penalty = np.full(design.shape[1], max(RIDGE, FEW_ROWS / len(moves)))
    penalty[-1] = 0.0
    start = np.zeros(design.shape[1])
    start[-1] = np.log(np.median(np.abs(moves)) + _SMALLEST)

    def objective(weights: FloatArray) -> tuple[float, FloatArray]:
        logs = design @ weights
        squares = (moves * np.exp(-np.maximum(logs, np.log(_SMALLEST)))) ** 2
        loss = logs + (NU + 1) / 2 * np.log1p(squares / NU)
        slope = 1 - (NU + 1) * squares / (NU + squares)
        gradient = design.T @ slope / len(moves) + 2 * penalty * weights
        return float(loss.mean() + (penalty * weights**2).sum()), gradient

    fitted: FloatArray = minimize(objective, start, jac=True, method="L-BFGS-B").x
    return fitted
