"""What is seen from outside: when health names a trouble, and when its channel is told that it began and ended."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import httpx

from tests.services.operations.receiver import Receiver

_EVERY_S: Final = 0.3
# Role -> its loops once it is ready: the clock waits for the models.
WHOLE: Final = {
    "scheduler": {
        "calendar", "clock", "engine", "event loop", "heartbeat", "lease", "listener", "model process", "neighbours",
        "outbox", "reconciler", "watchdog",
    },
    "worker": {"engine", "event loop", "listener", "model process"},
    "api": {"event loop", "heartbeat", "outbox", "watchdog"},
}  # fmt: skip
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
        """Seconds until nothing is wrong and every process does all of its work."""
        begun = time.monotonic()
        while time.monotonic() - begun < within_s:
            report = await self._report()
            if report is not None and not report["troubles"] and _all_work(report):
                return round(time.monotonic() - begun, 1)
            await asyncio.sleep(_EVERY_S)
        return None

    async def all_ended(self, within_s: float) -> None:
        """Wait until the channel was told the end of all that it was told to have begun: else it is counted later."""
        begun = time.monotonic()
        while time.monotonic() - begun < within_s and self._open():  # noqa: ASYNC110  (azak tells it)
            await asyncio.sleep(_EVERY_S)

    def _open(self) -> set[tuple[str, str]]:
        found: set[tuple[str, str]] = set()
        for told in self._channel.told:
            if told.body and told.status_given < 300:
                found |= {(event["code"], event["subject"]) for event in told.body.get("began", ())}
                found -= {(event["code"], event["subject"]) for event in told.body.get("ended", ())}
        return found

    async def troubles(self) -> list[tuple[str, str]] | None:
        """What health says now; None while the API does not answer."""
        report = await self._report()
        return None if report is None else [(found["code"], found["subject"]) for found in report["troubles"]]

    async def _report(self) -> dict[str, Any] | None:
        try:
            async with httpx.AsyncClient(base_url=self._api_url, timeout=15, trust_env=False) as client:
                report: dict[str, Any] = (await client.get("/api/health")).json()
        except httpx.TransportError:
            return None
        return report

    async def _until(self, is_so: Callable[[list[tuple[str, str]]], bool], within_s: float) -> float | None:
        begun = time.monotonic()
        while time.monotonic() - begun < within_s:
            found = await self.troubles()
            if found is not None and is_so(found):
                return round(time.monotonic() - begun, 1)
            await asyncio.sleep(_EVERY_S)
        return None

    def told(self, phase: str, wanted: Wanted, since: float) -> list[float]:
        """When the channel first took each message of `phase` ("began", "ended") about it, after `since`.

        A message whose answer was lost comes again under its key, and is one.
        """
        found: dict[str, float] = {}
        for moment, told in zip(self._arrived, self._channel.told, strict=False):
            events = (told.body or {}).get(phase, [])
            if moment >= since and told.status_given < 300 and any(wanted(e["code"], e["subject"]) for e in events):
                found.setdefault(told.headers.get("idempotency-key", str(moment)), moment)
        return sorted(found.values())

    async def until_told(self, phase: str, wanted: Wanted, since: float, within_s: float) -> float | None:
        """Seconds from `since` until the channel took it."""
        while time.monotonic() - since < within_s:
            if moments := self.told(phase, wanted, since):
                return round(moments[0] - since, 1)
            await asyncio.sleep(_EVERY_S)
        return None


def _all_work(report: dict[str, Any]) -> bool:
    """Whether scheduler, worker and API live, with every loop that they have when they are ready."""
    loops = {process["role"]: {loop["name"]: loop for loop in process["loops"]} for process in report["processes"]}
    whole = all(WHOLE[role] <= loops.get(role, {}).keys() for role in WHOLE)
    return whole and loops["scheduler"]["clock"]["within_s"] <= 30 and report["models"]["state"] == "ready"
