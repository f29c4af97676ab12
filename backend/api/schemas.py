"""Shapes that more than one resource answers with."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Path, Query
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from backend.domain import DISCLAIMER, Direction, Mode, Origin, RunState
from backend.internal import CODE_PATTERN

BIGINT = 2**63 - 1
INTEGER = 2**31 - 1

StockCode = Annotated[str, StringConstraints(pattern=CODE_PATTERN)]
StockCodeFilter = Annotated[StockCode | None, Query(description="Only this stock.", examples=["005930"])]
StockCodePath = Annotated[StockCode, Path(description="Six characters, 0-9 and A-Z.", examples=["005930"])]
RowId = Annotated[int, Path(ge=1, le=BIGINT)]
SmallRowId = Annotated[int, Path(ge=1, le=INTEGER)]
Label = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100, pattern=r"^[^\x00-\x1f]+$")
]


class Item(BaseModel):
    """Base of answers: read from the rows that services return."""

    model_config = ConfigDict(from_attributes=True)


class Body(BaseModel):
    """Base of request bodies: an unknown field is refused."""

    model_config = ConfigDict(extra="forbid")


class Disclaimer(BaseModel):
    """Stands beside every forecast and report."""

    ko: str = DISCLAIMER["ko"]
    en: str = DISCLAIMER["en"]


class RunItem(Item):
    """One execution of a job or request. `deferred`: stored while the scheduler was silent."""

    id: UUID
    kind: str
    arguments: dict[str, Any]
    origin: Origin
    state: RunState
    deferred: bool
    attempt: int
    max_attempts: int
    progress: float = Field(description="0..1")
    message: str | None
    requested_by: str | None
    request_id: str | None
    scheduled_for: datetime | None
    created_at: datetime
    started_at: datetime | None
    heartbeat_at: datetime | None
    finished_at: datetime | None
    expires_at: datetime | None
    counts: dict[str, Any] | None
    error: dict[str, Any] | None


class ForecastItem(Item):
    """One forecast: one stock, moment, horizon (trading days) and model version."""

    id: int
    stock_code: str
    model: str
    model_kind: str
    version: str
    asof: datetime
    horizon: int
    mode: Mode
    p_up: float = Field(description="Probability 0..1 that the stock beats the market until the exit.")
    direction: Direction
    confidence: float
    base_price_krw: int
    quantiles_krw: list[int] = Field(description="Prices at the levels 5, 10, 25, 50, 75, 90 and 95 %.")
    entry_ts: datetime
    exit_trade_date: date
    story_id: int | None
