"""Seeded prices: a one-factor model on the KRX tick grid, with price limits, a halted stock and one split.

A session's log return is beta x market + own noise + planted drift; a quarter of the variance is the opening gap. Own
noise is skewed as on the exchange: most stocks lag the market a little and a few leave it behind, so that fewer than
half beat it. Calm and wild times take turns for all stocks, and some sessions are a shock for the whole market
(figures: docs/standin.md).

Sessions are computed in order and cached, each from random numbers keyed by (seed, symbol, session), so a price does
not depend on when it is requested.
"""

import math
import random
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from backend.demo.world.chance import chance
from backend.demo.world.stocks import HALTED_CODE, SPLIT_CODE, SPLIT_RATIO, DemoStock
from backend.demo.world.story_plan import SPLIT_BEFORE_START, StoryPlan
from backend.domain.market import Market as Board
from backend.krx import price_limits_krw, tick_size_krw

INDEX_START: Final = {Board.KOSPI.value: 3_850.0, Board.KOSDAQ.value: 905.0}
INDEX_SIGMA: Final = {Board.KOSPI.value: 0.0095, Board.KOSDAQ.value: 0.0120}
STEPS: Final = 60
GAP_SHARE: Final = 0.25
# Skew of own noise: that of a lognormal move with this sigma, in units of its standard deviation.
SKEW: Final = 0.4
# Sigmas of calm and wild times relative to the usual ones; a time lasts so many sessions or a multiple of them.
CALM, WILD, WILD_SHARE, TIME_SESSIONS = 0.8, 1.6, 0.3, 12
# Share of sessions that are a shock, and its size in sigmas of the index.
SHOCK_SHARE, SHOCK_SIGMA = 0.02, 3.0
HALT_BEFORE_START: Final = 40
# The halted stock is halted in the third demo session too, and in every 24th after that.
DEMO_HALT, DEMO_HALT_EVERY = 2, 24


@dataclass(frozen=True, slots=True)
class Bar:
    """One session of a stock (whole KRW) or index. `base` is the price that limits and changes refer to."""

    base: float
    open: float
    high: float
    low: float
    close: float
    volume: int
    halted: bool = False


def on_grid(price: float) -> int:
    """The nearest price on the KRX tick grid."""
    tick = tick_size_krw(price)
    return round(price / tick) * tick


class SeededMarket:
    """Bars and paths of all demo stocks and both indices."""

    def __init__(self, plan: StoryPlan, seed: int) -> None:
        self._plan, self._seed = plan, seed
        self._path = lru_cache(maxsize=64)(self._walk)
        self._count = plan.sessions.count
        self._bars: dict[str, list[Bar]] = {symbol: [] for symbol in (*INDEX_START, *plan.by_code)}
        first = INDEX_START | {stock.code: float(stock.first_price_krw) for stock in plan.stocks}
        self._logs = {symbol: math.log(price) for symbol, price in first.items()}
        self.bar(Board.KOSPI, self._count - 1)

    def bar(self, symbol: str, session: int) -> Bar:
        """The finished session; KeyError for an unknown symbol."""
        bars = self._bars[symbol]
        while len(bars) <= session:
            self._advance(len(bars))
        return bars[session]

    def is_halted(self, code: str, session: int) -> bool:
        since = session - self._count
        demo = since >= 0 and since % DEMO_HALT_EVERY == DEMO_HALT
        return code == HALTED_CODE and (demo or since == -HALT_BEFORE_START)

    def is_before_split(self, symbol: str, session: int) -> bool:
        """Whether prices of that session are in shares of before the split."""
        return symbol == SPLIT_CODE and session < self.split_session

    @property
    def split_session(self) -> int:
        """The first session with prices after the split."""
        return self._count - SPLIT_BEFORE_START

    def bar_at(self, symbol: str, session: int, fraction: float) -> Bar:
        """The bar after `fraction` of the session; from 1 on the finished bar."""
        whole = self.bar(symbol, session)
        if fraction >= 1 or whole.halted:
            return whole
        path = self._path(symbol, session, whole)
        step = int(fraction * STEPS)
        ahead = fraction * STEPS - step
        price = self._quoted(symbol, whole.base, path[step] + (path[step + 1] - path[step]) * ahead)
        passed = path[: step + 1]
        high, low = (self._quoted(symbol, whole.base, extreme(passed)) for extreme in (max, min))
        volume = int(whole.volume * (0.04 + 0.90 * fraction))
        return Bar(whole.base, whole.open, max(high, price), min(low, price), price, volume)

    def _advance(self, session: int) -> None:
        factors = self._factors(session)
        for index, (gap, day) in factors.items():
            self._bars[index].append(self._index_bar(index, session, gap, day))
        for stock in self._plan.stocks:
            self._bars[stock.code].append(self._stock_bar(stock, session, *factors[stock.market]))

    def _factors(self, session: int) -> dict[str, tuple[float, float]]:
        """(gap, rest of the day) log returns of both indices; KOSDAQ follows KOSPI and itself."""
        rng = chance(self._seed, "market", session)
        times = self._times(session)
        shared = _gap_and_day(rng, 0.0003, INDEX_SIGMA[Board.KOSPI] * times)
        own = _gap_and_day(rng, 0.0, 0.008 * times)
        if rng.random() < SHOCK_SHARE:
            shared = shared[0], shared[1] + rng.choice((-1, 1)) * SHOCK_SIGMA * INDEX_SIGMA[Board.KOSPI]
        return {Board.KOSPI: shared, Board.KOSDAQ: (0.9 * shared[0] + own[0], 0.9 * shared[1] + own[1])}

    def _times(self, session: int) -> float:
        """Factor of all sigmas: calm or wild, for some weeks at a time."""
        is_wild = chance(self._seed, "times", session // TIME_SESSIONS).random() < WILD_SHARE
        return WILD if is_wild else CALM

    def _index_bar(self, index: str, session: int, gap: float, day: float) -> Bar:
        base = math.exp(self._logs[index])
        opened = round(math.exp(self._logs[index] + gap), 2)
        self._logs[index] += gap + day
        closed = round(math.exp(self._logs[index]), 2)
        volume = chance(self._seed, "volume", index, session).randint(280_000, 620_000)
        return self._with_range(index, session, Bar(round(base, 2), opened, opened, closed, closed, volume))

    def _stock_bar(self, stock: DemoStock, session: int, market_gap: float, market_day: float) -> Bar:
        base = self._base(stock.code, session)
        if self.is_halted(stock.code, session):
            return Bar(base, 0, 0, 0, base, 0, halted=True)
        rng = chance(self._seed, stock.code, session)
        gap, day = _skewed_gap_and_day(rng, stock.sigma * self._times(session))
        drift = self._plan.drift_sigma(stock.code, session) * stock.sigma
        before = self._logs[stock.code]
        opened = self._quoted(stock.code, base, before + stock.beta * market_gap + gap)
        latent = before + stock.beta * (market_gap + market_day) + gap + day + drift
        closed = self._quoted(stock.code, base, latent)
        limits = price_limits_krw(int(base))
        self._logs[stock.code] = math.log(closed) if closed in limits else latent
        shock = abs(gap + day + drift) / stock.sigma
        volume = int(stock.daily_volume * math.exp(rng.gauss(-0.1, 0.3)) * (0.7 + 0.4 * shock))
        return self._with_range(stock.code, session, Bar(base, opened, opened, closed, closed, volume))

    def _base(self, code: str, session: int) -> int:
        """Yesterday's close, or a fifth of it on the day of the split (prices before stay as they were)."""
        if not session:
            return on_grid(self._plan.by_code[code].first_price_krw)
        previous = self._bars[code][session - 1].close
        if code == SPLIT_CODE and session == self.split_session:
            self._logs[code] -= math.log(SPLIT_RATIO)
            return on_grid(previous / SPLIT_RATIO)
        return int(previous)

    def _with_range(self, symbol: str, session: int, bar: Bar) -> Bar:
        path = self._path(symbol, session, bar)
        high, low = (self._quoted(symbol, bar.base, extreme(path)) for extreme in (max, min))
        return Bar(
            bar.base, bar.open, max(high, bar.open, bar.close), min(low, bar.open, bar.close), bar.close, bar.volume
        )

    def _walk(self, symbol: str, session: int, bar: Bar) -> list[float]:
        """STEPS + 1 log prices from open to close: a Brownian bridge."""
        rng = chance(self._seed, "path", symbol, session)
        sigma = self._plan.by_code[symbol].sigma if symbol in self._plan.by_code else INDEX_SIGMA[symbol]
        gauss, step = rng.gauss, 0.8 * sigma / math.sqrt(STEPS)
        walk = [0.0]
        for _ in range(STEPS):
            walk.append(walk[-1] + gauss(0.0, step))
        first = math.log(bar.open)
        slope = (math.log(bar.close) - first - walk[-1]) / STEPS
        return [first + point + slope * number for number, point in enumerate(walk)]

    def _quoted(self, symbol: str, base: float, log_price: float) -> float:
        """A log price as it is traded: stocks on the grid and within the limits, indices to 0.01."""
        if symbol in INDEX_START:
            return round(math.exp(log_price), 2)
        low, high = price_limits_krw(int(base))
        return min(max(on_grid(math.exp(log_price)), low), high)


def _gap_and_day(rng: random.Random, mean: float, sigma: float) -> tuple[float, float]:
    """Log returns of the opening gap and of the rest; one session in ten is 1.8 times as wild (fat tails)."""
    gap = rng.gauss(0.0, _tailed(rng, sigma) * math.sqrt(GAP_SHARE))
    return gap, rng.gauss(mean, _tailed(rng, sigma) * math.sqrt(1 - GAP_SHARE))


def _skewed_gap_and_day(rng: random.Random, sigma: float) -> tuple[float, float]:
    """The same with mean 0 and a median below it."""
    wild = _tailed(rng, sigma)
    gap, day = _skewed(rng), _skewed(rng)
    return gap * wild * math.sqrt(GAP_SHARE), day * wild * math.sqrt(1 - GAP_SHARE)


def _tailed(rng: random.Random, sigma: float) -> float:
    return sigma * (1.8 if rng.random() < 0.1 else 0.87)


def _skewed(rng: random.Random) -> float:
    """A lognormal value with mean 0 and standard deviation 1."""
    square = math.exp(SKEW * SKEW)
    return (math.exp(SKEW * rng.gauss(0.0, 1.0)) - math.sqrt(square)) / math.sqrt(square * (square - 1))
