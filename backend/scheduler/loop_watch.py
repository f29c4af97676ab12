"""The last resort against code that blocks the event loop: the process ends, its supervisor starts it again.

A blocked loop renews no lease and answers no one, so others take its work over; but its own slots, its port and
its memory would stay taken for ever (what an earlier azak did while its health stayed green).
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
    """While the block runs: print every thread's stack and exit with code 1 when the loop stands still so long."""
    keeping = asyncio.create_task(_keep_alive(blocked_s))
    try:
        yield
    finally:
        keeping.cancel()
        faulthandler.cancel_dump_traceback_later()
