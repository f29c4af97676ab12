"""Sources as an operator sees them."""

from enum import StrEnum


class SourceCondition(StrEnum):
    """What a person should think of a source. stalled: it answers, but what it says is old."""

    OK = "ok"
    FAILING = "failing"
    STALLED = "stalled"
    BLOCKED = "blocked"
    OFF = "off"
    NEVER_ASKED = "never_asked"
