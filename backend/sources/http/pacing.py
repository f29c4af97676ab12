"""Rate limits: one limiter per address and event loop, shared by every job of the process.

A limiter allows one request and then none for 1/rate seconds, so there are no bursts.
"""

import asyncio
from typing import Final
from weakref import WeakKeyDictionary

from aiolimiter import AsyncLimiter

_LIMITERS: Final[WeakKeyDictionary[asyncio.AbstractEventLoop, dict[str, AsyncLimiter]]] = WeakKeyDictionary()


async def take_turn(name: str, requests_per_s: float) -> None:
    """Wait until another request to `name` is allowed."""
    of_loop = _LIMITERS.setdefault(asyncio.get_running_loop(), {})
    limiter = of_loop.setdefault(f"{name} {requests_per_s}", AsyncLimiter(1, 1 / requests_per_s))
    await limiter.acquire()
