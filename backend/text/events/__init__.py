"""The event grammar: what a headline or a filing says happened."""

from backend.text.events.grammar import read_event
from backend.text.events.opposing import opposite
from backend.text.events.price import reported_move, reports_price
from backend.text.events.words import ready

__all__ = ["opposite", "read_event", "ready", "reported_move", "reports_price"]
