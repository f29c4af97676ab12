"""Paths and bodies of /internal/*: one definition for the API's client and the scheduler's server.

The scheduler answers each POST with 202 and the accepted run. Loopback only, own token.
"""

from typing import Any, Final, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

GENERATE_REPORT: Final = "/internal/generate-report"
GENERATE_PREDICTIONS: Final = "/internal/generate-predictions"
INITIAL_ANALYSIS: Final = "/internal/initial-analysis"
RUNS: Final = "/internal/runs"

CODE_PATTERN: Final = r"^[0-9]{4}[0-9A-Z]{2}$"


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class StockBody(_Body):
    """Body of the three named requests: the stock to work on."""

    stock_code: str = Field(pattern=CODE_PATTERN)


class RunBody(_Body):
    """Body of POST /internal/runs: any kind of the job table, with its arguments."""

    kind: str = Field(max_length=60)
    arguments: dict[str, Any] = Field(default_factory=dict)


class AcceptedRun(BaseModel):
    """The answer: the run's id, and whether it is new or the one that was open already."""

    id: UUID
    kind: str
    state: str
    created: bool


ReportTrigger = Literal["first", "story", "move", "forecast", "age", "person"]
