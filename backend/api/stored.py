"""Shapes of what is stored as JSON and passed on as it is: the OpenAPI document knows them, no answer is checked.

A row may be of an earlier version of azak, so every member may be absent, and a reader of one must expect that.
"""

from functools import reduce
from operator import or_
from typing import Any, Final, TypeAlias

from typing_extensions import TypeAliasType, TypedDict

from backend.domain.members import KnnParameters, MemberState, NoParameters, PriceParameters
from backend.internal import ARGUMENTS

INCOMPLETE: Final[list[str]] = []


def may_lack(shape: Any) -> Any:
    """Note a shape of which every member may be absent: inside of an answer pydantic says that all are there."""
    INCOMPLETE.append(shape.__name__)
    return shape


Scalar: TypeAlias = str | int | float | bool | None
Row = TypeAliasType("Row", dict[str, Scalar])
Value = TypeAliasType("Value", Scalar | list[Scalar | Row] | Row)
MEANINGS: Final = {
    "Row": "Values by name: text, numbers, yes or no, or nothing.",
    "Value": "Text, a number, yes or no, nothing, or a list or an object of such.",
}


@may_lack
class RunCounts(TypedDict, total=False):
    """What a run did."""

    read: int
    written: int
    skipped: int
    failed: int
    detail: dict[str, int]


RunError = TypedDict(
    "RunError", {"class": str, "code": str, "message": str, "values": dict[str, str | int | float]}, total=False
)
may_lack(RunError)
RunError.__doc__ = "Why a run failed: the class of the error, its class of trouble, and the sentence."
SourceFailure = TypedDict("SourceFailure", {"class": str, "message": str}, total=False)
may_lack(SourceFailure)
SourceFailure.__doc__ = "Why a source failed: the class of the error, and the sentence."


@may_lack
class ModelProcessState(TypedDict, total=False):
    """The model process as it last told of itself."""

    state: str
    engine: str | None
    embedder: str | None
    pid: int | None
    rss_mb: int | None
    restarts: int
    recent_restarts: int
    restarts_since_ready: int
    since: str
    not_ready_since: str | None
    error: str | None


@may_lack
class Proof(TypedDict, total=False):
    """What the earlier forecasts like one brought: same model, horizon, side and tenth."""

    n: int
    n_days: int
    blocks: int
    net: float | None
    low: float | None


@may_lack
class BaseStanding(TypedDict, total=False):
    """Where a stock stood among all stocks of its day."""

    below: float
    n: int


@may_lack
class EventEffect(TypedDict, total=False):
    """An event that moved a forecast."""

    story_id: int
    type: str
    sign: str
    move: float


@may_lack
class NearStory(TypedDict, total=False):
    """A similar past story, and whether its stock then beat the market."""

    story_id: int
    stock_code: str
    similarity: float
    y: float


@may_lack
class Explanation(TypedDict, total=False):
    """What counted in a forecast; which members there are depends on the model's kind. A state that is text is of an
    earlier version of azak."""

    p0: float
    lean: float
    tenth: int
    proof: Proof
    standing: BaseStanding
    abstained: MemberState | str
    state: MemberState | str
    members: dict[str, float]
    weights: dict[str, float]
    silent: dict[str, MemberState | str]
    n: int
    events: list[EventEffect]
    neighbours: int
    nearest: list[NearStory]
    strongest: dict[str, float]
    places: dict[str, float]
    momentum: float
    reversal: float


@may_lack
class Promise(TypedDict, total=False):
    """What a report promised of one horizon."""

    p_up: float
    direction: str
    low_krw: int
    median_krw: int
    high_krw: int
    exit_trade_date: str


@may_lack
class Targets(TypedDict, total=False):
    """The price when a report was written, and what it promised by trading days."""

    price_krw: int | None
    horizons: dict[str, Promise]


@may_lack
class AbVerdict(TypedDict, total=False):
    """The preliminary result of an A/B test while it runs, and the decision afterwards.

    `low` and `high` are of the confidence sequence, valid at every look; `p_value` is of the day-level t test, valid
    for one look only.
    """

    verdict: str
    reason: str
    n: int
    n_days: int
    difference: float | None
    low: float | None
    high: float | None
    p_value: float | None
    sessions_needed: int | None
    decision: str | None
    decided_by: str


@may_lack
class TrainingFigures(TypedDict, total=False):
    """Figures of a training."""

    labels: dict[str, int]


EventData = dict[str, Value]
Arguments = reduce(or_, dict.fromkeys(ARGUMENTS.values()))
Parameters = KnnParameters | PriceParameters | NoParameters
