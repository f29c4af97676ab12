"""The demo world: consistent sessions, stories, prices and articles."""

import copy
from datetime import datetime

from backend import clock
from backend.demo.world.market import SeededMarket
from backend.demo.world.newsroom import Newsroom
from backend.demo.world.sessions import HISTORY_SESSIONS, Sessions
from backend.demo.world.stocks import ALL_STOCKS, DEMO_STOCKS
from backend.demo.world.story_plan import StoryPlan


class World:
    """The simulated outside world, determined by (start, session_minutes, seed, stocks, history, effects).

    `effects`: whether news moves prices.
    """

    def __init__(
        self,
        start: datetime,
        session_minutes: int,
        seed: int,
        *,
        stocks: int = len(DEMO_STOCKS),
        history: int = HISTORY_SESSIONS,
        effects: bool = True,
        frozen_at: datetime | None = None,
    ) -> None:
        if start.tzinfo is None:
            raise ValueError("The start needs a time zone, for example 2026-11-23T09:00:00+09:00.")
        self.seed = seed
        self.frozen_at = frozen_at
        self.sessions = Sessions(start, session_minutes, history)
        self.plan = StoryPlan(self.sessions, seed, ALL_STOCKS[:stocks], effects=effects)
        self.stocks = self.plan.by_code
        self.market = SeededMarket(self.plan, seed)
        self.newsroom = Newsroom(self.plan, self.market, seed)

    def now(self) -> datetime:
        """Current time of this world: the clock's, or `frozen_at` in tests."""
        return self.frozen_at or clock.now()

    def seen_at(self, moment: datetime) -> "World":
        """The same world at `moment`, for a source with a wrong clock or a stalled feed."""
        view = copy.copy(self)
        view.frozen_at = moment
        return view
