"""Adjustment factors: the exchange's base price of a session over the close before it, for every kind of action.

The exchange sets that base after splits, bonus and rights issues, reductions, spin-offs and re-listings, and measures
the session's limits and change from it. No factor is inferred from a jump of the price: a bonus of 0.3 is none, and
2/5 and 1/3 both explain a fall of 60 %.
"""

from collections.abc import Mapping, Sequence

from backend.stats.bars.flaws import StockBars

# Base prices are rounded to a tick, at most half a percent of a price that is no penny; below 200 KRW one KRW is more.
_ROUNDING, _TICK_KRW = 0.005, 1.0


def told_factors(stock: StockBars) -> dict[int, float]:
    """Session -> base price / close before, for the sessions whose base the exchange told.

    None in an adjusted series (its factor is 1), in liquidation trading (the loss is real), and after a session without
    a row, because the base belongs to a close that is not there.
    """
    factors = {}
    for t in range(1, len(stock.closes)):
        base, previous = stock.bases[t], stock.closes[t - 1]
        if base and previous and stock.limited[t] and not (stock.adjusted[t] or stock.adjusted[t - 1]):
            factors[t] = base / previous
    return factors


def agree(factors: Mapping[str, float | None], previous_close_krw: float | None) -> float | None:
    """The factor that sources tell, by source; None if none tells one or two differ by more than a rounded tick.

    A source that names an action without its factor agrees with the one that tells it.
    """
    told = [factor for factor in factors.values() if factor is not None]
    if not told:
        return None
    rounding = max(_ROUNDING, _TICK_KRW / (previous_close_krw * min(told)) if previous_close_krw else 0.0)
    return told[0] if max(told) / min(told) - 1 <= rounding else None


def adjusted_closes(stock: StockBars, factors: Sequence[float]) -> list[float | None]:
    """Closes in the share units of the last session: each times the product of all later factors."""
    product = 1.0
    closes: list[float | None] = [None] * len(stock.closes)
    for t in range(len(stock.closes) - 1, -1, -1):
        close = stock.closes[t]
        closes[t] = None if close is None else close * product
        product *= factors[t]
    return closes
