"""How often models were right. Every figure carries n, n_days, a 95 % interval and its baseline."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query

from backend.api.deps import ReadSession
from backend.api.paging import ByDateAndId, PageOf, answer
from backend.api.schemas import Horizon, Item, Name
from backend.domain import Mode
from backend.services import evaluations

router = APIRouter(prefix="/api/evaluations", tags=["evaluations"])

ModelName = Annotated[Name, Path(examples=["gated"])]
Window = Annotated[Literal["20", "60", "250", "all"], Query(description="Trading days looked back.")]


class MetricItem(Item):
    """Figures of one model version, horizon, mode and window up to `trade_date`.

    `metrics` holds accuracy, accuracy_shown, brier, brier_skill, log_loss, coverage, band_coverage, rank_ic
    and more, each as {value, low, high, baseline, n, n_days}; empty when no outcome lies in the window.
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
    metrics: dict[str, Any]
    computed_at: datetime


class Metrics(Item):
    items: list[MetricItem]


@router.get("", response_model=Metrics)
async def list_leaderboard(
    session: ReadSession, horizon: Horizon = Horizon.ONE, mode: Mode = Mode.LIVE, window: Window = "all"
) -> Any:
    """The newest figures of each model version for one horizon and mode."""
    return {"items": await evaluations.list_leaderboard(session, horizon=horizon, mode=mode, window=window)}


@router.get("/{model}", response_model=Metrics)
async def get_evaluation(session: ReadSession, model: ModelName) -> Any:
    """The newest figures of one model for each version, horizon, mode and window."""
    return {"items": await evaluations.get_evaluation(session, model)}


@router.get("/{model}/daily", response_model=PageOf[MetricItem])
async def list_daily_evaluations(
    session: ReadSession,
    model: ModelName,
    page: ByDateAndId,
    *,
    horizon: Horizon = Horizon.ONE,
    mode: Mode = Mode.LIVE,
) -> Any:
    """Figures of single trading days, newest first."""
    return answer(await evaluations.list_daily(session, page, model=model, horizon=horizon, mode=mode))
