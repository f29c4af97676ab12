"""Everything that a forecast of size is made of, fitted as of the last column of a panel (docs/methods.md 2.7)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from backend.domain.forecasts import REST
from backend.domain.members import MemberStanding, MemberState, progress
from backend.domain.stock_days import MINIMUM_SIGMA_BARS
from backend.models.fitting.band import GRID
from backend.models.fitting.panel import FloatArray, Panel
from backend.models.fitting.size_inputs import own_sizes, with_dispersion
from backend.models.size import references, rest, width
from backend.models.size.moves import Moves, moves_ahead, rest_ahead
from backend.models.size.scale import fit_scale, log_scales
from backend.models.size.shape import MINIMUM, fit_shape

SESSIONS: Final = 750  # that the scale learns from
RECENT: Final = 250  # that the shape and the widths are of
ROWS: Final = 150_000  # more of them teach nothing new and cost seconds
MINIMUM_ROWS: Final = 300
LARGE: Final = 0.8  # a stock's large move is beyond this share of its own
LOW, HIGH = GRID.index(0.1), GRID.index(0.9)


@dataclass(frozen=True)
class SizeData:
    """What was seen (stocks, dates, SIZES); betas, daily sigmas, whether a stock has bars enough (stocks, dates)."""

    panel: Panel
    inputs: FloatArray
    betas: FloatArray
    sigmas: FloatArray
    known: NDArray[np.bool_]

    def until(self, column: int) -> "SizeData":
        """The same without any column after `column`; nothing is copied."""
        end = column + 1
        return SizeData(
            self.panel.until(column),
            self.inputs[:, :end],
            self.betas[:, :end],
            self.sigmas[:, :end],
            self.known[:, :end],
        )


def size_data(panel: Panel, betas: FloatArray, sigmas: FloatArray) -> SizeData:
    own = own_sizes(panel, panel.raw_returns - betas * panel.market, sigmas)
    known = panel.traded & (np.cumsum(panel.traded, axis=1) > MINIMUM_SIGMA_BARS)
    return SizeData(panel, with_dispersion(own, panel.traded), betas, sigmas, known)


def seen(data: SizeData, horizon: int, columns: slice) -> FloatArray:
    """Inputs of some columns; of the rest of a session with the gap that is known at its opening."""
    inputs = data.inputs[:, columns]
    if horizon != REST:
        return inputs
    return np.concatenate([inputs, rest.log_gaps(data.panel)[:, columns, None]], axis=2)


def _moves(data: SizeData, horizon: int) -> Moves:
    return rest_ahead(data.panel) if horizon == REST else moves_ahead(data.panel, data.betas, horizon)


def fit(data: SizeData, horizon: int) -> dict[str, Any]:
    """Parameters of forecasts over `horizon` sessions, or of the rest of one (forecasts.REST); only a state while there
    is too little to learn from."""
    moves = _moves(data, horizon)
    usable = data.known & np.isfinite(moves.adjusted)
    usable[:, :-SESSIONS] = False
    rows = np.flatnonzero(usable)
    if len(rows) < MINIMUM_ROWS:
        return {"state": progress(MemberStanding.LEARNING, len(rows), MINIMUM_ROWS, "days")}
    rows = rows[:: -(-len(rows) // ROWS)]
    inputs = data.inputs.reshape(-1, data.inputs.shape[2])[rows]
    if horizon == REST:
        inputs = np.column_stack([inputs, rest.log_gaps(data.panel).reshape(-1)[rows]])
    scale = fit_scale(inputs, moves.adjusted.reshape(-1)[rows])
    found = {"scale": scale, "rows": len(rows), **calibrate(scale, data, horizon)}
    return found | ({"gap_share": rest.gap_share(data.panel)} if horizon == REST else {})


def calibrate(scale: Mapping[str, Any], data: SizeData, horizon: int) -> dict[str, Any]:
    """All but the scale itself: shapes, band, widths, and what is usual of each stock, of the last 250 sessions."""
    moves, ended = _moves(data, horizon), max(horizon, 1)
    recent = slice(-(RECENT + ended), None)
    adjusted, logs = moves.adjusted[:, recent], moves.logs[:, recent]
    found = np.where(data.known[:, recent], log_scales(scale, seen(data, horizon, recent)), np.nan)
    shape = fit_shape(adjusted, found)
    band = fit_band(logs, found)
    if shape is None or band is None:
        return {"state": MemberState(state=MemberStanding.TOO_FEW_MOVES)}
    widths, _ = width.walk((band[LOW], band[HIGH]), found, logs, ended, 0)
    return {
        "shape": shape,
        "band": band,
        "widths": width.by_code(widths, data.panel.codes),
        **_references(data, moves, ended, recent),
    }


def fit_band(moves: FloatArray, found: FloatArray) -> list[float] | None:
    """Quantiles of move / scale at band.GRID, over pairs where both are known; None with too few."""
    ratios = moves * np.exp(-found)
    ratios = ratios[np.isfinite(ratios)]
    return np.quantile(ratios, GRID).tolist() if len(ratios) >= MINIMUM else None


def _references(data: SizeData, moves: Moves, horizon: int, recent: slice) -> dict[str, Any]:
    """Shapes of what must be beaten, and by stock its rates, sigma, usual and large move."""
    adjusted = moves.adjusted
    sigmas = references.own_sigmas(adjusted, horizon)
    columns = {
        "own": references.own_rates(adjusted, references.THRESHOLD, horizon)[:, -1],
        "recent": references.own_rates(adjusted, references.THRESHOLD, horizon, references.RECENT)[:, -1],
        "sigma": sigmas[:, -1],
        "usual": references.own_means(adjusted, horizon)[:, -1],
        "large": _large(adjusted),
    }
    ewma = np.log(data.sigmas[:, recent] * horizon**0.5)
    return {
        "own_shape": fit_shape(adjusted[:, recent], np.log(sigmas[:, recent])),
        "ewma_shape": fit_shape(adjusted[:, recent], ewma),
        "stocks": {
            code: {name: round(float(column[row]), 6) for name, column in columns.items()}
            for row, code in enumerate(data.panel.codes)
        },
        "pooled": {name: round(float(np.nanmean(column)), 6) for name, column in columns.items()},
    }


def _large(adjusted: FloatArray) -> FloatArray:
    """By stock the level that a fifth of its moves of the last 250 sessions went beyond; of all, where it has few."""
    moves = np.abs(adjusted[:, -references.RECENT :])
    known = np.isfinite(moves).sum(axis=1) >= MINIMUM_SIGMA_BARS
    pooled = np.nanquantile(moves, LARGE)
    own = np.array([np.nanquantile(row, LARGE) if enough else pooled for row, enough in zip(moves, known, strict=True)])
    large: FloatArray = np.maximum(own, references.SMALLEST_LARGE)
    return large
