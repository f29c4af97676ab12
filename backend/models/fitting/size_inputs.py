"""What the size of the next moves is read from, for every stock and session of a panel (docs/methods.md 2.7).

Column t uses sessions up to t only. A session without a bar is left out of the means that hold it; a mean without any
is that of the next longer window, and NaN where there is none either.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from backend.domain.moves.sizes import FLOOR, LARGEST, OWN_SIZES, SIZES
from backend.models.fitting.panel import FloatArray, Panel
from backend.models.fitting.windows import window_max, window_mean

_WINDOWS: Final = (1, 5, 20, 60, 120)
_SHOCK: Final = 3.0  # of a logarithm of volume
_LEVERAGE: Final = 4.0  # sigmas


def _mean(values: FloatArray, length: int) -> FloatArray:
    return window_mean(values, length, least=0)


def _log(values: FloatArray) -> FloatArray:
    logs: FloatArray = np.log(np.maximum(values, 0) + FLOOR)
    return logs


def _log_means(values: FloatArray, windows: tuple[int, ...]) -> list[FloatArray]:
    """Of each window the log of the mean; where it is empty, that of the next longer one."""
    means = [_log(_mean(values, length)) for length in windows]
    for n in range(len(means) - 2, -1, -1):
        means[n] = np.where(np.isnan(means[n]), means[n + 1], means[n])
    return means


def _volume(panel: Panel) -> list[FloatArray]:
    logs = np.log(np.where(panel.volumes > 0, panel.volumes, np.nan))
    before = np.full_like(logs, np.nan)
    before[:, 1:] = logs[:, :-1]
    shocks = (logs - _mean(before, 20), _mean(logs, 5) - _mean(logs, 60))
    return [np.clip(shock, -_SHOCK, _SHOCK) for shock in shocks]


def own_sizes(panel: Panel, adjusted: FloatArray, sigmas: FloatArray) -> FloatArray:
    """(stocks, dates, OWN_SIZES). `adjusted`: market-adjusted daily returns, NaN without a bar; `sigmas`: daily."""
    moves = np.abs(adjusted)
    ranges = np.where(panel.traded, np.log(panel.highs / panel.lows), np.nan)
    gaps = np.full_like(moves, np.nan)
    gaps[:, 1:] = np.abs(panel.opens[:, 1:] / panel.closes[:, :-1] - 1)
    columns = (
        *_log_means(moves, _WINDOWS),
        *_log_means(ranges, _WINDOWS),
        *_log_means(gaps, _WINDOWS[:3]),
        _log(window_max(moves, 5)),
        *_volume(panel),
        np.clip(adjusted / sigmas, -_LEVERAGE, _LEVERAGE),
        *_log_means(np.abs(panel.market), (1, 20)),
    )
    assert len(columns) == len(OWN_SIZES)
    return np.stack(columns, axis=2)


def with_dispersion(own: FloatArray, traded: NDArray[np.bool_]) -> FloatArray:
    """(stocks, dates, SIZES): beside its own the mean move of all stocks that traded, of one and of five sessions."""
    columns = [own]
    for name in ("move_1", "move_5"):
        moves = np.minimum(np.exp(own[:, :, OWN_SIZES.index(name)]) - FLOOR, LARGEST)
        known = np.isfinite(moves) & traded
        count = known.sum(axis=0)
        mean = np.where(count > 0, np.where(known, moves, 0).sum(axis=0) / np.maximum(count, 1), np.nan)
        columns.append(np.broadcast_to(_log(mean)[None, :, None], (*own.shape[:2], 1)))
    found = np.concatenate(columns, axis=2)
    assert found.shape[2] == len(SIZES)
    return found
