"""Losses of one forecast of size against the move that came, and of what it must beat (docs/methods.md 5).

Plain Python, because rows are scored one at a time in the scheduler process, which loads no numpy.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from backend.domain.record import SIZE_LOSSES

THRESHOLD: Final = 0.03


def size_losses(size: Mapping[str, Any], move: float) -> list[float]:
    """In the order of domain.record.SIZE_LOSSES. `size`: as it is stored with the prediction; `move`: a fraction."""
    moved = abs(move)
    beyond, large = float(moved > THRESHOLD), float(moved > size["large"])
    references = size["references"]
    found = {
        "brier_3pct": (size["p_3pct"] - beyond) ** 2,
        **{f"brier_3pct_{name}": (said["p_3pct"] - beyond) ** 2 for name, said in references.items()},
        "brier_large": (size["p_large"] - large) ** 2,
        "brier_large_own": (references["own"]["p_large"] - large) ** 2,
        "pinball": _pinball(size["quantiles"], moved),
        **{f"pinball_{name}": _pinball(references[name]["quantiles"], moved) for name in ("own", "ewma")},
    }
    return [found[name] for name in SIZE_LOSSES]


def _pinball(quantiles: Sequence[float], moved: float) -> float:
    """Mean over evenly spaced levels between 0 and 1 of max(a e, (a - 1) e), e = move - quantile."""
    steps = len(quantiles) + 1
    errors = [(level / steps, moved - value) for level, value in enumerate(quantiles, 1)]
    return sum(max(level * error, (level - 1) * error) for level, error in errors) / len(errors)
