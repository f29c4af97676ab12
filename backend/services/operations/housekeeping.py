"""Deletes old rows: runs with their log lines, the engine's log, idempotency keys and the audit log."""

from datetime import timedelta

from sqlalchemy import delete, func, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.tables.access import AuditEntry, IdempotencyKey
from backend.db.tables.llm import LlmCall, LlmSpend
from backend.db.tables.runs import Run
from backend.domain.runs import OPEN_RUN_STATES

_KEEP_RUNS = timedelta(days=180)
_KEEP_ENGINE_LOG = timedelta(days=7)
_KEEP_IDEMPOTENCY_KEYS = timedelta(days=2)
_KEEP_AUDIT = timedelta(days=400)
_KEEP_LLM_CALLS = timedelta(days=180)
_KEEP_LLM_ANSWERS = timedelta(days=3)  # an equal prompt uses them for one


async def delete_old_runs(session: AsyncSession) -> int:
    """Delete ended runs and, by cascade, their log lines. Returns how many runs."""
    old = Run.created_at < func.now() - _KEEP_RUNS
    statement = delete(Run).where(old, Run.state.not_in(OPEN_RUN_STATES)).returning(Run.id)
    return len((await session.execute(statement)).all())


async def delete_old_engine_log(session: AsyncSession) -> int:
    """Delete old rows of PgQueuer's log, which it never prunes itself. Returns how many."""
    statement = text("DELETE FROM azak_queue.pgqueuer_log WHERE created < now() - CAST(:keep AS interval) RETURNING 1")
    return len((await session.execute(statement, {"keep": _KEEP_ENGINE_LOG})).all())


async def delete_old_idempotency_keys(session: AsyncSession) -> int:
    old = IdempotencyKey.created_at < func.now() - _KEEP_IDEMPOTENCY_KEYS
    statement = delete(IdempotencyKey).where(old).returning(IdempotencyKey.key)
    return len((await session.execute(statement)).all())


async def delete_old_llm_calls(session: AsyncSession) -> int:
    """Delete old calls of a language model, older answers, and what days and runs spent. Returns how many calls."""
    old_answer = (LlmCall.created_at < func.now() - _KEEP_LLM_ANSWERS) & LlmCall.answer.is_not(None)
    await session.execute(update(LlmCall).where(old_answer).values(answer=None))
    await session.execute(delete(LlmSpend).where(LlmSpend.created_at < func.now() - _KEEP_LLM_ANSWERS))
    old = LlmCall.created_at < func.now() - _KEEP_LLM_CALLS
    return len((await session.execute(delete(LlmCall).where(old).returning(LlmCall.id))).all())


async def delete_old_audit(session: AsyncSession) -> int:
    old = AuditEntry.ts < func.now() - _KEEP_AUDIT
    return len((await session.execute(delete(AuditEntry).where(old).returning(AuditEntry.id))).all())
