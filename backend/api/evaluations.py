"""Metrics of models. Every figure carries n, n_days, a 95% interval and its baseline."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query
from pydantic import BaseModel, Field

from backend.api.deps import ReadSession
from backend.api.figures import Bin, BrierParts, Bucket, Money, SessionsNeeded
from backend.api.paging import ByDateAndSmallId, PageOf, answer
from backend.api.schemas import ACCURACY, ACCURACY_SHOWN, Estimate, Horizon, Item, Name, StockCode
from backend.api.shapes import Shape
from backend.domain.forecasts import Mode
from backend.domain.record import RANKED_SESSIONS
from backend.services.record import evaluations, size_metrics

router = APIRouter(prefix="/api/evaluations", tags=["evaluations"])

ModelName = Annotated[Name, Path(examples=["gated"])]
WindowName = Literal["20", "60", "250", "all"]
# The keys of stored_figures.Figures, which is imported for the document only.
FigureName = Literal[
    "coverage", "accuracy", "accuracy_shown", "base_rate", "brier", "brier_skill", "sessions_needed", "log_loss", "ece",
    "brier_parts", "two_by_two", "band_coverage", "band_width", "crps", "ic", "rank_ic", "reaction", "by_confidence",
    "money",
]  # fmt: skip
Window = Annotated[WindowName, Query(description="Trading days looked back.")]


class MetricItem(Item):
    """Figures of one model, horizon, mode and window up to `trade_date`, under its newest version.

    `metrics` is empty when no outcome lies in the window.
    """

    model: str
    model_kind: str
    version: str
    model_version_id: int
    horizon: int
    mode: Mode
    window: str
    trade_date: date
    n: int
    n_days: int
    n_eff: float | None
    metrics: Annotated[dict[str, Any], Shape("backend.api.stored_figures:Figures")]
    computed_at: datetime


class Metrics(Item):
    items: list[MetricItem]


class Standing(Item):
    """One line of the leaderboard. A figure without outcomes is null.

    `rank` is null while it is too early; models that say the same, within 0.1 percentage point everywhere, share it.
    """

    rank: int | None
    model: str
    model_kind: str
    is_active: bool
    is_shown: bool = Field(description="Whether this model is what people see.")
    is_benchmark: bool = Field(
        description="Base rate, momentum, reversal or always outperform: what a model must beat."
    )
    is_shadow: bool = Field(
        description="A language model: it forecasts for this record alone, and no forecast that people see holds it."
    )
    too_early: bool
    has_skill: bool = Field(description="Whether the lower bound of the Brier skill, in four digits, is above 0.")
    version: str | None
    trade_date: date | None
    n: int
    n_days: int
    n_eff: float | None
    brier_skill: Estimate | None
    accuracy: Estimate | None = Field(description=ACCURACY)
    accuracy_shown: Estimate | None = Field(description=ACCURACY_SHOWN)
    coverage: Estimate | None = Field(description="Share of forecasts that are calls.")
    log_loss: Estimate | None
    crps: Estimate | None
    rank_ic: Estimate | None
    sessions_needed: SessionsNeeded | None
    money: Money | None
    computed_at: datetime | None


class Leaderboard(BaseModel):
    """Sorted by the lower bound of the Brier skill; records of fewer sessions than `minimum_sessions` come last."""

    horizon: Horizon
    mode: Mode
    window: WindowName
    minimum_sessions: int = RANKED_SESSIONS
    items: list[Standing]


class Place(Item):
    """What the figures of one model rest on; n is 0 before its first outcome."""

    model: str
    version: str | None
    horizon: Horizon
    mode: Mode
    window: WindowName
    trade_date: date | None
    n: int
    n_days: int


class Calibration(Place):
    ece: Estimate | None
    brier: Estimate | None
    brier_parts: BrierParts | None
    bins: list[Bin]
    by_confidence: list[Bucket] = Field(description="Accuracy by the distance of p from one half.")


class StockFigure(Item):
    stock_code: StockCode
    n: int
    n_days: int
    accuracy: Estimate = Field(description=ACCURACY)
    brier_skill: Estimate | None


class StockFigures(Place):
    items: list[StockFigure]


class SizeFigures(Item):
    """Skills are 1 - loss / loss of what must be beaten; above 0 is better. A skill is null where that never erred.

    Brier skills are of the probability of a market-adjusted move beyond 3% (`large`: beyond what a fifth of the
    stock's own moves are), pinball skills of the whole distribution of its size; against the stock's own record so far,
    `_250` its rate of the last 250 sessions, `_ewma` an exponentially weighted average of its squared moves.
    """

    brier_skill_3pct: Estimate | None
    brier_skill_3pct_250: Estimate | None
    brier_skill_3pct_ewma: Estimate | None
    brier_skill_large: Estimate | None
    pinball_skill: Estimate | None
    pinball_skill_ewma: Estimate | None
    rate_3pct: Estimate = Field(description="Share of moves beyond 3%; the baseline is the mean probability.")
    ece: Estimate = Field(description="Mean distance between probability and share of the bins.")
    bins: list[Bin]


class SizeStanding(Item):
    """The record of one model that says how large a move will be."""

    model: str
    model_kind: str
    is_active: bool
    trade_date: date
    n: int
    n_days: int
    computed_at: datetime
    figures: SizeFigures


class SizeStandings(BaseModel):
    horizon: Horizon
    mode: Mode
    window: WindowName
    items: list[SizeStanding]


async def _place(horizon: Horizon = Horizon.ONE, mode: Mode = Mode.LIVE, window: Window = "all") -> dict[str, Any]:
    return {"horizon": horizon, "mode": mode, "window": window}


# Which figures are asked for; modes never mix, so there is always exactly one.
PlaceOfFigures = Annotated[dict[str, Any], Depends(_place)]


@router.get("", response_model=Metrics)
async def list_evaluations(session: ReadSession, place: PlaceOfFigures) -> Any:
    """The newest figures of each model for one horizon and mode, as they are stored."""
    return {"items": await evaluations.list_newest(session, **place)}


@router.get("/leaderboard", response_model=Leaderboard)
async def list_leaderboard(session: ReadSession, place: PlaceOfFigures) -> Any:
    """Every model beside the benchmarks, best first by the lower bound of its Brier skill."""
    return place | {"items": await evaluations.list_leaderboard(session, **place)}


@router.get("/sizes", response_model=SizeStandings)
async def list_size_evaluations(session: ReadSession, place: PlaceOfFigures) -> Any:
    """How well the size of moves is forecast, with calibration; empty before the first outcomes are summed up."""
    return place | {"items": await size_metrics.list_standings(session, **place)}


@router.get("/{model}", response_model=Metrics)
async def get_evaluation(session: ReadSession, model: ModelName) -> Any:
    """The newest figures of one model for each horizon, mode and window."""
    return {"items": await evaluations.get_evaluation(session, model)}


@router.get("/{model}/calibration", response_model=Calibration)
async def get_calibration(session: ReadSession, model: ModelName, place: PlaceOfFigures) -> Any:
    """Predicted probabilities of one model against what came true."""
    return await evaluations.get_calibration(session, model=model, **place)


@router.get("/{model}/stocks", response_model=StockFigures)
async def list_stock_evaluations(session: ReadSession, model: ModelName, place: PlaceOfFigures) -> Any:
    """Figures of one model per stock: few items each, so look at n and the interval first."""
    return await evaluations.list_stock_figures(session, model=model, **place)


@router.get("/{model}/daily", response_model=PageOf[MetricItem])
async def list_daily_evaluations(
    session: ReadSession,
    model: ModelName,
    page: ByDateAndSmallId,
    *,
    horizon: Horizon = Horizon.ONE,
    mode: Mode = Mode.LIVE,
    figure: Annotated[list[FigureName] | None, Query(description="Only these figures; without it all.")] = None,
) -> Any:
    """Figures of single trading days, newest first."""
    figures = figure or ()
    return answer(await evaluations.list_daily(session, page, model=model, horizon=horizon, mode=mode, figures=figures))
