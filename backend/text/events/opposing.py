"""Which two events undo each other."""

from typing import Final

from backend.domain.understanding.event_types import PRICE_MOVE
from backend.domain.understanding.events import NO_TYPE, Event, Sign, Stage

_OTHER_WAY: Final = frozenset({frozenset({"buy_back", "share_disposal"})})


def opposite(a: Event, b: Event) -> bool:
    """Whether one event undoes or contradicts the other: never one story, never neighbours."""
    if NO_TYPE in (a.type, b.type) or PRICE_MOVE in (a.type, b.type):
        return False
    if a.type != b.type:
        return frozenset({a.type, b.type}) in _OTHER_WAY
    if (a.stage is Stage.CANCELLED) != (b.stage is Stage.CANCELLED):
        return True
    if a.sign is b.sign:
        return False
    return Sign.REVERSED in (a.sign, b.sign) or Sign.NEUTRAL not in (a.sign, b.sign)
