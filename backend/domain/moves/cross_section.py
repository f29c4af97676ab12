"""Where a stock stands among all stocks of the day, feature by feature (docs/methods.md 2.2).

Plain Python, because forecasts are made from stored rows in a process without numpy. Training ranks whole panels by
backend.models.fitting.cross_section; a test holds that both give the same to the last digit, for which the means are
taken of whole numbers.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import mul
from typing import Final, TypeVar

from backend.domain.stock_days import DIRECTION, FEATURES, MARKET_STATE, RANKED, StockDay

UNIT: Final = 1e10  # features are stored with ten decimals
_RANKED: Final = tuple(FEATURES.index(name) for name in RANKED)
_STATE: Final = tuple(FEATURES.index(name) for name in MARKET_STATE)
_KOSDAQ: Final = FEATURES.index("kosdaq")
# By code, values in the order of DIRECTION: ranks from -.5 (lowest) to .5, then the state of the market as it is.
Key = TypeVar("Key", int, str)
CrossSection = Mapping[str, Sequence[float]]


def rank_day(days: Iterable[StockDay]) -> dict[str, list[float]]:
    """The cross-section of one session, from the rows of all stocks.

    Only stocks with features and a recent bar are in it; one that is alone has no rank. What a stock lacks, as a
    volume, counts as the middle (0).
    """
    present = [day for day in days if day.is_ranked]
    if len(present) < 2:
        return {}
    rows = [day.features or [] for day in present]
    columns = [_ranks([row[n] for row in rows], [row[_KOSDAQ] for row in rows]) for n in _RANKED]
    states = [[row[n] or 0.0 for n in _STATE] for row in rows]
    return {
        day.stock_code: [*ranks, *state]
        for day, ranks, state in zip(present, zip(*columns, strict=True), states, strict=True)
    }


def _ranks(values: Sequence[float | None], markets: Sequence[float | None]) -> list[float]:
    """Ranks of the values less the mean of their own market; equal ones share the middle of their places."""
    known = [n for n, value in enumerate(values) if value is not None]
    units = [0 if value is None else round(value * UNIT) for value in values]
    sums: dict[float | None, int] = {}
    counts = Counter(markets[n] for n in known)
    for n in known:
        sums[markets[n]] = sums.get(markets[n], 0) + units[n]
    means = {market: total / counts[market] for market, total in sums.items()}
    ranks = [0.0] * len(values)
    for n, place in _places(known, [units[n] - means[markets[n]] for n in known]):
        ranks[n] = (place + 0.5) / len(known) - 0.5
    return ranks


def _places(keys: Sequence[Key], scores: Sequence[float]) -> Iterator[tuple[Key, float]]:
    """Each key with its place from 0 on by score; equal scores share the middle of their places."""
    order = sorted(range(len(keys)), key=scores.__getitem__)
    start = 0
    while start < len(order):
        score, end = scores[order[start]], start + 1
        while end < len(order) and scores[order[end]] == score:
            end += 1
        middle = (start + end - 1) / 2
        for place in order[start:end]:
            yield keys[place], middle
        start = end


def standings(section: CrossSection, weights: Mapping[str, float]) -> dict[str, float]:
    """By code the share (0 to 1) of the other stocks that a linear rule places lower, equal ones counting one half.

    `weights`: by names of DIRECTION.
    """
    factors = [weights.get(name, 0.0) for name in DIRECTION]
    scores = [sum(map(mul, factors, values)) for values in section.values()]
    return {code: place / max(1, len(scores) - 1) for code, place in _places(list(section), scores)}
