"""How much an event matters (0..3), and which two events undo each other."""

from typing import Final

from backend.domain.understanding.event_types import BY_ID, PRICE_MOVE
from backend.domain.understanding.events import NO_TYPE, Event, Sign, Stage

# A share of the company (of sales, of market value) from which an event matters so much.
SIZES: Final = ((0.1, 3), (0.03, 2))
SURPRISES: Final = ((0.2, 3), (0.05, 2))
_OTHER_WAY: Final = frozenset({frozenset({"buy_back", "share_disposal"})})


def materiality(event: Event, market_value_krw: float | None = None) -> int:
    """0..3 from the size of the event where it is known, else from its type. What is no event has 0."""
    usual = BY_ID[event.type].weight
    if not usual:
        return 0
    if event.surprise is not None:
        return _step(abs(event.surprise), SURPRISES)
    size = event.share
    if size is None and event.amount_krw is not None and market_value_krw:
        size = event.amount_krw / market_value_krw
    return usual if size is None else _step(size, SIZES)


def _step(size: float, steps: tuple[tuple[float, int], ...]) -> int:
    return next((weight for least, weight in steps if size >= least), 1)


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
