"""GET /api/llm: whether a model is on, what it can do, what it cost, and its last calls."""

import uuid
from typing import Any

import httpx
import pytest
from sqlalchemy import insert

from backend import clock
from backend.config import LlmSettings, Settings
from backend.db.session import Database
from backend.db.tables.llm import LlmCall, LlmEndpoint, LlmSpend
from backend.services.operations.llm_calls import day_of


async def test_without_an_address_the_setting_is_named(client: httpx.AsyncClient) -> None:
    found = (await client.get("/api/llm")).json()
    assert found["off_reason"].startswith("off: set AZAK_LLM_URL and AZAK_LLM_MODEL")
    assert (found["host"], found["mode"], found["calls"], found["spent_today_usd"]) == (None, None, [], 0)


async def test_what_the_endpoint_can_do_and_has_cost(
    client: httpx.AsyncClient, api_settings: Settings, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        api_settings, "llm", LlmSettings(url="https://llm.example/v1/", model="m", api_key="sk-secret", usd_per_day=2)
    )
    call: dict[str, Any] = {
        "run_id": uuid.uuid4(), "purpose": "report", "endpoint": "https://llm.example/v1", "model": "m",
        "prompt_hash": "h", "cost_micro_usd": 14_500, "ended_at": clock.now(),
    }  # fmt: skip
    async with database.write() as session:
        await session.execute(
            insert(LlmEndpoint).values(
                endpoint="https://llm.example/v1", model="m", mode="json_schema", limit_field="max_tokens",
                takes_temperature=True, takes_lengths=True, answered_by="m-2", checked_at=clock.now(),
            )
        )  # fmt: skip
        review = {"sentences": 14, "dropped": {"advice": 1}, "used": True}
        await session.execute(insert(LlmCall).values(**call, state="ok", review=review, answered_by="m-2"))
        await session.execute(insert(LlmCall).values(**call, state="failed", error="x", error_kind="refused"))
        day = day_of(clock.now())
        await session.execute(insert(LlmSpend).values(scope="day", scope_id=day, micro_usd=29_000, calls=2))
    answer = await client.get("/api/llm")
    found = answer.json()
    assert "sk-secret" not in answer.text
    told = ("off_reason", "host", "mode", "answered_by")
    assert [found[name] for name in told] == [None, "llm.example", "json_schema", "m-2"]
    assert (found["spent_today_usd"], found["budget_today_usd"], found["calls_today"]) == (0.029, 2, 2)
    assert found["closed_until"] is not None
    assert [one["state"] for one in found["calls"]] == ["failed", "ok"]
    assert (found["calls"][1]["cost_usd"], found["calls"][1]["review"]) == (0.0145, review)
    api_settings.llm.usd_per_day = 0
    assert "budget" in (await client.get("/api/llm")).json()["off_reason"]
