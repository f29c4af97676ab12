"""The demo world: sessions, stories, prices and papers that agree with each other. `moment` is always given."""

from datetime import datetime

from backend import clock
from backend.demo.market import SeededMarket
from backend.demo.newsroom import Newsroom
from backend.demo.sessions import Sessions
from backend.demo.story_plan import StoryPlan


class World:
    """The same (start, session_minutes, seed) gives the same world in every process."""

    def __init__(self, start: datetime, session_minutes: int, seed: int, *, frozen_at: datetime | None = None) -> None:
        if start.tzinfo is None:
            raise ValueError("The start needs a time zone, for example 2026-11-23T09:00:00+09:00.")
        self._frozen_at = frozen_at
        self.sessions = Sessions(start, session_minutes)
        self.plan = StoryPlan(self.sessions, seed)
        self.market = SeededMarket(self.plan, seed)
        self.newsroom = Newsroom(self.plan, self.market, seed)

    def now(self) -> datetime:
        """The present of this world: the clock's, unless the world stands still for a test."""
        return self._frozen_at or clock.now()
