"""How much an event matters (0..3), by its size where that is known."""

from typing import Final

from backend.domain.understanding.event_types import BY_ID
from backend.domain.understanding.events import Event

# A share of the company (of sales, of market value) from which an event matters so much.
SIZES: Final = ((0.1, 3), (0.03, 2))
SURPRISES: Final = ((0.2, 3), (0.05, 2))


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
