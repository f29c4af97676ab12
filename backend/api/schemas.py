"""Types and models that several resources share."""

import re
from datetime import UTC, date, datetime
from enum import IntEnum
from typing import Annotated, Any
from uuid import UUID

from fastapi import Path, Query
from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from backend.api.shapes import Shape
from backend.domain.reports import DISCLAIMER
from backend.domain.runs import Origin, RunReason, RunState
from backend.internal import BIGINT, CODE_PATTERN

INTEGER = 2**31 - 1

StockCode = Annotated[str, StringConstraints(pattern=CODE_PATTERN)]
StockCodeFilter = Annotated[StockCode | None, Query(description="Only this stock.", examples=["005930"])]
StockCodePath = Annotated[StockCode, Path(description="Six characters, 0-9 and A-Z.", examples=["005930"])]
RowId = Annotated[int, Path(ge=1, le=BIGINT)]
SmallRowId = Annotated[int, Path(ge=1, le=INTEGER)]
Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]{1,60}$")]
Label = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100, pattern=r"^[^\x00-\x1f]+$")
]


_ISO_DAY = re.compile(r"^[0-9]{4}-[0-9]{2}-[0-9]{2}(?:$|T| )")


def _refuse_numbers(given: Any) -> Any:
    """pydantic takes seconds since 1970, too; our document says ISO 8601."""
    if not isinstance(given, str) or not _ISO_DAY.match(given):
        raise ValueError("write it as ISO 8601: 2026-11-26 for a day, 2026-11-26T09:00:00+09:00 for a moment")
    return given


def to_utc(moment: datetime) -> datetime:
    """The same moment in UTC. Raises ValueError where it has no name there: 0001-01-01T00:00:00+09:00."""
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("choose a moment between the years 1 and 9999 in UTC") from None


IsoMoment = Annotated[AwareDatetime, BeforeValidator(_refuse_numbers), AfterValidator(to_utc)]
IsoDate = Annotated[date, BeforeValidator(_refuse_numbers)]


class Horizon(IntEnum):
    """Trading days from entry to exit; 0 is the rest of the running one."""

    SAME_DAY = 0
    ONE = 1
    THREE = 3
    FIVE = 5


class Item(BaseModel):
    """Base of answers: read from the rows that services return. A field with a default is always there, too."""

    model_config = ConfigDict(from_attributes=True, defer_build=True, json_schema_serialization_defaults_required=True)


class Body(BaseModel):
    """Base of request bodies: an unknown field is refused."""

    model_config = ConfigDict(extra="forbid")


class Disclaimer(BaseModel):
    """Stands beside every forecast and report."""

    ko: str = DISCLAIMER["ko"]
    en: str = DISCLAIMER["en"]


class RunItem(Item):
    """One execution of a job or request. `deferred`: stored while the scheduler was silent.

    `not_before`: when a run in `retry` is due again; `worker`: host:pid:id of who executes or executed it.
    """

    id: UUID
    kind: str
    arguments: Annotated[dict[str, Any], Shape("backend.api.stored:Arguments")]
    origin: Origin
    state: RunState
    deferred: bool
    attempt: int
    max_attempts: int
    progress: float = Field(description="0..1")
    message: str | None = Field(
        description="What it is doing; once it has ended, one sentence of what it wrote or why not."
    )
    reason: RunReason | None = Field(description="Why it did no work; null for a run that worked.")
    requested_by: str | None
    request_id: str | None
    scheduled_for: datetime | None
    created_at: datetime
    started_at: datetime | None
    heartbeat_at: datetime | None
    finished_at: datetime | None
    expires_at: datetime | None
    not_before: datetime | None
    priority: int = Field(
        description="Of the run in its queue, not of a stock: 10 a person, 5 a run that follows another, 0 the clock;"
        " the highest starts first."
    )
    worker: str | None
    cancel_requested_by: str | None
    retry_of: UUID | None
    report_id: int | None = Field(description="The report that it wrote; null where it wrote none, or several.")
    counts: Annotated[dict[str, Any], Shape("backend.api.stored:RunCounts")] | None
    error: Annotated[dict[str, Any], Shape("backend.api.stored:RunError")] | None


BEATS_MARKET = "Probability 0..1 that the stock beats the market until its exit, whatever its price does."
Y = "1 beat the market, 0 lagged behind it, 0.5 neither."
ACCURACY = "Share of all forecasts on the right side of one half, also of those that are no call."
ACCURACY_SHOWN = "Share of right calls, by their direction; null where none was made."
VERDICT = (
    "call: earlier forecasts like it (same model, horizon, side and tenth of the day's stocks) earned more than they"
    " cost, with their whole confidence interval; lean: p_up differs from the base rate by 0.001 or more, not proven;"
    " none: it is the base rate. `explanation` holds the `tenth`, the `proof` (n, n_days, blocks, net, low)"
    " and, where it rests on prices, the `standing`: `below`, the share of all `n` stocks of the day placed lower."
)
DIRECTION = "The side of a call: up beats the market, down lags behind it. hold is no call."
BASE_RATE = "How often stocks beat the market at all: p_up without any evidence."
CONFIDENCE = "Distance of p_up from the base rate, 1 from 45 percentage points on."


class Estimate(Item):
    """A measured share or score, never without what it rests on: 95% interval, baseline, n, days and blocks."""

    value: float | None = None
    low: float | None = None
    high: float | None = None
    baseline: float | None = None
    n: int = 0
    n_days: int | None = None
    n_blocks: int | None = Field(None, description="Blocks of days that are independent: what the interval rests on.")


class PausedItem(Item):
    """A job that a person has paused."""

    job: str
    by: str
    at: datetime
