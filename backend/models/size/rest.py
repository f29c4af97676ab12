"""The rest of a running session: learnt from whole ones, whose gap is known at the opening (docs/methods.md 2.7).

A price in the middle of a session is as far from the last close as a gap and a part of the session have brought it, so
it counts as the gap that would be as unusual. The rest of a session moves with the root of the time that is left.
"""

import math

import numpy as np

from backend.domain.moves.sizes import FLOOR
from backend.models.fitting.panel import FloatArray, Panel
from backend.models.size.moves import gaps_ahead, rest_ahead


def log_gaps(panel: Panel) -> FloatArray:
    """(stocks, dates): the input beside those of the close."""
    logs: FloatArray = np.log(gaps_ahead(panel) + FLOOR)
    return logs


def gap_share(panel: Panel) -> float:
    """Share of the gaps in the squared moves of gap and session, of all stocks; a half while nothing has moved."""
    gaps, rests = (float(np.nanmean(moves**2)) for moves in (gaps_ahead(panel), rest_ahead(panel).adjusted))
    return round(gaps / (gaps + rests), 6) if gaps + rests > 0 else 0.5


def log_gap_like(share: float, so_far: float, left: float) -> float:
    """The log input of a price that is `so_far` from the last close when `left` of the session is left."""
    usual = share + (1 - share) * (1 - left)
    return math.log(so_far * math.sqrt(share / usual) + FLOOR)


def log_left(left: float) -> float:
    """Added to the log of a scale of a whole session."""
    return math.log(left) / 2
