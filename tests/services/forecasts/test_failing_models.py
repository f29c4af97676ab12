"""One model that raises is set aside and told; the others are trained, predict and are replayed as before."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy import text

from backend import clock
from backend.config import Settings
from backend.db.session import Database
from backend.domain.forecasts import Mode
from backend.domain.members import BUILT_IN
from backend.errors import InvalidInputError
from backend.internal import NoArguments
from backend.pipelines.context import RunContext
from backend.pipelines.forecasts import backfill_model, generate_predictions, train_models
from backend.pipelines.forecasts.replay import Replay, run_replay
from backend.pipelines.record import backtest
from backend.services.forecasts import models
from backend.services.forecasts.failing_models import list_failing_models
from tests.services.forecasts.forecasting_world import (
    CALENDAR,
    add_bars,
    add_stocks,
    add_stories,
    make_context,
    make_stories,
)

LIVE = generate_predictions.Arguments()
CODES = ["000001", "000002"]
GRID = len(CODES) * 3 * len(BUILT_IN)  # by the three horizons
# As an earlier version took them, or a person wrote them into the table.
WRONG_SETTINGS: dict[str, tuple[str, Any]] = {
    "text": ("knn", {"k": "abc"}),
    "fraction": ("knn", {"k": 1.5}),
    "null": ("knn", {"k": None}),
    "unknown": ("knn", {"kk": 5}),
    "price": ("price", {"c": "x"}),
    "gated": ("gated", {"weights": 1}),
}
BROKEN_VERSIONS: dict[str, str] = {
    "text": """jsonb_set(parameters, '{horizons,1,k}', '"abc"')""",
    "no horizon": "parameters #- '{horizons,3}'",
    "no base rate": "parameters #- '{horizons,5,p0}'",
    "another kind": """jsonb_set(parameters, '{kind}', '"oracle"')""",
    "no parameters": "'{}'::jsonb",
    "not a number": """jsonb_set(parameters, '{horizons,1,p0}', '"NaN"')""",
}


@pytest.fixture
async def context(database: Database, settings: Settings) -> RunContext:
    last = CALENDAR.last_closed(clock.now()).trade_date
    async with database.write() as session:
        codes = await add_stocks(session, len(CODES))
        dates = await add_bars(session, codes, last, 180)
        await add_stories(session, make_stories(codes, dates, 350))
    return await make_context(database, settings, "generate_predictions")


async def rows(context: RunContext, query: str) -> list[tuple[Any, ...]]:
    async with context.read() as session:
        return [tuple(row) for row in await session.execute(text(query))]


async def add_poison(context: RunContext, kind: str = "knn", settings: Mapping[str, Any] | None = None) -> None:
    """An active model of that kind, put past all checks."""
    async with context.write() as session:
        await session.execute(
            text("INSERT INTO models (name, kind, parameters) VALUES ('poison', :kind, CAST(:settings AS jsonb))"),
            {"kind": kind, "settings": json.dumps(settings or {})},
        )


async def told(context: RunContext) -> list[str]:
    return [
        name for (name,) in await rows(context, "SELECT data ->> 'set_aside' FROM run_events WHERE level = 'error'")
    ]


async def succeed(context: RunContext) -> None:
    """End the run as the runner does, so that health looks at it."""
    async with context.tools.database.write() as session:
        await session.execute(text("UPDATE runs SET state = 'succeeded', finished_at = now()"))


@pytest.mark.parametrize("case", WRONG_SETTINGS)
async def test_a_model_that_cannot_be_trained_is_set_aside(context: RunContext, case: str) -> None:
    await add_poison(context, *WRONG_SETTINGS[case])
    counts = await train_models.run(context, NoArguments())
    assert (counts.written, counts.failed, counts.detail["set_aside"]) == (len(BUILT_IN), 1, 1)
    assert await told(context) == ["poison"]
    live = await generate_predictions.run(context, LIVE)
    assert (live.written, live.failed) == (GRID, 0)  # it has no version, so nobody asks it


@pytest.mark.parametrize("case", BROKEN_VERSIONS)
async def test_a_model_that_raises_is_set_aside_and_the_others_predict(context: RunContext, case: str) -> None:
    await add_poison(context)
    await train_models.run(context, NoArguments())
    poison = "(SELECT id FROM models WHERE name = 'poison')"
    change = f"UPDATE model_versions SET parameters = {BROKEN_VERSIONS[case]} WHERE model_id = {poison}"
    async with context.write() as session:
        await session.execute(text(change))
    counts = await generate_predictions.run(context, LIVE)
    assert (counts.written, counts.failed, counts.detail["set_aside"]) == (GRID, 1, 1)
    assert await told(context) == ["poison"]
    said = await rows(
        context,
        "SELECT DISTINCT m.name FROM predictions p JOIN model_versions v ON v.id = p.model_version_id"
        " JOIN models m ON m.id = v.model_id",
    )
    assert {name for (name,) in said} == set(BUILT_IN)


async def test_a_replay_goes_on_without_it(context: RunContext) -> None:
    await add_poison(context, "knn", {"k": "abc"})
    counts = await run_replay(context, 5, Replay(CODES, Mode.BACKTEST))
    assert (counts.detail["predictions"], counts.failed) == (5 * GRID, 1)
    assert await told(context) == ["poison"]
    again = await backtest.run(context, backtest.Arguments(sessions=5))
    assert again.failed == 1


async def test_a_backfill_of_another_model_goes_on_without_it(context: RunContext) -> None:
    await add_poison(context, "price", {"c": "x"})
    async with context.write() as session:
        await models.add_model(session, name="wide", kind="knn", parameters={"k": 200})
    counts = await backfill_model.run(context, backfill_model.Arguments(model="wide", sessions=2))
    assert (counts.detail["predictions"], counts.failed) == (2 * len(CODES) * 3, 1)


async def is_active(context: RunContext, name: str) -> bool:
    return bool((await rows(context, f"SELECT is_active FROM models WHERE name = '{name}'"))[0][0])


async def test_a_new_model_is_active_once_its_backfill_succeeded(context: RunContext) -> None:
    async with context.write() as session:
        await models.add_model(session, name="wide", kind="knn", parameters={"k": 200})
    assert not await is_active(context, "wide")
    trained = await train_models.run(context, NoArguments())
    live = await generate_predictions.run(context, LIVE)
    assert (trained.written, live.written) == (len(BUILT_IN), GRID)
    await backfill_model.run(context, backfill_model.Arguments(model="wide", sessions=2))
    assert await is_active(context, "wide")
    assert (await train_models.run(context, NoArguments())).written == 1


async def test_a_model_whose_backfill_fails_stays_inactive_and_says_why(context: RunContext) -> None:
    await add_poison(context, "knn", {"k": "abc"})
    async with context.write() as session:
        await session.execute(text("UPDATE models SET is_active = false WHERE name = 'poison'"))
    with pytest.raises(InvalidInputError, match=r"The model poison fails \(.*parameters\.k.*\); add one with"):
        await backfill_model.run(context, backfill_model.Arguments(model="poison", sessions=2))
    assert not await is_active(context, "poison")
    await train_models.run(context, NoArguments())
    live = await generate_predictions.run(context, LIVE)
    assert (live.written, live.failed) == (GRID, 0)


async def test_health_names_it_until_it_is_retired(context: RunContext) -> None:
    await add_poison(context, "knn", {"k": "abc"})
    async with context.write() as session:
        await session.execute(text("UPDATE runs SET kind = 'train_models'"))
    await train_models.run(context, NoArguments())
    await succeed(context)
    async with context.read() as session:
        (failing,) = await list_failing_models(session)
    assert (failing.name, failing.kind) == ("poison", "train_models")
    assert "DELETE /api/models/poison" in failing.reason
    async with context.tools.database.write() as session:
        await models.retire_model(session, "poison")
    async with context.read() as session:
        assert await list_failing_models(session) == []
