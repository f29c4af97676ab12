"""The overview in one call: a row per stock, newest stories, the record, freshness of sources and counts."""

from datetime import date, datetime
from typing import Any

from fastapi import APIRouter, Request
from pydantic import Field

from backend.api.outlook import EventItem, SizeItem
from backend.api.schemas import (
    ACCURACY,
    ACCURACY_SHOWN,
    BASE_RATE,
    BEATS_MARKET,
    CONFIDENCE,
    DIRECTION,
    VERDICT,
    Disclaimer,
    Estimate,
    Item,
    Y,
)
from backend.domain.forecasts import Direction, Mode, Verdict
from backend.domain.market import Market
from backend.domain.members import MemberState
from backend.domain.news import NewsKind, Precision
from backend.domain.understanding.events import Sign
from backend.services.forecasts import dashboard
from backend.web import planned

router = APIRouter(prefix="/api/dashboard", tags=["dashboard"])


class Counts(Item):
    """Active stocks, and what the last 24 hours brought."""

    stocks: int
    news_24h: int
    stories_24h: int
    predictions_24h: int
    counted_to: int = Field(description="Counting stops here: a figure equal to it means at least that many.")


class MarketPart(Item):
    """How new the prices are. Whether the market is open is in GET /api/health."""

    prices_at: datetime | None
    last_trade_date: date | None


class ForecastItem(Item):
    """The newest live forecast that passed the skill gate. `state` tells whether it is still learning."""

    id: int
    horizon: int
    asof: datetime
    p_up: float = Field(description=BEATS_MARKET)
    verdict: Verdict = Field(description=VERDICT)
    direction: Direction = Field(description=DIRECTION)
    confidence: float = Field(description=CONFIDENCE)
    base_price_krw: int
    quantiles_krw: list[int]
    exit_trade_date: date
    base_rate: float | None = Field(description=BASE_RATE)
    state: MemberState | None


class LastCall(Item):
    """The newest scored live forecast. `hit` is null where it was no call and for an unchanged price."""

    id: int
    horizon: int
    asof: datetime
    p_up: float = Field(description=BEATS_MARKET)
    verdict: Verdict = Field(description=VERDICT)
    direction: Direction = Field(description=DIRECTION)
    base_rate: float | None = Field(description=BASE_RATE)
    y: float = Field(description=Y)
    adjusted_return: float = Field(description="Return minus the market's.")
    exit_trade_date: date
    hit: bool | None


class StockRow(Item):
    code: str
    name: str
    market: Market
    status: str
    last_price_krw: int | None
    previous_close_krw: int | None
    change: float | None
    price_at: datetime | None
    size: SizeItem | None = Field(description="Of the next session; null before the first.")
    event: EventItem | None
    forecasts: list[ForecastItem]
    last_call: LastCall | None
    report_id: int | None
    report_at: datetime | None


class StoryRow(Item):
    id: int
    first_known_at: datetime
    size: int
    event_type: str
    sign: Sign
    materiality: int
    news_id: int
    title: str
    publisher: str
    url: str
    kind: NewsKind
    published_at: datetime | None
    published_precision: Precision
    stock_codes: list[str] | None


class RecordItem(Item):
    """Record of the forecasts that are shown, per mode and horizon, which are never mixed.

    `n` forecasts were scored; `accuracy_shown.n` of them were calls.
    """

    mode: Mode
    horizon: int
    trade_date: date
    n: int
    n_days: int
    accuracy: Estimate | None = Field(description=ACCURACY)
    accuracy_shown: Estimate | None = Field(description=ACCURACY_SHOWN)
    band_coverage: Estimate | None = Field(description="Share of forecasts whose price ended inside the 80% band.")
    brier_skill: Estimate | None


class FreshnessItem(Item):
    id: str
    kind: str
    off_reason: str | None
    last_ok_at: datetime | None
    newest_item_at: datetime | None


class Dashboard(Item):
    as_of: datetime
    counts: Counts
    market: MarketPart
    stocks: list[StockRow]
    stories: list[StoryRow]
    record: list[RecordItem] = Field(description="Empty until outcomes are scored.")
    freshness: list[FreshnessItem]
    disclaimer: Disclaimer = Disclaimer()


@router.get("", response_model=Dashboard)
async def get_dashboard(request: Request) -> Any:
    """Everything the overview shows."""
    return await planned(request, lambda reader: dashboard.get_overview(reader, Disclaimer().model_dump_json()))
