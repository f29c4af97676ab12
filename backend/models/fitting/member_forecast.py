"""What one member forecasts of one item, before the gate, the clipping and the price band."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from backend.domain.members import MemberState
from backend.models.fitting.panel import FloatArray


@dataclass(frozen=True)
class MoveSize:
    """`band_grid`: quantiles of the log move from the base price at band.GRID levels, the width of the band in them.

    `said`: what is stored and shown, see backend.domain.forecasts.Forecast.
    """

    band_grid: FloatArray
    said: Mapping[str, Any]


@dataclass(frozen=True)
class MemberForecast:
    """`p_up`: probability 0..1 of a market-adjusted return above 0.

    `z_grid`: the member's own quantiles of the move in sigmas at band.GRID levels, None without any.
    `abstained`: the reason why the member falls back to the base rate, None if it does not.
    `counted`: what made the difference, stored as part of the explanation.
    `news_weight`: share 0..1 of the forecast that rests on news. `size`: what it says of the size of the move.
    """

    p_up: float
    z_grid: FloatArray | None = None
    abstained: MemberState | None = None
    counted: Mapping[str, Any] = field(default_factory=dict)
    news_weight: float = 0.0
    size: MoveSize | None = None
