"""The ledger of a language model's calls: what 50 runs spend at once, when an endpoint is closed, what is kept."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from backend import clock
from backend.config import Settings
from backend.db.session import Database, Session
from backend.domain.language_models import CallState
from backend.services.operations import llm_calls
from backend.services.operations.llm_calls import Caps, OverBudgetError

CALL: dict[str, Any] = {"purpose": "report", "endpoint": "http://a/v1", "model": "m", "prompt_hash": "h"}


@pytest.fixture
async def wide(settings: Settings) -> AsyncIterator[Database]:
    """A database whose pool lets many reserve at once."""
    settings.database.pool_size, settings.database.connect_timeout_s = 20, 30
    database = Database(settings, "test")
    yield database
    await database.close()


async def reserve(session: Session, amount: int, *, run_id: uuid.UUID, caps: Caps, now: datetime | None = None) -> int:
    at = now or clock.now()
    return await llm_calls.reserve(session, run_id=run_id, amount=amount, caps=caps, now=at, **CALL)


async def spent(session: Session) -> dict[str, int]:
    rows = await session.execute(text("SELECT scope, max(micro_usd) AS most FROM llm_spend GROUP BY scope"))
    return {row.scope: row.most for row in rows}


async def test_fifty_runs_at_once_stay_below_every_cap(wide: Database) -> None:
    """Each run wants six calls of 100, one after the other, beside 49 others; its cap is 450, the day's 10,050."""
    caps = Caps(day=10_050, run=450)
    highest: list[dict[str, int]] = []

    async def one_run(run_id: uuid.UUID) -> int:
        made = 0
        for _ in range(6):
            now = clock.now()
            try:
                async with wide.write() as session:
                    call_id = await reserve(session, 100, run_id=run_id, caps=caps, now=now)
            except OverBudgetError:
                continue
            made += 1
            async with wide.write() as session:
                highest.append(await spent(session))
                await llm_calls.settle(session, call_id, reserved_at=now, state=CallState.OK, cost=90, ms=1)
        return made

    made = await asyncio.gather(*(one_run(uuid.uuid4()) for _ in range(50)))
    assert max(one["day"] for one in highest) <= caps.day
    assert max(one["run"] for one in highest) <= caps.run
    async with wide.read() as session:
        real = await session.scalar(text("SELECT sum(cost_micro_usd) FROM llm_calls"))
        assert await spent(session) == {"day": real, "run": 90 * max(made)}
    assert real == 90 * sum(made)
    assert caps.day - 100 < real + 10 <= caps.day  # what is left does not pay for another call


async def test_a_refused_reservation_leaves_no_trace(session: Session) -> None:
    first, second = uuid.uuid4(), uuid.uuid4()
    await reserve(session, 300, run_id=first, caps=Caps(day=500, run=400))
    for run_id, caps in ((first, Caps(500, 400)), (second, Caps(day=400, run=400)), (second, Caps(day=500, run=100))):
        with pytest.raises(OverBudgetError):
            async with session.begin_nested():
                await reserve(session, 150, run_id=run_id, caps=caps)
    assert await spent(session) == {"day": 300, "run": 300}
    assert await session.scalar(text("SELECT count(*) FROM llm_calls")) == 1


async def test_a_call_never_costs_more_than_was_reserved(session: Session) -> None:
    """An endpoint that counts a million tokens has not made them within the limit it was given."""
    now = clock.now()
    call_id = await reserve(session, 300, run_id=uuid.uuid4(), caps=Caps(500, 500), now=now)
    for cost in (1_000_000, 10):  # the second time it has ended already
        await llm_calls.settle(session, call_id, reserved_at=now, state=CallState.OK, cost=cost, ms=1)
    assert await spent(session) == {"day": 300, "run": 300}


async def test_a_korean_day_begins_at_its_own_midnight(session: Session) -> None:
    run_id, caps = uuid.uuid4(), Caps(day=300, run=10_000)
    evening, midnight = "2026-11-20T14:59:59+00:00", "2026-11-20T15:00:00+00:00"
    await reserve(session, 300, run_id=run_id, caps=caps, now=datetime.fromisoformat(evening))
    await reserve(session, 300, run_id=run_id, caps=caps, now=datetime.fromisoformat(midnight))
    days = await session.scalars(text("SELECT scope_id FROM llm_spend WHERE scope = 'day' ORDER BY 1"))
    assert list(days) == ["2026-11-20", "2026-11-21"]


async def _end(session: Session, *, kind: str | None, purpose: str = "report", ago: timedelta = timedelta()) -> None:
    state = CallState.FAILED if kind else CallState.OK
    await session.execute(
        text("""INSERT INTO llm_calls (run_id, purpose, endpoint, model, prompt_hash, state, cost_micro_usd, error_kind,
                answer, created_at, ended_at)
                VALUES (gen_random_uuid(), :purpose, 'http://a/v1', 'm', 'h', :state, 0, :kind, '{}', :at, :at)"""),
        {"purpose": purpose, "state": state, "kind": kind, "at": clock.now() - ago},
    )


@pytest.mark.parametrize(
    ("kinds", "is_closed"),
    [
        ([], False),
        (["source-temporary"] * 2, False),
        (["source-temporary", "unusable", "source-changed"], True),
        (["unusable", "unusable", "unusable", None], False),
        (["unusable", "unusable", None, "unusable"], False),
        (["refused"], True),
        (["refused", None], False),
        (["unsupported"] * 4, False),
    ],
)
async def test_failures_in_a_row_close_an_endpoint(session: Session, kinds: list[str | None], is_closed: bool) -> None:
    for kind in kinds:
        await _end(session, kind=kind)
    until = await llm_calls.closed_until(session, "http://a/v1", "m")
    assert (until is not None) == is_closed
    assert await llm_calls.closed_until(session, "http://a/v1", "another") is None


async def test_a_closed_endpoint_is_asked_again_after_ten_minutes(session: Session) -> None:
    for _ in range(3):
        await _end(session, kind="source-temporary", ago=timedelta(minutes=10, seconds=1))
    assert await llm_calls.closed_until(session, "http://a/v1", "m") is None
    await _end(session, kind="source-temporary")
    assert await llm_calls.closed_until(session, "http://a/v1", "m") is not None


async def test_what_a_probe_finds_out_closes_nothing(session: Session) -> None:
    for _ in range(3):
        await _end(session, kind="unusable", purpose="probe")
    assert await llm_calls.closed_until(session, "http://a/v1", "m") is None


async def test_an_answer_is_kept_for_a_day(session: Session) -> None:
    await _end(session, kind=None, ago=timedelta(hours=24, minutes=1))
    assert await llm_calls.find_answer(session, "h") is None
    await _end(session, kind=None, ago=timedelta(hours=23))
    kept = await llm_calls.find_answer(session, "h")
    assert kept is not None
    assert (kept.answered_by, kept.answer) == ("m", {})
