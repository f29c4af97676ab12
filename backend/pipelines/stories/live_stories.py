"""The index of recent stories of this process: loaded once in slices, then extended by what was stored since.

What this process and any other stores or restates is read from the table by its row ids, so the index holds what the
database holds, also after a write that failed.
"""

import asyncio
import gc
import time
from collections import deque
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from backend.db.session import Database
from backend.pipelines.stories import candidates
from backend.services.news import stories
from backend.services.news.stories import StoryMember
from backend.text.stories.candidate import Candidate
from backend.text.stories.index import Story, StoryIndex
from backend.text.stories.same_event import WINDOW

KEPT: Final = 2 * WINDOW  # an article published within WINDOW has all its neighbours here
_SLICE: Final = 500  # rows; a slice takes a thread 0.1 s
# A row gets its id before it is committed, so ids up to this old, and this many at the start, are asked for again.
_SETTLED_AFTER_S: Final = 600
_UNSETTLED_ROWS: Final = 5_000


class LiveStories:
    """Places new articles among the recent ones of `database`; one call at a time."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = asyncio.Lock()
        self._index = StoryIndex()
        self._is_loaded = False
        self._held: list[int] = []
        self._newest = self._settled = 0
        self._marks: deque[tuple[float, int]] = deque()

    def __len__(self) -> int:
        return len(self._index)

    async def place(self, new: Sequence[Candidate], now: datetime) -> dict[str, Story]:
        """The story of each by key: an id, or the key of the one that begins it. The index itself learns nothing."""
        async with self._lock:
            await self._catch_up(now)
            return await asyncio.to_thread(self._place, new)

    def _place(self, new: Sequence[Candidate]) -> dict[str, Story]:
        placed = self._index.assign(new)
        for candidate in new:
            self._index.remove(candidate.key)
        return placed

    async def _catch_up(self, now: datetime) -> None:
        self._index.forget_before(now - KEPT)
        if not self._is_loaded:
            await self._load(now)
        after = self._settle()
        while True:
            async with self._database.read() as session:
                rows = await stories.list_stored_after(session, after, self._held, now - KEPT, _SLICE)
            if not rows:
                return
            await self._extend(rows, now)

    async def _load(self, now: datetime) -> None:
        """Read what became known since the beginning of the window, and remember up to which row."""
        known_at, row_id = now - KEPT, 0
        async with self._database.read() as session:
            newest = await stories.newest_row(session)
        while True:
            async with self._database.read() as session:
                rows, known_at = await stories.list_known_since(session, known_at, row_id, _SLICE)
            if not rows:
                break
            row_id = rows[-1].row_id
            await self._extend(rows, now)
            gc.freeze()  # what is held stays: a collection that walks through it stops the loop for 0.06 s
        self._settled = max(0, newest - _UNSETTLED_ROWS)
        self._is_loaded = True

    async def _extend(self, rows: Sequence[StoryMember], now: datetime) -> None:
        await asyncio.to_thread(self._add, rows, now - KEPT)
        self._held.extend(row.row_id for row in rows)
        self._newest = max(self._newest, *(row.row_id for row in rows))

    def _add(self, rows: Sequence[StoryMember], first: datetime) -> None:
        for row in rows:
            if row.at >= first:
                self._index.add_known(candidates.of_stored(row), row.story_id)

    def _settle(self) -> int:
        """The row up to which none can come any more; what is held of the rows before it is forgotten."""
        moment = time.monotonic()
        self._marks.append((moment, self._newest))
        while self._marks[0][0] <= moment - _SETTLED_AFTER_S:
            self._settled = max(self._settled, self._marks.popleft()[1])
        self._held = [row_id for row_id in self._held if row_id > self._settled]
        return self._settled
