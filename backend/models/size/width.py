"""Controllers of the band's width: wider after days on which more than a fifth of the moves left it, else narrower.

One for all stocks, quick, and one a stock, slow: adaptive conformal inference on the logarithm of the width (Gibbs and
Candes 2021; docs/methods.md 4.2). With few stocks a day tells less, and the quick one follows it less.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from backend.domain.forecasts import BAND
from backend.models.fitting.panel import FloatArray

TOGETHER: Final = 0.2  # of the share missed, a day
ALONE: Final = 0.005
FEW: Final = 20  # stocks of a day at which the controller of all follows half as much
_MOST: Final = 1.5  # of a log width: 4.5 times as wide, which no market stays at


@dataclass(frozen=True)
class Widths:
    """Logs of the factors by which the band is wider: of all stocks, and of each (stocks,) beside that."""

    together: float
    alone: FloatArray

    def logs(self) -> FloatArray:
        found: FloatArray = self.together + self.alone
        return found

    def after(self, inside: FloatArray) -> "Widths":
        """The widths after a day: `inside` is 1 or 0 by stock, NaN where nothing ended."""
        known = np.isfinite(inside)
        count = int(known.sum())
        if not count:
            return self
        missed = np.where(known, 1 - inside, 0.0)
        excess = float(missed.sum()) / count - (1 - BAND)
        together = self.together + TOGETHER * count / (count + FEW) * excess
        alone = self.alone + np.where(known, ALONE * (missed - (1 - BAND)), 0.0)
        return Widths(min(max(together, -_MOST), _MOST), np.clip(alone, -_MOST, _MOST))


def still(stocks: int) -> Widths:
    return Widths(0.0, np.zeros(stocks))


def walk(
    edges: tuple[float, float], log_scales: FloatArray, moves: FloatArray, horizon: int, first: int
) -> tuple[Widths, FloatArray]:
    """The widths after the last column, and the log width of each forecast from column `first` on, (stocks, dates).

    `edges`: of the band, in scales. `log_scales`: of each column's forecast, NaN without one; `moves`: the move that
    followed it, known `horizon` columns later.
    """
    widths = still(len(moves))
    used = np.full(moves.shape, np.nan)
    for column in range(first, moves.shape[1]):
        ended = column - horizon
        if ended >= first:
            widths = widths.after(held(edges, log_scales[:, ended] + used[:, ended], moves[:, ended]))
        used[:, column] = widths.logs()
    return widths, used


def held(edges: tuple[float, float], log_widths: FloatArray, moves: FloatArray) -> FloatArray:
    """1 where the move stayed inside edges * exp(log width), 0 where not, NaN where one is not known."""
    unit = np.exp(log_widths)
    inside = (edges[0] * unit <= moves) & (moves <= edges[1] * unit)
    return np.where(np.isfinite(unit) & np.isfinite(moves), inside, np.nan)


def by_code(widths: Widths, codes: Sequence[str]) -> dict[str, Any]:
    """As parameters: together, and alone by stock."""
    alone = dict(zip(codes, widths.alone.round(6).tolist(), strict=True))
    return {"together": round(widths.together, 6), "alone": alone}


def log_width(parameters: Mapping[str, Any], code: str) -> float:
    """Of one stock; one that the training did not know has that of all."""
    return float(parameters["together"] + parameters["alone"].get(code, 0.0))
