"""Which band a forecast gets: that of the expected size of the move, else the member's own, else the pooled one."""

from collections.abc import Mapping, Sequence

import numpy as np

from backend.domain.forecasts import PredictionItem, TrainedModel
from backend.models.fitting.band import NORMAL_GRID, PooledBand, quantile_levels
from backend.models.fitting.member_forecast import MemberForecast
from backend.stats.scoring import horizon_sigma

Pooled = dict[tuple[str, int], PooledBand]  # by model and horizon


class ItemBands:
    """The bands of all models' forecasts of one item; fills `pooled`, which is the same for all items."""

    def __init__(
        self,
        item: PredictionItem,
        models: Sequence[TrainedModel],
        members: Mapping[str, MemberForecast],
        pooled: Pooled,
    ) -> None:
        self._pooled = pooled
        self._horizon = item.horizon
        self._sized: PooledBand | None = None
        for model in models:
            if (size := members[model.model].size) is not None:
                grid = size.band_grid / horizon_sigma(item.sigma, item.horizon)
                self._sized = PooledBand(grid, model.parameters["horizons"][str(item.horizon)]["p0"])

    def levels(self, model: TrainedModel, member: MemberForecast, p_up: float) -> list[float]:
        """Quantiles of the move in sigmas at domain.forecasts.QUANTILES, shifted by the probability."""
        if self._sized is not None:
            return self._sized.shifted(p_up)
        if member.z_grid is not None:
            return quantile_levels(member.z_grid)
        band = self._pooled.get((model.model, self._horizon))
        if band is None:
            parameters = model.parameters["horizons"][str(self._horizon)]
            grid = np.array(parameters["z"]) if parameters["z"] else NORMAL_GRID
            band = self._pooled[model.model, self._horizon] = PooledBand(grid, parameters["p0"])
        return band.shifted(p_up)
