"""The loops that tell people: the watchdog, which looks, and the sender, which empties the outbox."""

from collections.abc import Coroutine
from typing import Any

from backend.config import Settings
from backend.db.session import Database
from backend.loops.registry import WITHIN_S, Loops
from backend.services.operations.delivery.sender import Sender
from backend.services.operations.delivery.watchdog import Watchdog
from backend.services.operations.signs import Signs


def list_tellers(
    settings: Settings, database: Database, name: str, loops: Loops, signs: Signs
) -> list[Coroutine[Any, Any, None]]:
    """What a process `name` runs beside its work until it is cancelled; nothing when nobody is to be told."""
    if not Watchdog.is_wanted(settings.watchdog):
        return []
    looking = loops.expect("watchdog", within_s=WITHIN_S + settings.watchdog.every_s)
    watchdog = Watchdog(settings, database, name, looking, signs.list_reasons)
    sender = Sender(settings, database, name, loops.expect("outbox"))
    return [watchdog.run(), sender.run()]
