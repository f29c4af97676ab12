"""What a study of events says, and how events are grouped for it (docs/methods.md 2.5)."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from backend.domain.understanding.event_types import PRICE_MOVE
from backend.domain.understanding.events import NO_TYPE, Scope

ANY: Final = "any"  # of a type, a sign or a size: all of them together
ALL_STOCKS: Final = "all"
# A text without a type tells no event, and a move is the cause of nothing.
UNSTUDIED_TYPES: Final = (NO_TYPE, PRICE_MOVE)
UNSTUDIED_SCOPES: Final = (Scope.SECTOR, Scope.FUND, Scope.MARKET)
LARGE_FROM: Final = 0.1


class Size(StrEnum):
    """How large an event is against its company."""

    UNKNOWN = "unknown"
    SMALL = "small"
    LARGE = "large"


class StudyVerdict(StrEnum):
    """effect: the interval leaves out 0. none: it holds no move that matters. too_few: it cannot tell."""

    TOO_FEW = "too_few"
    NONE = "none"
    EFFECT = "effect"


@dataclass(frozen=True, slots=True)
class StoryEvent:
    """The event that a story tells, as studies group it."""

    story_id: int
    type: str
    sign: str
    size: str


@dataclass(frozen=True, slots=True)
class Study:
    """The moves after all events of a group, over `horizon` sessions; fractions.

    `type`, `sign` and `size` may be ANY, `stock_code` ALL_STOCKS. `n`: stories with a stock; `n_days`: sessions on
    which their moves ended. `low`, `high`: the interval, at the level at which the group was tested, None with fewer
    than two independent blocks. `shrunk`: the mean, drawn towards that of the parent group. `drift`: the mean move over
    the five sessions before the news, None where unknown.
    """

    type: str
    sign: str
    size: str
    stock_code: str
    horizon: int
    n: int
    n_days: int
    mean: float
    low: float | None
    high: float | None
    shrunk: float
    drift: float | None
    verdict: str


def size_of(share: float | None, surprise: float | None) -> Size:
    """Large from a tenth on: of the company's sales or value, or off the consensus or the year before."""
    told = [abs(value) for value in (share, surprise) if value is not None]
    if not told:
        return Size.UNKNOWN
    return Size.LARGE if max(told) >= LARGE_FROM else Size.SMALL


def is_studied(event_type: str, scope: str) -> bool:
    """Whether a text of this type and scope tells an event of a company."""
    return event_type not in UNSTUDIED_TYPES and scope not in UNSTUDIED_SCOPES
