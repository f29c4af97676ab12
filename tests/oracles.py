"""The libraries that our statistics are compared with, each imported by the first test that asks it.

Each worker of a test run imports every test file; at the head of theirs these would cost each of them 5 s.
"""

from importlib import import_module
from typing import Any

_MODULES = {
    "bootstrap": "arch.bootstrap",
    "calibration": "sklearn.calibration",
    "linear_model": "sklearn.linear_model",
    "power": "statsmodels.stats.power",
    "regression": "statsmodels.regression.linear_model",
    "scipy_stats": "scipy.stats",
    "scoringrules": "scoringrules",
    "sklearn_metrics": "sklearn.metrics",
    "time_series": "statsmodels.tsa.stattools",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(name)
    return import_module(_MODULES[name])
