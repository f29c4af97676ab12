"""The language model that may write reports: what its endpoint can do, what it costs, and its last calls."""

from dataclasses import asdict
from datetime import datetime
from typing import Any, Literal

from fastapi import APIRouter
from pydantic import Field

from backend.api.deps import ReadSession, SettingsOfApp
from backend.api.schemas import Item
from backend.domain.language_models import CallState
from backend.services.operations import llm_status

router = APIRouter(prefix="/api/llm", tags=["llm"])


class LlmReview(Item):
    """What the check of a text found: sentences, those that fell by reason, and whether the text was used."""

    sentences: int
    dropped: dict[str, int]
    used: bool


class LlmCallItem(Item):
    """One request. `answered_by` is the model that the endpoint says it was; `error` one sentence with the remedy."""

    state: CallState
    purpose: str
    model: str
    answered_by: str | None
    tokens_in: int | None
    tokens_out: int | None
    cost_usd: float
    ms: int | None
    error: str | None
    review: LlmReview | None
    created_at: datetime


class LlmStatus(Item):
    """`off_reason` names the setting that is missing. `mode`: how strictly the endpoint binds an answer to a form, as
    its probe found; null before it was asked. `closed_until`: the end of a pause after failures."""

    off_reason: str | None
    host: str | None
    model: str | None
    mode: Literal["json_schema", "json_object", "prompt"] | None
    answered_by: str | None
    checked_at: datetime | None
    closed_until: datetime | None
    spent_today_usd: float = Field(description="Of this Korean day, with what is reserved for running calls.")
    budget_today_usd: float
    calls_today: int
    calls: list[LlmCallItem] = Field(description="The newest 20, newest first.")


@router.get("", response_model=LlmStatus)
async def get_llm(session: ReadSession, settings: SettingsOfApp) -> Any:
    """The language model of this installation, whether or not one is configured."""
    status = await llm_status.read_status(session, settings.llm)
    return asdict(status) | {"calls": await llm_status.list_last_calls(session)}
