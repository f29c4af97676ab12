"""What the numbers of a file say about themselves: the unit of its amounts, and whether its prices are adjusted.

A day's amount over its volume is its mean price, so it lies between low and high. A factor of 1,000 or a million is a
unit; any other is an adjusted price beside a raw volume. Market value over shares is the raw close. Prices of the
exchange are whole won, so decimals are an adjustment.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from backend.domain.market import Basis
from backend.errors import InvalidInputError
from backend.sources.files.layouts import Layout

UNITS: Final = (1.0, 1e3, 1e6, 1e9)
_ROOM: Final = 1.1  # trades outside the session's range count for the amount, too
_SAME: Final = 0.01
_OFF: Final = 0.02  # of the days: fewer are errors of single rows
_DECIMALS: Final = 0.002


@dataclass(slots=True)
class Evidence:
    """Counts of rows by what they say. `units`: unit of the amount -> rows that it fits."""

    priced: int = 0
    decimals: int = 0
    units: Counter[float] = field(default_factory=Counter)
    amounts: int = 0
    caps: int = 0
    caps_off: int = 0

    def weigh_price(self, low: float, high: float, close: float) -> None:
        self.priced += 1
        self.decimals += not (low.is_integer() and high.is_integer() and close.is_integer())

    def weigh_amount(self, mean: float, low: float, high: float) -> None:
        """`mean`: amount / volume in the file's unit."""
        self.amounts += 1
        for unit in UNITS:
            if low / _ROOM <= mean * unit <= high * _ROOM:
                self.units[unit] += 1
                return

    def weigh_cap(self, ratio: float) -> None:
        """`ratio`: market value / shares / close, 1 when all three are of the day."""
        self.caps += 1
        self.caps_off += all(abs(ratio * unit - 1) > _SAME for unit in (1.0, 1e3, 1e6, 1e8, 1e9))

    @property
    def unit(self) -> float | None:
        """Won per unit of the amounts; None without amounts that fit."""
        return self.units.most_common(1)[0][0] if self.units else None

    @property
    def has_decimals(self) -> bool:
        return self.decimals > _DECIMALS * self.priced

    @property
    def fits(self) -> bool:
        """Whether most amounts fit the prices."""
        return 2 * max(self.units.values(), default=0) > self.amounts

    @property
    def is_off(self) -> bool:
        """Whether the amounts do not fit the prices in the one unit of the file."""
        fitting = max(self.units.values(), default=0)
        return self.amounts - fitting > max(_OFF * self.amounts, 1)

    def basis(self) -> tuple[Basis, str] | None:
        """What the numbers prove, and how; None if they prove nothing."""
        if self.has_decimals:
            return Basis.ADJUSTED, f"{self.decimals} prices have decimals, and those of the exchange are whole won"
        if self.caps and self.caps_off > max(_OFF * self.caps, 1):
            return Basis.ADJUSTED, f"market value / shares is another price on {self.caps_off} of {self.caps} days"
        if self.amounts and self.is_off:
            fitting = max(self.units.values(), default=0)
            return (
                Basis.ADJUSTED,
                f"amount / volume is another price on {self.amounts - fitting} of {self.amounts} days",
            )
        if self.caps > 2 * self.caps_off:
            return Basis.RAW, "market value / shares is the close"
        return None


def decide_basis(evidence: Evidence, layout: Layout, said: Basis | None) -> tuple[Basis, str]:
    """Adjusted or raw, and how that is known: the numbers first, then who wrote the file, then what is said.

    Raises InvalidInputError when nothing tells, or what is said is disproved.
    """
    proven = evidence.basis()
    if said is not None:
        if said is Basis.RAW and proven is not None and proven[0] is Basis.ADJUSTED:
            raise InvalidInputError(f"--raw is not true: {proven[1]}; import the file with --adjusted.")
        return said, "as said"
    if proven is not None:
        return proven
    if layout.basis is not None:
        return layout.basis, f"as {layout.name} writes it"
    if layout.volume_is_raw and evidence.fits:
        return Basis.RAW, "amount / volume lies between low and high"
    raise InvalidInputError(
        f"Nothing in this file ({layout.name}) says whether its prices are adjusted for splits, and azak does not "
        "guess: say --adjusted or --raw."
    )
