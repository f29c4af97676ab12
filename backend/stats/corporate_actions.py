"""Finds splits and the like by a price gap that no session can make (the daily limits are +-30 %).

The factor is the simple fraction nearest to the gap, because splits, reductions and bonus issues have simple
ratios while the rest of the gap is the day's own move.
"""

import math
from typing import Final

LOWEST_OPEN: Final = 0.69  # of the previous close; 0.70 and 1.30 are the limits, rounding to ticks adds a little
HIGHEST_OPEN: Final = 1.31
_SPLITS = (1 / 2, 1 / 3, 1 / 4, 1 / 5, 1 / 10, 1 / 20, 1 / 25, 1 / 50, 1 / 100, 2 / 5, 2 / 3)
_RATIOS: Final = (*_SPLITS, *(1 / ratio for ratio in _SPLITS))
_LARGEST_MOVE: Final = math.log(1.3) + 0.01


def infer_ratio(previous_close_krw: int, open_krw: int) -> float | None:
    """New price / old price of the corporate action behind a gap; None if no simple ratio explains it."""
    gap = math.log(open_krw / previous_close_krw)
    ratio = min(_RATIOS, key=lambda candidate: abs(gap - math.log(candidate)))
    return ratio if abs(gap - math.log(ratio)) <= _LARGEST_MOVE else None
