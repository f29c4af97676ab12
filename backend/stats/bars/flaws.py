"""Bars that lie: flags for what a table of daily bars cannot be, in plain Python because jobs run it without numpy.

What each flag means is in `domain.market.BarFlag`, how each is found in docs/methods.md 1.5. A flag of session t rests
on sessions up to t only, but for none of the others of its own session: a market is looked at whole.
"""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from backend.domain.market import BarFlag

# The exchange lets a price move 30 % from its base; a tenth of a percent more for bases that were adjusted and rounded.
LIMIT: Final = 0.301
# A third of the exchange's stocks never stand still at once; the share of halted ones is below 5 %.
STILL_SHARE: Final = 0.2
# Fewer stocks than this are no market.
MARKET: Final = 10
# The median stock trades between these multiples of its own median of the last 20 sessions, in crashes too.
VOLUMES: Final = (0.25, 4.0)
BASELINE, LOOK_BACK, ENOUGH = 20, 60, 5
_ROUNDING: Final = 1e-9


@dataclass(frozen=True, slots=True)
class StockBars:
    """One stock over consecutive sessions; None where it has no bar, or a bar no such price.

    `bases`: the exchange's base price, if told. `adjusted`: whether a bar is of a series that was adjusted later; None
    where it makes no difference.
    `factors`: of the corporate actions that are known: new price / old price, 1 without one, None where nobody told it
    or two sources disagree. `limited`: whether the session had price limits (not so in liquidation trading).
    """

    opens: Sequence[float | None]
    highs: Sequence[float | None]
    lows: Sequence[float | None]
    closes: Sequence[float | None]
    volumes: Sequence[int | None]
    bases: Sequence[float | None]
    adjusted: Sequence[bool | None]
    factors: Sequence[float | None]
    limited: Sequence[bool]

    def traded(self, t: int) -> bool:
        return self.opens[t] is not None


Flags = list[set[BarFlag]]


def find_flaws(stocks: Mapping[str, StockBars], first: int = 0) -> dict[str, Flags]:
    """The flags of every stock and session; all stocks are on the same sessions.

    Sessions before `first` were looked at before: their volumes are what later ones are measured by, without those that
    were found broken.
    """
    flags = {code: _own_flaws(stock) for code, stock in stocks.items()}
    length = max((len(stock.closes) for stock in stocks.values()), default=0)
    _find_still_sessions(stocks, flags, length)
    _find_volume_breaks(stocks, flags, range(first, length))
    return flags


def _own_flaws(stock: StockBars) -> Flags:
    """What the bars of one stock tell alone."""
    flags: Flags = [set() for _ in stock.closes]
    before: int | None = None
    for t, close in enumerate(stock.closes):
        if close is None:
            continue
        flags[t] |= _flaws_of_bar(stock, t)
        if stock.factors[t] is None:
            flags[t].add(BarFlag.UNKNOWN_ACTION)
        if before is not None:
            flags[t] |= _flaws_beside(stock, before, t)
        before = t
    return flags


def _flaws_of_bar(stock: StockBars, t: int) -> set[BarFlag]:
    opened, high, low, close = stock.opens[t], stock.highs[t], stock.lows[t], stock.closes[t]
    if opened is None or high is None or low is None or close is None:
        return {BarFlag.NO_TRADE}
    found = set()
    if max(opened, close) > high * (1 + _ROUNDING) or min(opened, close) < low * (1 - _ROUNDING):
        found.add(BarFlag.OUTSIDE_RANGE)
    if not stock.volumes[t]:
        found.add(BarFlag.VOLUME_BREAK)
    return found


def _flaws_beside(stock: StockBars, before: int, t: int) -> set[BarFlag]:
    """What the bar of session t cannot be after that of `before`, the last one there is."""
    if None not in (bases := {stock.adjusted[t], stock.adjusted[before]}) and len(bases) > 1:
        return {BarFlag.OTHER_BASIS}
    if t - before == 1 and stock.traded(t) and _row(stock, t) == _row(stock, before):
        return {BarFlag.FLAT_COPY}
    if not stock.limited[t] or stock.factors[t] is None:
        return set()
    if not _leads_to_base(stock, before, t):
        return {BarFlag.UNKNOWN_ACTION}
    if _is_within(stock, before, t):
        return set()
    is_explained = stock.adjusted[t] or stock.bases[t] is not None
    return {BarFlag.BEYOND_LIMIT if is_explained else BarFlag.UNKNOWN_ACTION}


def _row(stock: StockBars, t: int) -> tuple[float | None, ...]:
    return stock.opens[t], stock.highs[t], stock.lows[t], stock.closes[t], stock.volumes[t]


def _leads_to_base(stock: StockBars, before: int, t: int) -> bool:
    """Whether the sessions without a row after `before` can have led from its close to the base price of session t."""
    base, missing = stock.bases[t], t - before - 1
    if base is None or not missing or stock.adjusted[t]:
        return True
    close = (stock.closes[before] or 0.0) * (stock.factors[t] or 1.0)
    return close * (1 - LIMIT) ** missing <= base <= close * (1 + LIMIT) ** missing


def _is_within(stock: StockBars, before: int, t: int) -> bool:
    """Whether open and close could be reached: within a day of the base price, or all the days since `before`."""
    base, sessions = stock.bases[t], 1
    if base is None:
        base, sessions = (stock.closes[before] or 0.0) * (stock.factors[t] or 1.0), t - before
    low, high = base * (1 - LIMIT) ** sessions, base * (1 + LIMIT) ** sessions
    return all(price is None or low <= price <= high for price in (stock.opens[t], stock.closes[t]))


def _find_still_sessions(stocks: Mapping[str, StockBars], flags: Mapping[str, Flags], length: int) -> None:
    """Sessions on which too many stocks stand still: their bars are copies of the day before, not halts."""
    for t in range(length):
        rows = [code for code, stock in stocks.items() if stock.closes[t] is not None]
        still = [code for code in rows if not stocks[code].traded(t)]
        if len(rows) >= MARKET and len(still) >= STILL_SHARE * len(rows):
            for code in still:
                flags[code][t].add(BarFlag.FLAT_COPY)


def _find_volume_breaks(stocks: Mapping[str, StockBars], flags: Mapping[str, Flags], sessions: range) -> None:
    """Sessions on which the volume of the median stock breaks from the last unbroken ones.

    A level that holds for LOOK_BACK sessions is the new one.
    """
    volumes = {code: [volume or None for volume in stock.volumes] for code, stock in stocks.items()}
    for t in sessions:
        shares = [
            share for code, own in volumes.items() if stocks[code].traded(t) and (share := _share(own, t)) is not None
        ]
        if len(shares) < MARKET or VOLUMES[0] <= statistics.median(shares) <= VOLUMES[1]:
            continue
        for code, own in volumes.items():
            if stocks[code].traded(t):
                flags[code][t].add(BarFlag.VOLUME_BREAK)
            own[t] = None


def _share(volumes: Sequence[int | None], t: int) -> float | None:
    """Volume of session t over the median of the last BASELINE before it; None with too few of them."""
    volume = volumes[t]
    known = [value for value in volumes[max(0, t - LOOK_BACK) : t] if value]
    return volume / statistics.median(known[-BASELINE:]) if volume and len(known) >= ENOUGH else None
