"""Forecasts: lists by stock, model, mode and horizon; one with its evidence and outcome; requesting new ones."""

from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import Field

from backend.api.deps import DatabaseOfApp, ReadSession
from backend.api.outlook import ExpectedSize
from backend.api.paging import ByMoment, PageOf, json_body
from backend.api.scheduler_client import prediction_work
from backend.api.schemas import (
    BEATS_MARKET,
    CONFIDENCE,
    DIRECTION,
    VERDICT,
    Body,
    Disclaimer,
    Horizon,
    Item,
    Name,
    RowId,
    RunItem,
    StockCode,
    StockCodeFilter,
    Y,
)
from backend.api.stored import Explanation, Shape
from backend.api.work_requests import WorkRequestsOfCall
from backend.db.reader import Reader
from backend.db.session import Database
from backend.domain.forecasts import Direction, Mode, Verdict
from backend.domain.record import OutcomeState, VoidReason
from backend.services.forecasts import prediction
from backend.services.market.stocks import require_forecast
from backend.web import WRITE_RESPONSES, planned

router = APIRouter(prefix="/api/prediction", tags=["prediction"])


_DISCLAIMER = f'"disclaimer":{Disclaimer().model_dump_json()}'


ENGINE = "Version of the rules that scored it; what is new is scored by the newest, and all else once more after it."


class ForecastSize(ExpectedSize):
    """What a forecast of the model `size` says, with the whole distribution."""

    quantiles: list[float] = Field(description="Sizes at the levels .05 to .95.")


class PredictionItem(Item):
    """One stock, one moment, one horizon (trading days), one model version."""

    id: int
    stock_code: str
    model: str
    model_kind: str
    version: str
    asof: datetime = Field(description="Nothing newer than this moment was used.")
    trade_date: date
    horizon: int
    mode: Mode
    p_up: float = Field(description=BEATS_MARKET)
    verdict: Verdict = Field(description=VERDICT)
    direction: Direction = Field(description=DIRECTION)
    confidence: float = Field(description=CONFIDENCE)
    base_price_krw: int
    quantiles_krw: list[int] = Field(description="Prices at the levels 5, 10, 25, 50, 75, 90 and 95%.")
    entry_ts: datetime
    exit_trade_date: date
    story_id: int | None
    explanation: Annotated[dict[str, Any], Shape(Explanation)]
    size: ForecastSize | None = Field(description="Of the model `size`: how large the move will be; null of others.")


class PredictionRow(PredictionItem):
    """A forecast of a list, with what came of it: nulls until its exit is scored."""

    outcome_state: OutcomeState | None
    adjusted_return: float | None = Field(description="Return minus the market's.")
    y: float | None = Field(description=Y)
    in_band: bool | None = Field(
        description="Whether the exit price was inside the 80% band: a price, not the market's."
    )
    exit_adjusted_krw: int | None = Field(
        description="Exit price in the share units of quantiles_krw, before any later split: what `in_band` speaks of."
    )
    engine_version: str | None = Field(description=ENGINE)


class PredictionFull(PredictionItem):
    sigma: float
    features_hash: str
    created_at: datetime


class EvidenceItem(Item):
    news_id: int
    weight: float | None
    title: str | None


class OutcomeItem(Item):
    """What came of a forecast. Returns are fractions; `y`: 1 beat the market, 0 lagged behind it, 0.5 neither."""

    state: OutcomeState
    void_reason: VoidReason | None
    engine_version: str = Field(description=ENGINE)
    entry_price_krw: float | None
    exit_trade_date: date | None
    exit_price_krw: float | None
    raw_return: float | None
    adjusted_return: float | None
    y: float | None
    in_band: bool | None
    loss_brier: float | None
    loss_log: float | None
    evaluated_at: datetime


class PredictionPage(PageOf[PredictionRow]):
    disclaimer: Disclaimer = Disclaimer()


class PredictionDetail(Item):
    prediction: PredictionFull
    evidence: list[EvidenceItem]
    outcome: OutcomeItem | None
    disclaimer: Disclaimer = Disclaimer()


class StockBody(Body):
    stock_code: StockCode = Field(examples=["005930"])


@router.get("", response_model=PredictionPage)
async def list_predictions(
    request: Request,
    page: ByMoment,
    *,
    stock_code: StockCodeFilter = None,
    model: Annotated[Name | None, Query(examples=["gated"])] = None,
    mode: Mode = Mode.LIVE,
    horizon: Horizon | None = None,
) -> Any:
    """Forecasts, newest first; of one mode at a time. `since` and `until` are of `asof`."""

    async def plan(reader: Reader) -> str:
        found = await prediction.list_predictions(
            reader, page, mode=mode, stock_code=stock_code, model=model, horizon=horizon
        )
        return json_body(found, _DISCLAIMER)

    return await planned(request, plan)


@router.get("/{prediction_id}", response_model=PredictionDetail)
async def get_prediction(session: ReadSession, prediction_id: RowId) -> Any:
    """One forecast with the news it rests on and, once its exit is scored, its outcome."""
    return await prediction.get_prediction(session, prediction_id)


async def check_stock(database: Database, code: str) -> None:
    """Raise NotFoundError unless `code` is watched; holds a connection only as long as that takes."""
    async with database.read() as session:
        await require_forecast(session, code)


@router.post("", status_code=202, responses=WRITE_RESPONSES)
async def request_prediction(body: StockBody, database: DatabaseOfApp, requests: WorkRequestsOfCall) -> RunItem:
    """Predict one stock now with every active model: 202 with the run."""
    code = body.stock_code
    return await requests.accept(prediction_work(code), body, before=lambda: check_stock(database, code))
