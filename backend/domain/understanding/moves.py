"""What is said of why a stock moved."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

# Own sigmas below which a move is within the usual and looks for no cause.
USUAL_SIGMAS: Final = 1.0


class MoveCause(StrEnum):
    USUAL = "usual"  # the own part is within the usual
    STORY = "story"  # at least one story fits
    NO_STORY = "no_story"  # no story explains it
    UNKNOWN = "unknown"  # azak has no news of that time


@dataclass(frozen=True, slots=True)
class CandidateStory:
    """A story about the stock. `known_at`: when the text that counts for the stock was.

    `moved_before`: share of the own move that had happened by then; None where no minute bars tell.
    """

    story_id: int
    known_at: datetime
    scope: str
    event_type: str
    sign: str
    materiality: int
    moved_before: float | None = None
