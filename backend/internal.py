"""Paths and bodies of /internal/*: one definition for the API's client and the scheduler's server.

The scheduler answers each POST with 202 and the accepted run. Loopback only, with a token of its own. The arguments of
every kind of run are declared here too, so that the API refuses wrong ones even while no scheduler answers.
"""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Final, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from backend.domain.forecasts import Mode
from backend.domain.market import Basis, Market
from backend.errors import InvalidInputError, NotFoundError

GENERATE_REPORT: Final = "/internal/generate-report"
GENERATE_PREDICTIONS: Final = "/internal/generate-predictions"
INITIAL_ANALYSIS: Final = "/internal/initial-analysis"
RUNS: Final = "/internal/runs"
SOURCES: Final = "/internal/sources"

CODE_PATTERN: Final = r"^[0-9]{4}[0-9A-Z]{2}$"


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class StockArguments(_Body):
    """Body of the three named requests: the stock to work on."""

    stock_code: str = Field(pattern=CODE_PATTERN)


class RunBody(_Body):
    """Body of POST /internal/runs: any kind of the job table, with its arguments, and the run it repeats."""

    kind: str = Field(max_length=60)
    arguments: dict[str, Any] = Field(default_factory=dict)
    retry_of: UUID | None = None


class AcceptedRun(BaseModel):
    """The answer: the run's id, and whether it is new or the one that was open already."""

    id: UUID
    kind: str
    state: str
    created: bool


KEY_PATTERN: Final = r"[A-Za-z0-9+/=_.%~:-]{8,300}"  # of a source; no sign that a file of settings reads as its own
_Key = Annotated[str, StringConstraints(pattern=f"^{KEY_PATTERN}$")]
_Setting = Annotated[str, StringConstraints(pattern=r"^AZAK_SOURCES_[A-Z0-9_]{1,60}$")]


class SourceKey(_Body):
    """A key of a source and the setting that holds it, by its whole name."""

    setting: _Setting
    value: _Key


class SourceChange(_Body):
    """What to change of a source: whether it is asked, and its keys."""

    on: bool | None = None
    keys: list[SourceKey] = Field(default_factory=list, max_length=4)

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.on is None and not self.keys:
            raise ValueError("name what to change: on or keys")
        return self


ReportTrigger = Literal["first", "story", "move", "forecast", "age", "person", "correction"]

BIGINT: Final = 2**63 - 1
FIRST_SESSION: Final = date(1990, 1, 1)  # no source has prices of an earlier one

_RowId = Annotated[int, Field(ge=1, le=BIGINT)]
_Day = Annotated[date, Field(ge=FIRST_SESSION, le=date(2100, 1, 1))]
_Code = Annotated[str, StringConstraints(pattern=CODE_PATTERN)]
_Codes = Annotated[list[_Code], Field(min_length=1, max_length=1000)]


class NoArguments(_Body):
    """For a kind that takes none."""


class StocksArguments(_Body):
    """`stock_codes`: None means every active stock (for reports: every stock that is due)."""

    stock_codes: _Codes | None = None


class HistoryArguments(StocksArguments):
    days: int = Field(365, ge=1, le=3_650)


class BacktestArguments(StocksArguments):
    """The last `sessions`, or those of `first`..`last`. `models`: whose figures `report` shows, None: all."""

    sessions: int = Field(60, ge=1, le=500)
    first: _Day | None = None
    last: _Day | None = None
    models: Annotated[list[str], Field(min_length=1, max_length=100)] | None = None
    report: bool = False

    @model_validator(mode="after")
    def _has_both_ends(self) -> Self:
        if (self.first is None) != (self.last is None):
            raise ValueError("give first and last, or neither")
        if self.first is not None and self.last is not None and self.first > self.last:
            raise ValueError("first is after last")
        return self


class AuditArguments(_Body):
    """The predictions to make again, or how many to draw from `mode`; the same `seed` draws the same ones."""

    prediction_ids: Annotated[list[_RowId], Field(min_length=1, max_length=1000)] | None = None
    mode: Mode = Mode.LIVE
    sample: int = Field(20, ge=1, le=1000)
    seed: int = Field(1, ge=0, le=1_000_000)


class BackfillArguments(_Body):
    """`model`: its name."""

    model: str = Field(max_length=100)
    sessions: int = Field(20, ge=1, le=250)


class RestateArguments(_Body):
    """`since`: the day of publication of the first articles to read again, in Korea; None means all."""

    since: _Day | None = None


_SourceId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]{1,60}$")]


class SourcesArguments(_Body):
    """`sources`: ids to ask, even those closed after a refusal; None means every source that is on."""

    sources: Annotated[list[_SourceId], Field(min_length=1, max_length=100)] | None = None


class RefreshArguments(_Body):
    """`accept_smaller`: take a list of stocks that shrank beyond belief; without it nothing is delisted by one."""

    accept_smaller: bool = False


_Path = Annotated[str, StringConstraints(min_length=1, max_length=4_096)]
_Column = Annotated[str, StringConstraints(min_length=1, max_length=100)]


class ImportArguments(_Body):
    """`files`: absolute paths on the scheduler's machine. The rest says what a file does not: `day` and `code` of its
    rows, `market` of a list, `basis` of its prices, field -> column, encoding, delimiter. `dry_run` writes nothing.
    """

    kind: Literal["prices", "news", "listed"]
    files: Annotated[list[_Path], Field(min_length=1, max_length=3_000)]
    dry_run: bool = False
    basis: Basis | None = None
    code: _Code | None = None
    day: _Day | None = None
    market: Market | None = None
    columns: dict[_Column, _Column] = Field(default_factory=dict, max_length=20)
    encoding: Literal["utf-8", "utf-8-sig", "cp949", "utf-16"] | None = None
    delimiter: Literal[",", ";", "\t", "|"] | None = None


ARGUMENTS: Final[Mapping[str, type[BaseModel]]] = {
    "crawl_news": NoArguments,
    "embed_news": NoArguments,
    "ask_language_model": NoArguments,
    "generate_predictions": StocksArguments,
    "collect_prices": NoArguments,
    "collect_daily_bars": NoArguments,
    "match_impacts": NoArguments,
    "evaluate_predictions": NoArguments,
    "aggregate_performance": NoArguments,
    "generate_reports": StocksArguments,
    "write_briefs": NoArguments,
    "train_models": NoArguments,
    "housekeeping": NoArguments,
    "collect_minute_bars": NoArguments,
    "refresh_stocks": RefreshArguments,
    "check_sources": SourcesArguments,
    "load_history": HistoryArguments,
    "import_files": ImportArguments,
    "backtest": BacktestArguments,
    "backfill_model": BackfillArguments,
    "restate_news": RestateArguments,
    "audit_predictions": AuditArguments,
    "initial_analysis": StockArguments,
}


def parse_arguments(kind: str, model: type[BaseModel], arguments: Mapping[str, Any]) -> BaseModel:
    """Raises InvalidInputError, which names the first thing that does not fit."""
    try:
        return model.model_validate(arguments)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "arguments"
        raise InvalidInputError(
            f"Run kind '{kind}' does not accept {place}: {first['msg']}; see its arguments in docs/api.md."
        ) from error


def check_work(kind: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments as the ledger keeps them. Raises NotFoundError or InvalidInputError."""
    if kind not in ARGUMENTS:
        raise NotFoundError(f"There is no run kind '{kind}'; known are {', '.join(sorted(ARGUMENTS))}.")
    return parse_arguments(kind, ARGUMENTS[kind], arguments).model_dump(mode="json", exclude_none=True)
