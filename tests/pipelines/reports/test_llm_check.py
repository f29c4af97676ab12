"""`azak sources check llm` asks what the endpoint can do, closed or not; the nightly job forgets what is old."""

import uuid
from datetime import timedelta

import pytest
from sqlalchemy import insert, text

from backend import clock
from backend.db.tables.llm import LlmCall, LlmSpend
from backend.errors import NothingToDoError, SourcesFailedError
from backend.internal import NoArguments
from backend.pipelines.context import RunContext
from backend.pipelines.operations import check_sources, housekeeping
from tests.fixtures.language_model import FakeModel, chat, refusal
from tests.pipelines.reports.test_llm_writer import write

ASKED = check_sources.Arguments(sources=["llm"])


async def _told(run: RunContext) -> list[tuple[str, str]]:
    async with run.read() as session:
        rows = await session.execute(text("SELECT message, data ->> 'finding' AS finding FROM run_events ORDER BY id"))
        return [(row.message, row.finding) for row in rows if row.message.startswith("llm")]


async def test_a_check_tells_what_the_endpoint_can_do(run: RunContext, model: FakeModel) -> None:
    counts = await check_sources.run(run, ASKED)
    assert (counts.read, counts.failed) == (1, 0)
    assert await _told(run) == [("llm: ok", "bound by json_schema")]


async def test_a_check_says_why_it_failed_and_tries_a_repaired_key(run: RunContext, model: FakeModel) -> None:
    model.on_probe = lambda _: refusal(401)
    with pytest.raises(SourcesFailedError, match=r"\(llm\)"):
        await check_sources.run(run, ASKED)
    assert await _told(run) == [("llm: failed", "llm refused us with 401; check AZAK_LLM_API_KEY and its credit.")]
    report, template = await write(run)
    assert report == template  # closed
    model.on_probe = lambda _: chat('{"town": "Busan", "people": 3300000}')
    assert (await check_sources.run(run, ASKED)).failed == 0


async def test_without_a_model_there_is_nothing_to_check(run: RunContext, model: FakeModel) -> None:
    run.settings.llm.url = None
    with pytest.raises(NothingToDoError):
        await check_sources.run(run, ASKED)
    assert model.asked == []


async def test_old_answers_and_calls_are_forgotten(run: RunContext) -> None:
    call = {
        "purpose": "report", "endpoint": "e", "model": "m", "prompt_hash": "h", "state": "ok", "cost_micro_usd": 1,
        "answer": {},
    }  # fmt: skip
    async with run.tools.database.write() as session:
        for days in (1, 4, 181):
            at = clock.now() - timedelta(days=days)
            await session.execute(insert(LlmCall).values(run_id=uuid.uuid4(), created_at=at, **call))
            spend = {"scope": "day", "scope_id": f"{at:%Y-%m-%d}", "micro_usd": 1, "calls": 1, "created_at": at}
            await session.execute(insert(LlmSpend).values(**spend))
    counts = await housekeeping.run(run, NoArguments())
    assert counts.detail["llm_calls"] == 1
    async with run.read() as session:
        kept = await session.scalars(text("SELECT answer IS NOT NULL FROM llm_calls ORDER BY created_at DESC"))
        assert list(kept) == [True, False]
        assert await session.scalar(text("SELECT count(*) FROM llm_spend")) == 1
