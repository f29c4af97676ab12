"""The ledger of a language model's calls: money is reserved before a call and settled after it, in one statement each.

A day and a run have a row each in llm_spend. The reservation raises both only if neither passes its cap, and locks the
day's row first, so any number of runs at once stays below it.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend import clock
from backend.clock import KST
from backend.domain.language_models import CallState, SpendScope
from backend.errors import AzakError

# An equal prompt is answered from the ledger for so long.
REUSED_FOR: Final = timedelta(hours=24)
BREAKS_AFTER: Final = 3
OPEN_FOR: Final = timedelta(minutes=10)
# The kind of failure after which nobody asks again at once: a key is refused, not an answer.
REFUSED: Final = "refused"
# A field of the request was not taken, and the next one goes without; an answer of no use.
UNSUPPORTED: Final = "unsupported"
UNUSABLE: Final = "unusable"
PROBE: Final = "probe"


class OverBudgetError(AzakError):
    """The call would pass a budget; the transaction that asked for it is rolled back."""

    status = 409
    title = "Over budget"
    slug = "over-budget"


@dataclass(frozen=True, slots=True)
class Caps:
    """Micro-dollars that a day and a run may reserve."""

    day: int
    run: int


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """A good answer of the last day to the same prompt, and who gave it."""

    call_id: int
    answered_by: str
    answer: Mapping[str, Any]


_RESERVE: Final = text("""
    WITH raised AS (
        INSERT INTO llm_spend AS s (scope, scope_id, micro_usd, calls)
        SELECT scope, scope_id, CAST(:amount AS bigint), 1
        FROM (VALUES ('day', CAST(:day AS text), CAST(:day_cap AS bigint)),
                     ('run', CAST(:run AS text), CAST(:run_cap AS bigint))) AS c (scope, scope_id, cap)
        WHERE CAST(:amount AS bigint) <= cap
        ORDER BY scope
        ON CONFLICT (scope, scope_id) DO UPDATE
            SET micro_usd = s.micro_usd + excluded.micro_usd, calls = s.calls + 1
            WHERE s.micro_usd + excluded.micro_usd
                  <= CASE s.scope WHEN 'day' THEN CAST(:day_cap AS bigint) ELSE CAST(:run_cap AS bigint) END
        RETURNING 1
    )
    INSERT INTO llm_calls (run_id, purpose, endpoint, model, prompt_hash, state, cost_micro_usd, created_at)
    SELECT CAST(:run AS uuid), :purpose, :endpoint, :model, :prompt_hash, 'reserved', CAST(:amount AS bigint), :now
    WHERE (SELECT count(*) FROM raised) = 2
    RETURNING id
""")
_SETTLE: Final = text("""
    WITH ended AS (
        UPDATE llm_calls c SET state = :state, answered_by = :answered_by, tokens_in = :tokens_in,
               tokens_out = :tokens_out, cost_micro_usd = least(b.cost_micro_usd, CAST(:cost AS bigint)), ms = :ms,
               error = :error, error_kind = :error_kind, answer = CAST(:answer AS jsonb), ended_at = :now
        FROM (SELECT id, cost_micro_usd FROM llm_calls WHERE id = :id AND state = 'reserved' FOR UPDATE) b
        WHERE c.id = b.id
        RETURNING c.run_id, b.cost_micro_usd - c.cost_micro_usd AS unused
    )
    UPDATE llm_spend s SET micro_usd = s.micro_usd - l.unused
    FROM (
        SELECT p.scope, p.scope_id, e.unused
        FROM ended e
        JOIN llm_spend p ON (p.scope = 'day' AND p.scope_id = :day)
                         OR (p.scope = 'run' AND p.scope_id = CAST(e.run_id AS text))
        ORDER BY p.scope FOR UPDATE OF p  -- in the order of a reservation, else the two deadlock
    ) l
    WHERE s.scope = l.scope AND s.scope_id = l.scope_id
""")
_KEPT: Final = text("""
    SELECT id, coalesce(answered_by, model) AS answered_by, answer FROM llm_calls
    WHERE prompt_hash = :prompt_hash AND state = 'ok' AND answer IS NOT NULL AND created_at > :since
    ORDER BY id DESC LIMIT 1
""")
# What a probe finds out is no failure of the endpoint.
_LAST: Final = text("""
    SELECT state, error_kind, ended_at FROM llm_calls
    WHERE endpoint = :endpoint AND model = :model AND state <> 'reserved'
      AND error_kind IS DISTINCT FROM 'unsupported'
      AND (purpose <> 'probe' OR error_kind IS DISTINCT FROM 'unusable')
    ORDER BY id DESC LIMIT :many
""")
_REVIEWED: Final = text("UPDATE llm_calls SET review = CAST(:review AS jsonb) WHERE id = :id")


def day_of(moment: datetime) -> str:
    """The Korean day whose budget a call at this moment uses."""
    return f"{moment.astimezone(KST):%Y-%m-%d}"


async def reserve(
    session: AsyncSession, *, run_id: uuid.UUID, amount: int, caps: Caps, purpose: str, endpoint: str, model: str,
    prompt_hash: str, now: datetime,
) -> int:  # fmt: skip
    """Reserve `amount` micro-dollars for one call; its id. Raises OverBudgetError, which must end the transaction."""
    call_id = await session.scalar(
        _RESERVE,
        {
            "amount": amount, "day": day_of(now), "run": str(run_id), "day_cap": caps.day, "run_cap": caps.run,
            "purpose": purpose, "endpoint": endpoint, "model": model, "prompt_hash": prompt_hash, "now": now,
        },
    )  # fmt: skip
    if call_id is None:
        raise OverBudgetError(
            "The language model's budget is used up; raise AZAK_LLM_USD_PER_RUN or AZAK_LLM_USD_PER_DAY, or wait."
        )
    return int(call_id)


async def settle(
    session: AsyncSession, call_id: int, *, reserved_at: datetime, state: CallState, cost: int, ms: int,
    answered_by: str | None = None, tokens_in: int | None = None, tokens_out: int | None = None,
    error: str | None = None, error_kind: str | None = None, answer: str | None = None,
) -> None:  # fmt: skip
    """End a call: what it cost, never more than was reserved, and what came of it. `answer` is JSON text."""
    values = {
        "id": call_id, "day": day_of(reserved_at), "state": state, "cost": cost, "ms": ms, "answered_by": answered_by,
        "tokens_in": tokens_in, "tokens_out": tokens_out, "error": error, "error_kind": error_kind, "answer": answer,
        "now": clock.now(),
    }  # fmt: skip
    await session.execute(_SETTLE, values)


async def find_answer(session: AsyncSession, prompt_hash: str) -> KeptAnswer | None:
    """The newest good answer to an equal prompt, if it is less than a day old."""
    bound = {"prompt_hash": prompt_hash, "since": clock.now() - REUSED_FOR}
    row = (await session.execute(_KEPT, bound)).one_or_none()
    return None if row is None else KeptAnswer(row.id, row.answered_by, row.answer)


async def closed_until(session: AsyncSession, endpoint: str, model: str) -> datetime | None:
    """When the endpoint is asked again: after three failures in a row, or a refused key; None: now."""
    bound = {"endpoint": endpoint, "model": model, "many": BREAKS_AFTER}
    rows = (await session.execute(_LAST, bound)).all()
    failures = [row for row in rows if row.state == CallState.FAILED]
    is_refused = bool(rows) and rows[0].error_kind == REFUSED
    if not is_refused and len(failures) < BREAKS_AFTER:
        return None
    until: datetime = rows[0].ended_at + OPEN_FOR
    return until if until > clock.now() else None


async def record_review(session: AsyncSession, call_id: int, review: str) -> None:
    """Keep what the check of a text found, as JSON text."""
    await session.execute(_REVIEWED, {"id": call_id, "review": review})


_SPENT: Final = text("SELECT micro_usd, calls FROM llm_spend WHERE scope = :scope AND scope_id = :scope_id")
_ENDED: Final = text("""
    SELECT state, purpose, model, answered_by, tokens_in, tokens_out, cost_micro_usd, ms, error, review, created_at
    FROM llm_calls ORDER BY id DESC LIMIT :limit
""")


async def spent_today(session: AsyncSession) -> tuple[int, int]:
    """(micro-dollars, calls) of this Korean day, with what is reserved."""
    bound = {"scope": SpendScope.DAY, "scope_id": day_of(clock.now())}
    row = (await session.execute(_SPENT, bound)).one_or_none()
    return (0, 0) if row is None else (row.micro_usd, row.calls)


async def list_calls(session: AsyncSession, limit: int) -> list[dict[str, Any]]:
    """The newest calls, newest first."""
    return [dict(row) for row in (await session.execute(_ENDED, {"limit": limit})).mappings()]
