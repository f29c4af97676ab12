"""Why a stock moved: its move since the last close, split into market, industry and own part.

Plain Python, because rows are split in the scheduler process, which loads no numpy. Formulas: docs/methods.md 1.6.
"""

import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

# Fewer other stocks than this are no industry.
INDUSTRY_MINIMUM: Final = 3
# The median of n others counts n / (n + this): an industry moves half as much as a stock of it does on its own, and the
# variance of a median is 1.57 times that of a mean.
INDUSTRY_NOISE: Final = 6


@dataclass(frozen=True, slots=True)
class ObservedMove:
    """Move of a stock since its last close (a fraction), with the beta and daily sigma known at that close.

    `industry` is None where the reference table tells none.
    """

    stock_code: str
    market: str
    industry: str | None
    move: float
    beta: float
    sigma: float


@dataclass(frozen=True, slots=True)
class SplitMove:
    """Parts add up to `move`; `own_sigmas` is the own part in daily sigmas.

    `industry_part` is None with too few others, `industry_stocks` says how many there were.
    """

    stock_code: str
    move: float
    market_return: float
    market_part: float
    industry_part: float | None
    industry_stocks: int
    own_part: float
    own_sigmas: float


def split_moves(observed: Iterable[ObservedMove], market_returns: Mapping[str, float]) -> dict[str, SplitMove]:
    """The split of each stock by its code, all of one session; stocks of a market without a return are left out."""
    known = [stock for stock in observed if stock.market in market_returns]
    rests: dict[str, list[tuple[str, float]]] = {}
    for stock in known:
        if stock.industry is not None:
            rest = stock.move - stock.beta * market_returns[stock.market]
            rests.setdefault(stock.industry, []).append((stock.stock_code, rest))
    return {stock.stock_code: _split(stock, market_returns[stock.market], rests) for stock in known}


def _split(stock: ObservedMove, market_return: float, rests: Mapping[str, Sequence[tuple[str, float]]]) -> SplitMove:
    peers = rests.get(stock.industry, ()) if stock.industry is not None else ()
    others = [rest for code, rest in peers if code != stock.stock_code]
    market_part = stock.beta * market_return
    industry_part = _industry_part(others)
    own_part = stock.move - market_part - (industry_part or 0.0)
    return SplitMove(
        stock_code=stock.stock_code,
        move=stock.move,
        market_return=market_return,
        market_part=market_part,
        industry_part=industry_part,
        industry_stocks=len(others),
        own_part=own_part,
        own_sigmas=own_part / stock.sigma,
    )


def _industry_part(others: Sequence[float]) -> float | None:
    """Median of what the market left of the other stocks, drawn towards 0 when they are few."""
    if len(others) < INDUSTRY_MINIMUM:
        return None
    return statistics.median(others) * len(others) / (len(others) + INDUSTRY_NOISE)
