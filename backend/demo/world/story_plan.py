"""The seeded plan of stories (when what happens to which stock), from which articles and prices are made.

Time is divided into windows. Windows 0..count-1 are the days of the real sessions; the next ones have the length of a
demo session, and the first three of those end at the start, so that feeds have recent items when the demo begins. The
plan of a window depends on the seed and its number only.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final

from backend.clock import KST
from backend.demo.world.chance import chance
from backend.demo.world.events import EVENT_TYPES, EVENT_WEIGHTS, SPLIT_EVENT, EventType
from backend.demo.world.sessions import Sessions
from backend.demo.world.stocks import DEMO_STOCKS, SPLIT_CODE, DemoStock

WARM_STRETCHES: Final = 3
SPLIT_BEFORE_START: Final = 120
# In the last sessions before the start each stock has an event of its own, so that there is something to say of it.
RECENT_SESSIONS: Final = 2
# Shares of the planted drift in the five sessions after publication, from the session of the entry on.
DRIFT: Final = (0.50, 0.22, 0.13, 0.09, 0.06)
# One story every 3.4 minutes, with 2.9 articles each: 8 to 9 articles in 10 minutes.
STORY_EVERY: Final = timedelta(minutes=3.4)
_KINDS: Final = ("event", "reaction", "roundup", "market", "group", "broker")
_KIND_WEIGHTS: Final = (74, 8, 5, 6, 3, 4)


@dataclass(frozen=True, slots=True)
class Story:
    """One event or side story. `enters`: the first session that opens after its publication."""

    window: int
    number: int
    kind: str
    published_at: datetime
    stock: DemoStock
    event: EventType
    enters: int
    effect_sigma: float


class StoryPlan:
    """Stories by window, and their drift per stock and session. `by_code`: the stocks of this world.

    Without `effects` the same stories move no price.
    """

    def __init__(
        self, sessions: Sessions, seed: int, stocks: Sequence[DemoStock] = DEMO_STOCKS, *, effects: bool = True
    ) -> None:
        self.sessions = sessions
        self.stocks = tuple(stocks)
        self.by_code = {stock.code: stock for stock in stocks}
        self._seed, self._effects = seed, effects
        self.stories = lru_cache(maxsize=1_024)(self._stories)

    def window_at(self, moment: datetime) -> int:
        """The newest window that has begun by `moment`, at least the last real one."""
        stretch = (moment - self.sessions.start) // self.sessions.length + WARM_STRETCHES
        return self.sessions.count + max(stretch, -1)

    def drift_sigma(self, code: str, session: int) -> float:
        """Planted drift of the stock in `session`, in units of its daily sigma."""
        if not self._effects:
            return 0.0
        windows = self._windows_entering(session - len(DRIFT) + 1, session)
        return sum(
            story.effect_sigma * DRIFT[session - story.enters]
            for window in windows
            for story in self.stories(window)
            if story.stock.code == code and 0 <= session - story.enters < len(DRIFT)
        )

    def _windows_entering(self, first: int, last: int) -> range:
        """Windows with stories that may enter in the sessions first..last."""
        count = self.sessions.count
        end = last + 1 if last < count else last + WARM_STRETCHES
        begin = first - 1 if first <= count else first + WARM_STRETCHES - 1
        return range(max(begin, 0), max(end, 0))

    def _stories(self, window: int) -> tuple[Story, ...]:
        rng = chance(self._seed, "plan", window)
        if window >= self.sessions.count:
            moments = self._stretch_moments(rng, window - self.sessions.count)
        else:
            moments = self._day_moments(rng, window)
        drawn = [self._story(rng, window, number, moment) for number, moment in enumerate(moments)]
        if window == self.sessions.count - SPLIT_BEFORE_START:
            drawn.append(self._split_story(window, len(drawn)))
        if 0 <= (recent := window - self.sessions.count + RECENT_SESSIONS) < RECENT_SESSIONS:
            stocks = enumerate(self.stocks[recent::RECENT_SESSIONS], len(drawn))
            drawn += [self._recent_event(window, number, stock) for number, stock in stocks]
        return tuple(story for story in drawn if window >= self.sessions.count or moment_ok(story, self.sessions.start))

    def _stretch_moments(self, rng: random.Random, stretch: int) -> list[datetime]:
        begin = self.sessions.start + (stretch - WARM_STRETCHES) * self.sessions.length
        if stretch < WARM_STRETCHES and begin < self.sessions.day(self.sessions.count - 1).closes_at:
            return []
        slots = max(round(self.sessions.length / STORY_EVERY), 1)
        return [begin + self.sessions.length * ((slot + rng.random()) / slots) for slot in range(slots)]

    def _day_moments(self, rng: random.Random, window: int) -> list[datetime]:
        midnight = datetime.combine(self.sessions.day(window).trade_date, datetime.min.time(), KST)
        parts = ((7.0, 8.9), (9.1, 15.3), (15.6, 21.0))
        count = rng.choice((2, 3, 3, 4, 4, 5)) * len(self.stocks) // len(DEMO_STOCKS)
        hours = sorted(rng.uniform(*part) for part in rng.choices(parts, (30, 45, 25), k=count))
        return [midnight + timedelta(seconds=round(hour * 3_600)) for hour in hours]

    def _story(self, rng: random.Random, window: int, number: int, moment: datetime) -> Story:
        kind = rng.choices(_KINDS, _KIND_WEIGHTS)[0]
        stock, event = rng.choice(self.stocks), rng.choices(EVENT_TYPES, EVENT_WEIGHTS)[0]
        size = event.effect_sigma * rng.uniform(0.6, 1.4) if kind == "event" else 0.0
        moment = moment.replace(microsecond=0).astimezone(KST)
        return Story(window, number, kind, moment, stock, event, self._enters(window, moment), size)

    def _enters(self, window: int, moment: datetime) -> int:
        if window >= self.sessions.count:
            return self.sessions.count + max(window - self.sessions.count - WARM_STRETCHES + 1, 0)
        return window if moment < self.sessions.day(window).opens_at else window + 1

    def _recent_event(self, window: int, number: int, stock: DemoStock) -> Story:
        rng = chance(self._seed, "recent", window, number)
        moment = self.sessions.day(window).opens_at + timedelta(minutes=rng.randrange(-120, 360))
        event = rng.choices(EVENT_TYPES, EVENT_WEIGHTS)[0]
        size = event.effect_sigma * rng.uniform(0.6, 1.4)
        return Story(window, number, "event", moment, stock, event, self._enters(window, moment), size)

    def _split_story(self, window: int, number: int) -> Story:
        opens = self.sessions.day(window).opens_at
        moment = opens - timedelta(minutes=75)
        return Story(window, number, "event", moment, self.by_code[SPLIT_CODE], SPLIT_EVENT, window, 0.0)


def moment_ok(story: Story, start: datetime) -> bool:
    """Whether a story is before the start, which cuts off the evening after the last real session."""
    return story.published_at < start
