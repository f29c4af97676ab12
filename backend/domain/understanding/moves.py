"""What is said of why a stock moved."""

from enum import StrEnum
from typing import Final

# Own sigmas below which a move is within the usual and looks for no cause.
USUAL_SIGMAS: Final = 1.0


class MoveCause(StrEnum):
    USUAL = "usual"  # the own part is within the usual
    STORY = "story"  # at least one story fits
    NO_STORY = "no_story"  # no story explains it
    UNKNOWN = "unknown"  # azak has no news of that time
