"""Notifies an operator's webhook when azak becomes unhealthy and when it has recovered. Settings: AZAK_WATCHDOG_*.

Every API instance and every scheduler checks, because any of them may be the one that is down; the database stores what
was notified, so that only one of them sends it. A state is notified when two checks in a row found it, and once an hour
while it lasts.
"""

import asyncio
import json
from collections.abc import Sequence
from datetime import timedelta

import httpx
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend import clock
from backend.config import Settings
from backend.db.session import Database
from backend.db.tables.processes import Heartbeat
from backend.db.troubles import is_of_database
from backend.db.upsert import upsert
from backend.log import get_logger
from backend.services.operations.health import get_health

_log = get_logger(__name__)
_REPEAT_AFTER = timedelta(hours=1)
_TIMEOUT_S = 10
_TRIES = 3
_LOCK = 0x617A616B  # "azak"


async def record_alarm(session: AsyncSession, reasons: Sequence[str]) -> bool:
    """Store the health state. Returns whether to notify: it has changed, or is still degraded after an hour."""
    await session.execute(select(func.pg_advisory_xact_lock(_LOCK)))
    mine = (Heartbeat.component == "watchdog", Heartbeat.instance == "webhook")
    is_old = (Heartbeat.ts < func.now() - _REPEAT_AFTER).label("is_old")
    before = (await session.execute(select(Heartbeat.state, is_old).where(*mine))).one_or_none()
    state = "degraded" if reasons else "ok"
    must_notify = state != ("ok" if before is None else before.state)
    must_notify |= state == "degraded" and before is not None and before.is_old
    if must_notify or before is None:
        row = {
            "component": "watchdog", "instance": "webhook", "state": state, "details": {"reasons": list(reasons)},
            "ts": clock.now(),
        }  # fmt: skip
        await upsert(session, Heartbeat, [row], key=["component", "instance"], update=["state", "details", "ts"])
    return must_notify


class Watchdog:
    """Checks the health periodically. `name`: this process, as named in the message."""

    def __init__(self, settings: Settings, database: Database, name: str) -> None:
        self._settings = settings.watchdog
        self._silent_after_s = settings.scheduler.silent_after_s
        self._database = database
        self._name = name
        self._before: bool | None = None
        self._notified_without_database = False

    async def run(self) -> None:
        """Check every AZAK_WATCHDOG_EVERY_S seconds, until cancelled; without a webhook return at once."""
        while self._settings.webhook is not None:
            try:
                await self.look()
            except Exception as error:  # noqa: BLE001  (a watchdog that fails must go on checking)
                _log.error("watchdog_failed", error=repr(error), exc_info=not is_of_database(error))
            await asyncio.sleep(self._settings.every_s)

    async def look(self) -> None:
        """One check; notifies a state that the check before found, too."""
        health = await get_health(self._database, silent_after_s=self._silent_after_s)
        reasons = health.list_reasons()
        is_settled = self._before == bool(reasons)
        self._before = bool(reasons)
        if not is_settled:
            return
        if not health.reachable:  # no database to store it in, so each process notifies once
            must_notify, self._notified_without_database = not self._notified_without_database, True
        else:
            self._notified_without_database = False
            async with self._database.write() as session:
                must_notify = await record_alarm(session, reasons)
        if must_notify:
            await self._notify(reasons)

    async def _notify(self, reasons: Sequence[str]) -> None:
        """POST one line of JSON to the webhook."""
        message = {
            "service": "azak",
            "status": "degraded" if reasons else "ok",
            "reasons": list(reasons),
            "at": clock.now().isoformat(),
            "from": self._name,
        }
        assert self._settings.webhook is not None
        url, body = self._settings.webhook.get_secret_value(), json.dumps(message, ensure_ascii=False) + "\n"
        headers = {"Content-Type": "application/json"}
        async with httpx.AsyncClient(timeout=_TIMEOUT_S, trust_env=False) as client:
            for attempt in range(1, _TRIES + 1):
                try:
                    (await client.post(url, content=body.encode(), headers=headers)).raise_for_status()
                except httpx.HTTPError as error:
                    # Without the URL: it may contain a secret.
                    _log.warning("webhook_not_told", attempt=attempt, error=type(error).__name__)
                    await asyncio.sleep(attempt)
                else:
                    return
