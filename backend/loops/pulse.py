"""The pulse of an event loop: how late it is, and whether the wall clock jumped against the monotonic one.

Two things only a turn a second can tell: a loop that is late (a body that computes without a pause) and a clock that
was set, or a machine that slept. Linux stops the monotonic clock during a sleep, so both look the same: the wall clock
has moved and the monotonic one has not.
"""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from backend import clock
from backend.log import get_logger
from backend.loops.registry import Loop

_log = get_logger(__name__)
PULSE: Final = "event loop"  # name of its loop
PULSE_WITHIN_S: Final = 10.0
EVERY_S: Final = 1.0
JUMP_S: Final = 5.0  # NTP slews what is less
_REMEMBERED: Final = 60  # turns, so a minute


@dataclass(frozen=True, slots=True)
class Jump:
    """The wall clock moved by `by_s` seconds more than time passed; `before`: what it should have shown."""

    by_s: float
    before: datetime


class JumpWatch:
    """Compares the wall clock with the monotonic one between two calls."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._wall, self._steady = clock.now(), monotonic()

    def look(self) -> Jump | None:
        """The jump since the last call; None below JUMP_S."""
        wall, steady = clock.now(), self._monotonic()
        expected = self._wall + timedelta(seconds=steady - self._steady)
        self._wall, self._steady = wall, steady
        by_s = (wall - expected).total_seconds()
        return Jump(by_s, expected) if abs(by_s) > JUMP_S else None


class Pulse:
    """Turns once a second. `loop` is stamped at each turn."""

    def __init__(self, loop: Loop) -> None:
        self._loop = loop
        self._lags: deque[float] = deque(maxlen=_REMEMBERED)

    @property
    def lag_s(self) -> float:
        """The worst lateness of the event loop in the last minute, in seconds."""
        return max(self._lags, default=0.0)

    async def run(self, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        """Until cancelled."""
        while True:
            begun = time.monotonic()
            await sleep(EVERY_S)
            self._lags.append(max(0.0, time.monotonic() - begun - EVERY_S))
            self._loop.turn()
