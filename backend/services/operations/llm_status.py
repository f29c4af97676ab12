"""What people are told of the language model: whether it is on, what it can do, its cost, and its last calls."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

from sqlalchemy.ext.asyncio import AsyncSession

from backend.config import LlmSettings
from backend.domain.language_models import MICRO
from backend.services.operations import llm_calls, llm_endpoints

CALLS: Final = 20
NO_ADDRESS: Final = "off: set AZAK_LLM_URL and AZAK_LLM_MODEL to have reports written by a language model"
NO_BUDGET: Final = "off: a budget of AZAK_LLM_USD_PER_CALL, _RUN or _DAY is 0"


@dataclass(frozen=True, slots=True)
class ModelStatus:
    """`host` and `model` are the settings'; `mode`, `answered_by` and `checked_at` what its probe found, None before.

    `closed_until`: the end of a pause after failures. Money is in US dollars, with what is reserved.
    """

    off_reason: str | None
    host: str | None
    model: str | None
    mode: str | None
    answered_by: str | None
    checked_at: datetime | None
    closed_until: datetime | None
    spent_today_usd: float
    budget_today_usd: float
    calls_today: int


async def read_status(session: AsyncSession, settings: LlmSettings) -> ModelStatus:
    """The state of the model that these settings name."""
    micro, calls = await llm_calls.spent_today(session)
    known, closed_until = None, None
    if settings.url is not None and settings.model is not None:
        url = settings.url.rstrip("/")
        known = await llm_endpoints.find_endpoint(session, url, settings.model)
        closed_until = await llm_calls.closed_until(session, url, settings.model)
    off_reason = NO_ADDRESS if settings.url is None else None if settings.is_on else NO_BUDGET
    return ModelStatus(
        off_reason=off_reason,
        host=urlsplit(settings.url).hostname if settings.url else None,
        model=settings.model,
        mode=known.mode if known else None,
        answered_by=known.answered_by if known else None,
        checked_at=known.checked_at if known else None,
        closed_until=closed_until,
        spent_today_usd=micro / MICRO,
        budget_today_usd=settings.usd_per_day,
        calls_today=calls,
    )


async def list_last_calls(session: AsyncSession) -> list[dict[str, Any]]:
    """The newest calls, newest first, with their cost in US dollars."""
    rows = await llm_calls.list_calls(session, CALLS)
    return [row | {"cost_usd": row.pop("cost_micro_usd") / MICRO} for row in rows]
