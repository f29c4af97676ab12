"""The foreground supervisor of `azak up`: starts children in order, restarts those that exit, stops in reverse.

It is not used under PM2, where ecosystem.config.js starts the same commands.
"""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from backend.cli.start.children import Child, Service

FIRST_DELAY_S: Final = 0.5
LONGEST_DELAY_S: Final = 30.0
# After this run time a child counts as healthy: its next restart begins with the first delay again.
HEALTHY_AFTER_S: Final = 60.0


class Supervisor:
    """Keeps services running until `stop`. `say` prints one line for a person."""

    def __init__(self, log_dir: Path, say: Callable[[str], None]) -> None:
        self._log_dir = log_dir
        self._say = say
        self._children: list[Child] = []
        self._watchers: list[asyncio.Task[None]] = []

    async def start(self, services: Sequence[Service]) -> None:
        """Start `services` together and wait until all are ready. Raises ChildFailedError."""
        self._log_dir.mkdir(parents=True, exist_ok=True)
        children = [Child(service, self._log_dir) for service in services]
        for child in children:
            self._children.append(child)
            await child.start()
        await asyncio.gather(*(self._announce(child) for child in children))
        self._watchers += [asyncio.create_task(self._keep_alive(child)) for child in children]

    async def _announce(self, child: Child) -> None:
        begun = asyncio.get_running_loop().time()
        await child.wait_until_ready()
        took_s = asyncio.get_running_loop().time() - begun
        self._say(f"{child.service.name:<10} ready after {took_s:4.1f} s   pid {child.pid}, log {child.log_path}")

    async def _keep_alive(self, child: Child) -> None:
        clock, delay_s = asyncio.get_running_loop().time, FIRST_DELAY_S
        while True:
            begun = clock()
            code = await child.wait()
            if clock() - begun > HEALTHY_AFTER_S:
                delay_s = FIRST_DELAY_S
            child.restarts += 1
            self._say(
                f"{child.service.name} ended with code {code}; starting it again in {delay_s:g} s: {child.log_path}"
            )
            await asyncio.sleep(delay_s)
            delay_s = min(2 * delay_s, LONGEST_DELAY_S)
            await child.start()

    async def stop(self) -> None:
        """Stop all children, the last started first."""
        for watcher in self._watchers:
            watcher.cancel()
        await asyncio.gather(*self._watchers, return_exceptions=True)
        for child in reversed(self._children):
            await child.stop()

    def kill(self) -> None:
        """Kill every child by its pid, instead of a graceful stop."""
        for child in reversed(self._children):
            child.kill()
