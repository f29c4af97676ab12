"""What the size of the next moves is read from at the close of a session, as it is stored (docs/methods.md 2.7)."""

import math
from collections.abc import Iterable
from typing import Final

from backend.domain.stock_days import StockDay

# Logs of the mean absolute move, daily range and overnight gap of the last sessions, and of their largest move; volume
# against the sessions before; the last move in sigmas; logs of the market's own move. In the order in which they are
# stored: a change of one needs a new FEATURE_SET.
OWN_SIZES: Final = (
    "move_1", "move_5", "move_20", "move_60", "move_120", "range_1", "range_5", "range_20", "range_60", "range_120",
    "overnight_1", "overnight_5", "overnight_20", "extreme_5", "volume_1", "volume_5", "leverage", "index_1",
    "index_20",
)  # fmt: skip
# Of all stocks that traded on the day: the log of their mean absolute move, of one session and of five.
DAY_SIZES: Final = ("dispersion_1", "dispersion_5")
SIZES: Final = (*OWN_SIZES, *DAY_SIZES)
# Of a running session, beside them: how far its price is from the last close, up or down, and the share of it that is
# left.
SO_FAR: Final = "so_far"
LEFT: Final = "left"
REST_SIZES: Final = (*SIZES, SO_FAR)
STEPS: Final = 13  # of a session: half an hour each of the regular one
_FINE: Final = 0.002  # a smaller change of the price is no reason to speak again
_FARTHEST: Final = 0.31  # of a price in one session; beyond that the last close is of other shares
_DISPERSED: Final = {"dispersion_1": "move_1", "dispersion_5": "move_5"}
FLOOR: Final = 0.001  # added before a logarithm: a tenth of a percent is a small move, and 0 has no logarithm
LARGEST: Final = 0.1  # of one stock in the mean of a day: one takeover is no wild market
_DIGITS: Final = 10


def known_sizes(day: StockDay) -> dict[str, float]:
    """Of one stock by name, those that are known, rounded as members see them."""
    pairs = zip(OWN_SIZES, day.sizes or (), strict=False)
    return {name: round(value, _DIGITS) for name, value in pairs if value is not None}


def rest_sizes(close_krw: float, price_krw: float, left: float) -> dict[str, float] | None:
    """What the rest of a session is read from beside the last close, by name; None where the price cannot be compared.

    `left`: the share of the session that is left, above 0 to 1.
    """
    so_far = abs(price_krw / close_krw - 1)
    if so_far > _FARTHEST:
        return None
    return {
        SO_FAR: round(round(so_far / _FINE) * _FINE, _DIGITS),
        LEFT: round(max(1, math.ceil(left * STEPS - 0.5)) / STEPS, _DIGITS),
    }


def day_sizes(days: Iterable[StockDay]) -> dict[str, float]:
    """Of all stocks of one session that traded in it, by name; without one that is known for none."""
    traded = [day.sizes for day in days if day.sizes and day.sessions_since_bar == 0]
    found = {}
    for name, own in _DISPERSED.items():
        logs = [sizes[OWN_SIZES.index(own)] for sizes in traded]
        moves = [min(math.exp(value) - FLOOR, LARGEST) for value in logs if value is not None]
        if moves:
            found[name] = round(math.log(math.fsum(moves) / len(moves) + FLOOR), _DIGITS)
    return found
