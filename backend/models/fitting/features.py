"""Features that members learn from and the labels that follow, for every stock and trade date of a panel.

Features of column t use sessions up to and including t (test: removing the future changes nothing). Formulas:
docs/methods.md 1 and 2.2; beta and sigma come from backend.stats.returns.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from backend.domain.price_windows import MARKET_MINIMUM
from backend.domain.stock_days import FEATURES, MINIMUM_BARS, MINIMUM_SIGMA_BARS
from backend.models.fitting.panel import FloatArray, Panel
from backend.models.fitting.windows import window_max, window_mean, window_moments, window_sum
from backend.stats.returns import rolling_market_model
from backend.stats.scoring import window_return

DIGITS: Final = 10
LARGEST_MARKET_MOVE: Final = 0.03  # of a day; of five, twice that


@dataclass(frozen=True)
class Features:
    """`values` is (stocks, dates, len(FEATURES)), NaN where history is too short; the others (stocks, dates).

    `early_sigmas`: `sigmas` and those of the first sessions, when they are more the start of the average than the
    stock's own.
    """

    values: FloatArray
    adjusted: FloatArray
    betas: FloatArray
    sigmas: FloatArray
    early_sigmas: FloatArray


@dataclass(frozen=True)
class Labels:
    """Outcome of an entry at the open after column t and an exit at the close of t + h; NaN where not known.

    `adjusted` is the market-adjusted return, a fraction; `y` is 1, 0 or 0.5 by its sign; `z` is `adjusted` and `move_z`
    the log move from the close of t to the exit, both in units of sigma sqrt(h). All (stocks, dates).
    """

    adjusted: FloatArray
    y: FloatArray
    z: FloatArray
    move_z: FloatArray


def _market_model(panel: Panel) -> tuple[FloatArray, FloatArray]:
    pairs = [rolling_market_model(own, market) for own, market in zip(panel.raw_returns, panel.market, strict=True)]
    betas, sigmas = np.array(pairs).reshape(-1, 2, len(panel.dates)).transpose(1, 0, 2)
    return betas, sigmas


def _logs(panel: Panel) -> tuple[FloatArray, FloatArray]:
    """The log move overnight and that of the session of each stock; NaN without a bar."""
    opens, closes = np.log(panel.opens), np.log(panel.closes)
    overnight = np.full_like(closes, np.nan)
    overnight[:, 1:] = opens[:, 1:] - closes[:, :-1]
    return overnight, np.where(panel.traded, closes - opens, np.nan)


def _moves(panel: Panel, adjusted: FloatArray) -> dict[str, FloatArray]:
    """Returns against the market by their age, and what of them was overnight and what in sessions."""
    sums = {length: window_sum(adjusted, length) for length in (5, 20, 60)}
    overnight, session = _logs(panel)
    return {
        "ar1": adjusted, "ar5": sums[5], "ar20": sums[20],
        "ar2_5": sums[5] - adjusted, "ar6_20": sums[20] - sums[5], "ar21_60": sums[60] - sums[20],
        "overnight1": overnight, "overnight20": window_mean(overnight, 20), "overnight250": window_mean(overnight, 250),
        "session1": session, "session20": window_mean(session, 20), "session250": window_mean(session, 250),
    }  # fmt: skip


def _prices(panel: Panel) -> dict[str, FloatArray]:
    spread = panel.highs - panel.lows
    place = (np.where(panel.traded, panel.closes, np.nan) - panel.lows) / np.where(spread > 0, spread, np.nan)
    return {
        "close_in_range": np.where(spread == 0, 0.5, place),
        "below_high240": panel.closes / window_max(panel.closes, 240) - 1,
        "range1": np.log(panel.highs / panel.lows),
    }


def _volumes(panel: Panel, adjusted: FloatArray) -> dict[str, FloatArray]:
    """All NaN where the volume of the day is missing."""
    volume = np.log(np.where(panel.volumes > 0, panel.volumes, np.nan))
    before = np.full_like(volume, np.nan)
    before[:, 1:] = volume[:, :-1]
    shock = volume - window_mean(before, 20)
    return {
        "volume_shock": shock,
        "volume5_60": window_mean(volume, 5) - window_mean(volume, 60),
        "turnover60": window_mean(volume + np.log(panel.closes), 60),
        "move_x_volume": adjusted * shock,
    }


def _spreads(panel: Panel, adjusted: FloatArray) -> dict[str, FloatArray]:
    moved = np.where(panel.traded, adjusted, np.nan)
    return {
        "sd20": window_moments(moved, 20)[0],
        "largest20": window_max(moved, 20),
        "skew60": window_moments(moved, 60)[1],
    }


def _market_state(panel: Panel) -> dict[str, FloatArray]:
    """Clipped, because a crash is outside of everything that was learned."""
    return {
        "market1": np.clip(panel.market, -LARGEST_MARKET_MOVE, LARGEST_MARKET_MOVE),
        "market5": np.clip(window_sum(panel.market, 5), -2 * LARGEST_MARKET_MOVE, 2 * LARGEST_MARKET_MOVE),
        "kosdaq": np.broadcast_to(panel.kosdaq[:, None], panel.returns.shape).astype(float),
    }


def compute_features(panel: Panel) -> Features:
    """All features of all columns at once, rounded to what is stored."""
    betas, sigmas = _market_model(panel)
    bars = np.cumsum(panel.traded, axis=1)
    adjusted = panel.returns - betas * panel.market
    columns = (
        _moves(panel, adjusted)
        | _prices(panel)
        | _volumes(panel, adjusted)
        | _spreads(panel, adjusted)
        | _market_state(panel)
    )
    stacked: FloatArray = np.stack([columns[name] for name in FEATURES], axis=2)
    values = stacked.round(DIGITS)
    values[bars < MINIMUM_BARS] = np.nan
    return Features(values, adjusted, betas, np.where(bars > MINIMUM_SIGMA_BARS, sigmas, np.nan), sigmas)


def _ahead(values: FloatArray, sessions: int) -> FloatArray:
    shifted = np.full_like(values, np.nan)
    shifted[:, :-sessions] = values[:, sessions:]
    return shifted


def open_to_close(panel: Panel) -> tuple[FloatArray, FloatArray]:
    """Mean return from open to close of the stocks that traded in each session, and their number; both (dates,)."""
    own = np.where(panel.traded, panel.closes / panel.opens - 1, np.nan)
    known = np.isfinite(own)
    count = known.sum(axis=0)
    return np.where(known, own, 0).sum(axis=0) / np.maximum(count, 1), count.astype(np.float64)


def _first_leg(panel: Panel) -> FloatArray:
    """The market in the session of the entry as outcomes see it: ten stocks from open to close, else its whole day."""
    mean, count = open_to_close(panel)
    return np.where(count >= MARKET_MINIMUM, mean, np.nan_to_num(panel.market))


def compute_labels(panel: Panel, features: Features, horizon: int) -> Labels:
    """Outcomes inside the panel; a label whose exit lies beyond the last column is NaN."""
    closes = np.where(panel.traded, panel.closes, np.nan)
    level = np.multiply.accumulate(1 + np.nan_to_num(panel.market), axis=1)
    exits = _ahead(closes, horizon)
    raw: FloatArray = exits / _ahead(panel.opens, 1) - 1
    rest = _ahead(level, horizon) / _ahead(level, 1)
    adjusted = window_return(raw, features.betas, _ahead(_first_leg(panel), 1), rest)
    scale = features.sigmas * horizon**0.5
    moves: FloatArray = np.log(exits / panel.closes) / scale
    return Labels(adjusted, (np.sign(adjusted) + 1) / 2, adjusted / scale, moves)
