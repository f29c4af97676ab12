"""The market model is computed once, again where a bar changed, and reads as it was at any moment."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from backend.db.session import Database
from backend.domain.knowledge import Knowledge
from backend.domain.stock_days import StockDay
from backend.pipelines.context import RunContext
from backend.pipelines.market import market_model
from backend.services.market import stock_days
from tests.pipelines import scoring_world

SetClock = Callable[[datetime], None]
CODE, OTHER = scoring_world.CODES[:2]
DAYS = scoring_world.SESSIONS
NOW = scoring_world.NOW
LATER = NOW + timedelta(hours=1)


async def read(world: Database, knowledge: Knowledge, position: int) -> dict[str, StockDay]:
    """The stock days of all stocks at the session `position`."""
    async with world.read() as session:
        found = await stock_days.list_stock_days(session, knowledge, [DAYS[position].trade_date])
    return {code: row for (code, _), row in found.items()}


async def count(world: Database, table: str) -> int:
    ((row),) = await scoring_world.fetch(world, f"SELECT count(*) AS n FROM {table}")
    return int(row["n"])


async def restate(world: Database, position: int, **values: Any) -> None:
    columns = ", ".join(f"{name} = :{name}" for name in values)
    statement = f"UPDATE daily_bars SET {columns} WHERE stock_code = :code AND trade_date = :day"
    await scoring_world.execute(world, statement, code=CODE, day=DAYS[position].trade_date, **values)


async def test_one_row_a_stock_and_session_and_nothing_the_second_time(context: RunContext, world: Database) -> None:
    await market_model.update(context)
    assert await count(world, "stock_days") == len(scoring_world.CODES) * len(DAYS)
    assert await count(world, "market_days") == 2 * len(DAYS)
    await scoring_world.execute(world, "DELETE FROM market_model_state")  # as if nothing had been computed yet
    await market_model.update(context)
    assert await count(world, "stock_days_replaced") == await count(world, "market_days_replaced") == 0


async def test_a_row_is_known_at_its_close_and_not_before(context: RunContext, world: Database) -> None:
    await market_model.update(context)
    close = DAYS[-3].closes_at
    assert await read(world, Knowledge(close - timedelta(seconds=1), NOW), -3) == {}
    assert set(await read(world, Knowledge(close, NOW), -3)) == set(scoring_world.CODES)
    assert await read(world, Knowledge(close, NOW - timedelta(seconds=1)), -3) == {}  # nobody had it yet


@pytest.mark.parametrize("values", [{"regular_close_krw": 77_777, "high_krw": 99_999}, {"adjust_factor": 0.5}])
async def test_a_restated_bar_changes_the_rows_from_its_session_on_and_keeps_the_old(
    context: RunContext, world: Database, set_clock: SetClock, values: dict[str, float]
) -> None:
    await market_model.update(context)
    before = {n: await read(world, Knowledge.live(NOW), n) for n in (-6, -5, -1)}
    set_clock(LATER)
    await restate(world, -5, **values)
    await market_model.update(context)
    after = {n: await read(world, Knowledge.live(LATER), n) for n in before}
    assert after[-6] == before[-6]
    for n in (-5, -1):
        assert after[n][CODE] != before[n][CODE]
    for n, rows in before.items():
        assert await read(world, Knowledge.live(NOW), n) == rows
        assert await read(world, Knowledge(DAYS[n].closes_at, NOW), n) == rows


async def test_bars_that_come_one_session_at_a_time_give_what_all_give_at_once(
    context: RunContext, world: Database, set_clock: SetClock
) -> None:
    """And what was read at a close is what a database that stops there has."""
    cut = DAYS[-4]
    bars = "SELECT * FROM daily_bars WHERE trade_date > :day"
    await scoring_world.execute(world, f"CREATE TABLE later AS {bars}", day=cut.trade_date)
    await scoring_world.execute(world, "DELETE FROM daily_bars WHERE trade_date > :day", day=cut.trade_date)
    set_clock(cut.closes_at)
    await market_model.update(context)
    alone = await read(world, Knowledge.live(cut.closes_at), -4)
    for day in DAYS[-3:]:
        set_clock(day.closes_at)
        found = "INSERT INTO daily_bars SELECT * FROM later WHERE trade_date = :day"
        await scoring_world.execute(world, found, day=day.trade_date)
        await market_model.update(context)
    set_clock(NOW)
    one_by_one = [await read(world, Knowledge.live(NOW), n) for n in range(-6, 0)]
    assert one_by_one[2] == alone
    assert await count(world, "stock_days_replaced") == 0
    await scoring_world.execute(world, "TRUNCATE stock_days, market_days, market_model_state")
    await market_model.update(context)
    assert [await read(world, Knowledge.live(NOW), n) for n in range(-6, 0)] == one_by_one


async def test_an_older_set_of_features_is_computed_again(context: RunContext, world: Database) -> None:
    await market_model.update(context)
    await scoring_world.execute(world, "UPDATE market_model_state SET feature_set = 0, read_by = '2099-01-01Z'")
    await scoring_world.execute(world, "UPDATE stock_days SET feature_set = 0, recorded_at = recorded_at + '1 s'")
    assert await read(world, Knowledge.live(LATER), -1) == {}
    await market_model.update(context)
    assert set(await read(world, Knowledge.live(NOW), -1)) == set(scoring_world.CODES)


async def test_the_audit_computes_a_row_again_from_bars_up_to_its_session(context: RunContext, world: Database) -> None:
    await market_model.update(context)
    knowledge = Knowledge.live(NOW)
    stored = (await read(world, knowledge, -7))[OTHER]
    assert await market_model.recompute(context, OTHER, DAYS[-7].trade_date, knowledge) == stored
