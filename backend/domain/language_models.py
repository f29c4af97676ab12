"""Calls of a language model: their states, what money is counted by, and money itself in micro-dollars."""

from enum import StrEnum
from typing import Final

MICRO: Final = 1_000_000


class CallState(StrEnum):
    """reserved: sent or about to be; ok: answered in form; failed: no use came of it."""

    RESERVED = "reserved"
    OK = "ok"
    FAILED = "failed"


class SpendScope(StrEnum):
    DAY = "day"
    RUN = "run"


def micro_usd(usd: float) -> int:
    """US dollars as whole micro-dollars, rounded down: a budget is never more than was given."""
    return int(usd * MICRO)
