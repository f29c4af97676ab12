"""A share beside its baseline, in the word that stands beside both figures."""

from typing import Final, Literal

# One tenth of a percentage point, the last digit that is shown: closer shares are the same to a reader.
SAME_WITHIN: Final = 0.001
_ROUNDING: Final = 1e-9


def compare(share: float, baseline: float) -> Literal["better", "same", "worse"]:
    """Both are fractions; within 0.1 percentage point they are the same."""
    if abs(share - baseline) <= SAME_WITHIN + _ROUNDING:
        return "same"
    return "better" if share > baseline else "worse"
