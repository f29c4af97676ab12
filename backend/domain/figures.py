"""Figures as people read them in reports and on the command line: "50.9%", "−0.3", and never a negative zero.

A share beside its baseline has one of three words.

dashboard/src/format.ts keeps the same rules for the page.
"""

from decimal import ROUND_HALF_UP, Decimal
from typing import Final, Literal

MINUS: Final = "−"
# One tenth of a percentage point, the last digit that is shown: closer shares are the same to a reader.
SAME_WITHIN: Final = 0.001
_ROUNDING: Final = 1e-9
_HALF_OF_ONE: Final = 0.005


def fixed(value: float, digits: int) -> str:
    """`value` with `digits` decimals and a hyphen for minus, for tables that programs read, too.

    Halves round away from zero, as the browser rounds them on the page.
    """
    rounded = Decimal(value).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    return f"{rounded:zf}"


def signed(value: float, digits: int) -> str:
    """`value` with its sign, for sentences; what rounds to zero has none."""
    size = fixed(abs(value), digits)
    if not float(size):
        return size
    return f"{'+' if value > 0 else MINUS}{size}"


def percent(share: float, digits: int = 1) -> str:
    """A share (0.509) as "50.9%"."""
    return f"{fixed(100 * share, digits)}%"


def of_hundred(usual: float, now: float) -> tuple[str, str]:
    """Two chances as so many of 100: "46" and "51", with one decimal where they differ by less than half of one."""
    digits = 1 if abs(usual - now) < _HALF_OF_ONE or fixed(100 * usual, 0) == fixed(100 * now, 0) else 0
    return fixed(100 * usual, digits), fixed(100 * now, digits)


def change(share: float, digits: int = 1) -> str:
    """A relative change (-0.023) as "−2.3%"."""
    return f"{signed(100 * share, digits)}%"


def compare(share: float, baseline: float) -> Literal["better", "same", "worse"]:
    """Both are fractions; within 0.1 percentage point they are the same."""
    if abs(share - baseline) <= SAME_WITHIN + _ROUNDING:
        return "same"
    return "better" if share > baseline else "worse"
