"""Ends the process when its event loop is blocked, so that the supervisor restarts it.

A blocked loop renews no lease, so other processes take over its work; but without a restart its slots, port and memory
would stay in use.
"""

import asyncio
import faulthandler
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

BLOCKED_S = 60.0


async def _keep_alive(blocked_s: float) -> None:
    while True:
        faulthandler.dump_traceback_later(blocked_s, exit=True)
        await asyncio.sleep(blocked_s / 6)


@asynccontextmanager
async def watch_loop(blocked_s: float = BLOCKED_S) -> AsyncIterator[None]:
    """In the context: after `blocked_s` of a blocked loop, print the stacks of all threads and exit with code 1."""
    keeping = asyncio.create_task(_keep_alive(blocked_s))
    try:
        yield
    finally:
        keeping.cancel()
        faulthandler.cancel_dump_traceback_later()
