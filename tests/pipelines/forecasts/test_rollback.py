"""A model that was put back predicts by its earlier version, with the members of that night, and is audited so."""

from collections import Counter

import pytest
from sqlalchemy import text

from backend import clock
from backend.config import Settings
from backend.db.session import Database
from backend.errors import NotFoundError
from backend.pipelines.context import NoArguments, RunContext
from backend.pipelines.forecasts import generate_predictions, train_models
from backend.pipelines.record import audit_predictions, backtest
from backend.services.forecasts import models
from tests.services.forecasts.forecasting_world import CALENDAR, add_bars, add_stocks, make_context

LIVE = generate_predictions.Arguments()
NEWEST = "(SELECT max(trained_to) FROM model_versions)"


@pytest.fixture
async def context(database: Database, settings: Settings) -> RunContext:
    """Three stocks with 180 sessions of bars, replayed for a few sessions and trained as of the last close."""
    async with database.write() as session:
        codes = await add_stocks(session, 3)
        await add_bars(session, codes, CALENDAR.last_closed(clock.now()).trade_date, 180)
    context = await make_context(database, settings)
    await backtest.run(context, backtest.Arguments(sessions=30))
    await train_models.run(context, NoArguments())
    return context


async def list_live(context: RunContext) -> Counter[tuple[str, bool]]:
    """By model, and whether its newest version said it: live forecasts."""
    query = f"""SELECT m.name, v.trained_to = {NEWEST} FROM predictions p
        JOIN model_versions v ON v.id = p.model_version_id JOIN models m ON m.id = v.model_id
        WHERE p.mode = 'live' AND m.name IN ('gated', 'price')"""
    async with context.read() as session:
        return Counter((row[0], row[1]) for row in await session.execute(text(query)))


async def test_what_was_put_back_predicts_by_its_earlier_version_until_it_is_let_go(context: RunContext) -> None:
    async with context.write() as session:
        await models.put_back(session, "gated", None)
    await generate_predictions.run(context, LIVE)
    assert await list_live(context) == {("gated", False): 9, ("price", True): 9}
    async with context.read() as session:
        ids = list(await session.scalars(text("SELECT id FROM predictions WHERE mode = 'live'")))
    counts = await audit_predictions.run(context, audit_predictions.Arguments(prediction_ids=ids))
    assert counts.detail == {"reproduced": len(ids), "differ": 0}
    async with context.write() as session:
        await models.let_go(session, "gated")
    await generate_predictions.run(context, LIVE)
    assert (await list_live(context))["gated", True] == 9


async def test_it_goes_back_one_version_at_a_time_and_not_beyond_the_first(context: RunContext) -> None:
    async with context.read() as session:
        versions = [row.version for row in (await models.get_model(session, "price")).versions]
    held = []
    for _ in versions[1:]:
        async with context.write() as session:
            await models.put_back(session, "price", None)
            held.append((await models.get_model(session, "price")).model.held_version)
    assert held == versions[1:]
    async with context.write() as session:
        with pytest.raises(NotFoundError, match="no such earlier version"):
            await models.put_back(session, "price", None)
        with pytest.raises(NotFoundError, match="no such earlier version"):
            await models.put_back(session, "price", "another")
