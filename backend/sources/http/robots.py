"""robots.txt of the hosts whose feeds we read (RFC 9309): absent is open, a server error is closed.

Kept in memory for a day; a restart reads it again, once per host.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from protego import Protego

from backend import clock

REMEMBERED_FOR: Final = timedelta(days=1)
SIZE_LIMIT_BYTES: Final = 500_000
AGENT: Final = "azak"


@dataclass(frozen=True, slots=True)
class Rules:
    """What a host allows. `rules` None: everything."""

    rules: Protego | None
    until: datetime

    def allows(self, url: str) -> bool:
        return self.rules is None or self.rules.can_fetch(url, AGENT)


_REMEMBERED: Final[dict[str, Rules]] = {}


def recall(base_url: str) -> Rules | None:
    """The rules of a host, if they were read in the last day."""
    found = _REMEMBERED.get(base_url)
    return found if found is not None and found.until > clock.now() else None


def remember(base_url: str, body: bytes | None) -> Rules:
    """Keep the rules in `body` for a day. None: the host has no robots.txt."""
    rules = None if body is None else Protego.parse(body[:SIZE_LIMIT_BYTES].decode("utf-8", "replace"))
    _REMEMBERED[base_url] = Rules(rules, clock.now() + REMEMBERED_FOR)
    return _REMEMBERED[base_url]
