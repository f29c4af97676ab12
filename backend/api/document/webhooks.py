"""What azak sends to AZAK_WEBHOOK_URL, for the document alone: nothing here is served."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, Field

from backend.api.events import Topic
from backend.domain.runs import RunState


class NewRows(BaseModel):
    """Of `news`, `prediction`, `outcome` and `report`: what one statement stored. Ids of outcomes are of forecasts."""

    count: int
    ids: list[int]
    stock_codes: list[str] = Field(description="Stocks that they are of, at most 100; empty of news.")


class RunChange(BaseModel):
    """Of `run`: where a run stands now."""

    id: UUID
    kind: str
    state: RunState
    progress: float


class SentEvent(BaseModel):
    """One event of a webhook."""

    id: str = Field(description="Its place in the stream: take each id once.", examples=["1042-77"])
    type: Topic
    at: datetime
    data: RunChange | NewRows


class WebhookMessage(BaseModel):
    """What AZAK_WEBHOOK_URL is sent, signed; docs/webhooks.md says how to verify it."""

    service: Literal["azak"]
    events: list[SentEvent] = Field(description="Oldest first, at most 100.")


webhooks = APIRouter()


@webhooks.post(
    "events", tags=["events"], status_code=204, responses={"default": {"description": "Sent again, for a week."}}
)
async def tell_events(body: WebhookMessage) -> None:
    """azak sends this to AZAK_WEBHOOK_URL, again until it is answered with 2xx."""
