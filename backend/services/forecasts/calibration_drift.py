"""Models whose live forecasts are calibrated otherwise than their backtest, beyond what chance explains."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.domain.record import METRIC_VERSION, RANKED_SESSIONS

# Bins of ten whose bands lie apart: one does by chance in about every twentieth comparison of a sound model.
MOST_APART: Final = 1
_NEWEST = text("""
    SELECT m.name, h.horizon, live.bins AS live, backtest.bins AS backtest
    FROM models m
    CROSS JOIN unnest(ARRAY[1, 3, 5]) AS h (horizon)
    CROSS JOIN LATERAL (
        SELECT c.metric_values #> '{ece,bins}' AS bins, c.n_days
        FROM metrics c JOIN model_versions v ON v.id = c.model_version_id AND v.model_id = m.id
        WHERE c.horizon = h.horizon AND c.mode = 'live' AND c.window_name = '60' AND c.metric_version = :metric_version
        ORDER BY c.trade_date DESC, c.model_version_id DESC LIMIT 1
    ) live
    CROSS JOIN LATERAL (
        SELECT c.metric_values #> '{ece,bins}' AS bins
        FROM metrics c JOIN model_versions v ON v.id = c.model_version_id AND v.model_id = m.id
        WHERE c.horizon = h.horizon AND c.mode = 'backtest' AND c.window_name = 'all'
          AND c.metric_version = :metric_version
        ORDER BY c.trade_date DESC, c.model_version_id DESC LIMIT 1
    ) backtest
    WHERE m.is_active AND live.n_days >= :sessions AND live.bins IS NOT NULL AND backtest.bins IS NOT NULL
    ORDER BY m.name, h.horizon
""")
Bins = Sequence[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class DriftingModel:
    """An active model of which `apart` of its `bins` live bins leave the band that its backtest had there."""

    name: str
    horizon: int
    apart: int
    bins: int

    @property
    def reason(self) -> str:
        return (
            f"The model {self.name} is no longer calibrated as in its backtest: at {self.horizon} session(s) ahead"
            f" {self.apart} of {self.bins} groups of its forecasts came true in shares outside of it; look at its"
            f" calibration, and put it back with 'azak models rollback {self.name}'."
        )


def count_apart(live: Bins, backtest: Bins) -> int:
    """Live bins whose band of what happened lies apart from that of the backtest's bin that said most nearly the same.

    Of the backtest, what was said counts from its own distance: a bin that always came true 2 points more often should
    go on doing so.
    """
    apart = 0
    for now in live:
        then = min(backtest, key=lambda one: abs(one["mean_p"] - now["mean_p"]))
        moved = now["mean_p"] - then["mean_p"]
        apart += now["low"] > then["high"] + moved or now["high"] < then["low"] + moved
    return apart


async def list_drifting_models(session: AsyncSession) -> list[DriftingModel]:
    """By name, each with the horizon that is furthest off; models with fewer than 40 live sessions are too new."""
    rows = await session.execute(_NEWEST, {"metric_version": METRIC_VERSION, "sessions": RANKED_SESSIONS})
    worst: dict[str, DriftingModel] = {}
    for row in rows:
        apart = count_apart(row.live, row.backtest) if row.backtest else 0
        if apart > max(MOST_APART, worst[row.name].apart if row.name in worst else 0):
            worst[row.name] = DriftingModel(row.name, row.horizon, apart, len(row.live))
    return list(worst.values())
