"""Prices as of a moment: whatever comes later, in whatever order, changes nothing that was read before."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from backend.db.recording import take_recording_moment
from backend.db.session import Database
from backend.domain.knowledge import Knowledge
from backend.domain.market import DailyBar
from backend.pipelines.context import RunContext
from backend.pipelines.market import bar_checks, market_model
from backend.services.market import bars, corporate_actions, stock_days
from backend.services.market.corporate_actions import ActionRow
from tests.pipelines import scoring_world

SetClock = Callable[[datetime], None]
CODES = scoring_world.CODES[:3]
DAYS = scoring_world.SESSIONS[-5:]
_USABLE = text("""
    SELECT b.* FROM usable_bars(:known_by, :recorded_by, :first, 'infinity') b ORDER BY b.stock_code, b.trade_date
""")


async def _everything(world: Database, knowledge: Knowledge) -> Any:
    """What a forecast reads of prices: usable bars, the market model's rows, the returns of the markets."""
    async with world.read() as session:
        bound = {**knowledge.bound(), "first": DAYS[0].trade_date}
        usable = [tuple(row) for row in await session.execute(_USABLE, bound)]
        days = await stock_days.list_stock_days(session, knowledge, [day.trade_date for day in DAYS])
        markets = await stock_days.list_market_returns(session, knowledge, since=DAYS[0].trade_date)
    return usable, days, markets


async def _restate(context: RunContext, rng: random.Random) -> None:
    """A bar again: the same one, another close, an evening price, a copy of the day before."""
    day, code = rng.choice(DAYS), rng.choice(CODES)
    close = rng.choice([69_000, 70_000, 35_000, 140_000])
    volume = rng.choice([0, 1_000, 1_100])
    source, base = rng.choice(["kis", "naver_chart"]), rng.choice([None, close, close // 2])
    bar = DailyBar(code, day.trade_date, close, close + 100, close - 100, close, volume, source, base_price_krw=base)
    async with context.write() as session:
        recorded_at = await take_recording_moment(session)
        await bars.upsert_daily_bars(
            session,
            [bar],
            closes={day.trade_date: day.closes_at},
            final_through=rng.choice(DAYS).trade_date,
            recorded_at=recorded_at,
            hindsight=rng.random() < 0.3,
        )


async def _announce(context: RunContext, rng: random.Random) -> None:
    async with context.write() as session:
        recorded_at = await take_recording_moment(session)
        action = ActionRow(rng.choice(CODES), rng.choice(DAYS).trade_date, rng.choice(["kis_ksd", "dart"]),
                           rng.choice([None, 0.5, 0.2]), recorded_at, withdrawn=rng.random() < 0.3)  # fmt: skip
        await corporate_actions.upsert_actions(session, [action], recorded_at=recorded_at)


async def _check(context: RunContext, rng: random.Random) -> None:
    await bar_checks.check_bars(context, CODES, rng.choice(DAYS).trade_date)


async def _compute(context: RunContext, _rng: random.Random) -> None:
    await market_model.update(context)


@pytest.mark.parametrize("seed", range(4))
async def test_any_order_of_arrival_leaves_what_was_read_live_of_prices_as_it_was(
    context: RunContext, world: Database, set_clock: SetClock, seed: int
) -> None:
    """After every step a live read, which sees a database that stops there; in the end all of them once more."""
    rng = random.Random(seed)
    now = scoring_world.NOW
    steps = [_restate, _restate, _announce, _check, _compute]
    order = rng.choices(steps, k=10) + steps
    seen = {}
    for step in order:
        now += timedelta(seconds=rng.choice([1, 600]))
        set_clock(now)
        await step(context, rng)
        now += timedelta(seconds=1)
        seen[now] = await _everything(world, Knowledge.live(now))
    assert len({str(read) for read in seen.values()}) > 3
    for moment, before in seen.items():
        assert await _everything(world, Knowledge.live(moment)) == before
