"""What is seen from outside: when health names a trouble, and when its channel is told that it began and ended."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import httpx

from tests.services.operations.receiver import Receiver

_EVERY_S: Final = 0.3
Wanted = Callable[[str, str], bool]
"""Whether (code, subject) is the trouble that is waited for."""


@dataclass
class Row:
    """One line of the table; seconds, None: it never came."""

    injected: str
    code: str
    health_s: float | None = None
    alarm_s: float | None = None
    ended_s: float | None = None
    begun: int = 0
    ended: int = 0
    work: str = ""
    notes: str = ""
    problems: list[str] = field(default_factory=list)


class Watch:
    """Asks /api/health, and keeps when each message arrived at the channel."""

    def __init__(self, api_url: str, channel: Receiver) -> None:
        self._api_url = api_url
        self._channel = channel
        self._arrived: list[float] = []

    async def keep_time(self) -> None:
        """Note the moment of each message, until cancelled."""
        while True:
            now = time.monotonic()
            self._arrived += [now] * (len(self._channel.told) - len(self._arrived))
            await asyncio.sleep(0.1)

    async def named(self, wanted: Wanted, within_s: float) -> float | None:
        """Seconds until health names it."""
        return await self._until(lambda found: any(wanted(*one) for one in found), within_s)

    async def well(self, within_s: float) -> float | None:
        """Seconds until nothing is wrong."""
        return await self._until(lambda found: not found, within_s)

    async def troubles(self) -> list[tuple[str, str]] | None:
        """What health says now; None while the API does not answer."""
        try:
            async with httpx.AsyncClient(base_url=self._api_url, timeout=15, trust_env=False) as client:
                answer = await client.get("/api/health")
        except httpx.TransportError:
            return None
        return [(found["code"], found["subject"]) for found in answer.json()["troubles"]]

    async def _until(self, is_so: Callable[[list[tuple[str, str]]], bool], within_s: float) -> float | None:
        begun = time.monotonic()
        while time.monotonic() - begun < within_s:
            found = await self.troubles()
            if found is not None and is_so(found):
                return round(time.monotonic() - begun, 1)
            await asyncio.sleep(_EVERY_S)
        return None

    def told(self, phase: str, wanted: Wanted, since: float) -> list[float]:
        """When the channel took each message of `phase` ("began", "ended") about it, after `since`."""
        found = []
        for moment, told in zip(self._arrived, self._channel.told, strict=False):
            events = (told.body or {}).get(phase, [])
            if moment >= since and told.status_given < 300 and any(wanted(e["code"], e["subject"]) for e in events):
                found.append(moment)
        return found

    async def until_told(self, phase: str, wanted: Wanted, since: float, within_s: float) -> float | None:
        """Seconds from `since` until the channel took it."""
        while time.monotonic() - since < within_s:
            if moments := self.told(phase, wanted, since):
                return round(moments[0] - since, 1)
            await asyncio.sleep(_EVERY_S)
        return None
