"""What one member says about one item."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from backend.models.fitting.panel import FloatArray


@dataclass(frozen=True)
class Opinion:
    """`z_grid`: the member's own quantiles of the move at band.GRID levels, if it has some.

    `abstained` is the reason why the member falls back to the base rate; `counted` what made the difference.
    `neutral` is the probability that takes no side; None means the base rate.
    """

    p_up: float
    z_grid: FloatArray | None = None
    abstained: str | None = None
    counted: Mapping[str, Any] = field(default_factory=dict)
    news_weight: float = 0.0
    neutral: float | None = None
