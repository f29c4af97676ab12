"""Evaluation and aggregation killed anywhere, and started again: the same tables as without."""

import contextlib
import random
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.session import Database
from backend.pipelines.context import NoArguments, RunContext
from backend.pipelines.record import aggregate_performance, scoring
from tests.pipelines import scoring_world

POINTS = 20
# Everything but when it was written and in which order.
TABLES = {
    "outcomes": "to_jsonb(t) - 'evaluated_at'",
    "metric_days": "to_jsonb(t)",
    "metrics": "to_jsonb(t) - 'id' - 'computed_at'",
}
# What a run makes on the way, and makes anew.
ALSO_MADE = ("metric_progress", "stock_days", "market_days", "market_model_state")


class KilledError(BaseException):
    """Nothing in the code catches it, as nothing catches SIGKILL: the transaction under way is rolled back."""


async def tables(world: Database) -> dict[str, list[str]]:
    return {
        name: sorted(row["j"] for row in await scoring_world.fetch(world, f"SELECT ({what})::text AS j FROM {name} t"))
        for name, what in TABLES.items()
    }


async def run_until(context: RunContext, monkeypatch: pytest.MonkeyPatch, statement: int) -> int:
    """The job, killed just before its nth statement; returns how many it began."""
    begun, honest = 0, AsyncSession.execute

    async def execute(session: AsyncSession, *arguments: Any, **options: Any) -> Any:
        nonlocal begun
        begun += 1
        if begun == statement:
            raise KilledError
        return await honest(session, *arguments, **options)

    with monkeypatch.context() as patched:
        patched.setattr(AsyncSession, "execute", execute)
        with contextlib.suppress(KilledError):
            await aggregate_performance.run(context, NoArguments())
    return begun


async def test_killed_at_random_points_the_tables_are_the_same(
    context: RunContext, world: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scoring, "BATCH", 40)
    async with world.write() as session:
        await scoring_world.replay(session, scoring_world.SESSIONS[-15:-7], scoring_world.CODES[:3])
    statements = await run_until(context, monkeypatch, statement=-1)
    expected = await tables(world)
    assert min(len(rows) for rows in expected.values()) > 40
    chance = random.Random(5)
    for point in sorted(chance.sample(range(1, statements), POINTS)):
        for name in (*TABLES, *ALSO_MADE):
            await scoring_world.execute(world, f"DELETE FROM {name}")
        assert await run_until(context, monkeypatch, statement=point) == point
        await aggregate_performance.run(context, NoArguments())
        assert (point, await tables(world)) == (point, expected)
