"""Which stories may have moved a stock: those that fit in time, kind and direction (docs/methods.md 1.6).

A fit is no proof: it says that nothing speaks against it. Pure functions; no setting.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from backend.domain.understanding.event_types import BY_ID
from backend.domain.understanding.events import Scope, Sign
from backend.domain.understanding.moves import USUAL_SIGMAS, CandidateStory

# A story that came when more than this share of the own move had happened explains nothing.
MOST: Final = 0.5
MOST_CAUSES: Final = 3
_SCOPES: Final = frozenset({Scope.COMPANY, Scope.COMPANIES})
_OPPOSITE: Final = {1: -1, -1: 1, 0: 0}


@dataclass(frozen=True, slots=True)
class OwnMove:
    """The own part of a move from the last close until `until`.

    `session_before`: when the session before it opened. `sigmas_before`: the own part of that session, None unknown.
    """

    sigmas: float
    session_before: datetime
    last_close: datetime
    until: datetime
    sigmas_before: float | None

    @property
    def direction(self) -> int:
        return 1 if self.sigmas > 0 else -1

    @property
    def is_usual(self) -> bool:
        return abs(self.sigmas) < USUAL_SIGMAS


def direction_of(event_type: str, sign: str) -> int:
    """1 for an event that should lift the share, -1 for one that should press it, 0 where nobody can say."""
    own = {Sign.POSITIVE: 1, Sign.NEGATIVE: -1}
    if sign in own:
        return own[Sign(sign)]
    known = BY_ID.get(event_type)
    if sign == Sign.REVERSED and known is not None:
        return _OPPOSITE[own.get(known.usual, 0)]
    return 0


def list_causes(
    own: OwnMove, stories: Iterable[CandidateStory], *, no_effect: Collection[tuple[str, str]] = ()
) -> list[CandidateStory]:
    """The stories that fit, best first, at most MOST_CAUSES; none for a move within the usual.

    `no_effect`: (type, sign) of events whose study shows that they move nothing.
    """
    if own.is_usual:
        return []
    found = [
        story
        for story in stories
        if _can_move(story, no_effect) and _fits_in_time(own, story) and _agrees(own, story) is not False
    ]
    return sorted(found, key=lambda story: _rank(own, story))[:MOST_CAUSES]


def _can_move(story: CandidateStory, no_effect: Collection[tuple[str, str]]) -> bool:
    """Whether it tells an event of a company, of a type that moves prices; a report of a move has no weight."""
    known = BY_ID.get(story.event_type)
    return (
        story.scope in _SCOPES
        and known is not None
        and known.weight > 0
        and (story.event_type, story.sign) not in no_effect
    )


def _fits_in_time(own: OwnMove, story: CandidateStory) -> bool:
    """Known since the last close and before most of the move; or in the session before, if that saw the lesser part."""
    if not own.session_before <= story.known_at <= own.until:
        return False
    if story.known_at <= own.last_close:
        return own.sigmas_before is None or own.sigmas_before * own.direction <= abs(own.sigmas)
    return story.moved_before is None or story.moved_before <= MOST


def _agrees(own: OwnMove, story: CandidateStory) -> bool | None:
    """Whether the event points the way of the move; None for one that points nowhere."""
    direction = direction_of(story.event_type, story.sign)
    return None if direction == 0 else direction == own.direction


def _rank(own: OwnMove, story: CandidateStory) -> tuple[bool, bool, int, datetime, int]:
    """Events that point the move's way first, then those since the last close, the weightiest, the first known."""
    late = story.known_at <= own.last_close
    return _agrees(own, story) is None, late, -story.materiality, story.known_at, story.story_id
