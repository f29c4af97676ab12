"""Stories are matched with what the price did afterwards: entries one could have traded, market taken out."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from backend.db.session import Database
from backend.krx import TradingDay
from backend.pipelines.context import RunContext
from backend.pipelines.record import scoring
from tests.fixtures.news_rows import remember
from tests.pipelines import scoring_world

SetClock = Callable[[datetime], None]
DAYS = scoring_world.SESSIONS
CODE = scoring_world.CODES[1]
IMPACTS = "SELECT * FROM impacts ORDER BY story_id, stock_code, horizon"

STORY = """
    WITH n AS (
        INSERT INTO news (url_key, url, source, publisher, kind, title, published_at, published_precision,
                          first_seen_at, known_at, flags)
        VALUES (:key, :key, 'test', 'test', 'article', :key, :known, 'second', :known, :known, CAST(:flags AS text[]))
        RETURNING id
    ), linked AS (
        INSERT INTO news_stocks (news_id, stock_code, method, confidence, known_at)
        SELECT n.id, code, 'name', :confidence, :known FROM n, unnest(CAST(:codes AS text[])) AS code
    )
    INSERT INTO stories (head_news_id, first_known_at, size) SELECT id, :known, 1 FROM n
"""


async def add_story(
    world: Database, key: str, known: datetime, *, codes: Sequence[str] = (CODE,), **changes: Any
) -> None:
    bound = {"key": key, "known": known, "codes": list(codes), "flags": [], "confidence": 0.9} | changes
    async with world.write() as session:
        await session.execute(text(STORY), bound)
        await remember(session)


async def prices(world: Database, day: TradingDay) -> dict[str, Any]:
    query = "SELECT * FROM daily_bars WHERE stock_code = :code AND trade_date = :day"
    return (await scoring_world.fetch(world, query, code=CODE, day=day.trade_date))[0]


@pytest.mark.parametrize("hours", [-2, 1, 8], ids=["before the open", "inside the session", "after the close"])
async def test_entry_is_the_next_open_and_exit_the_close_h_sessions_after_the_base(
    context: RunContext, world: Database, hours: int
) -> None:
    day = DAYS[-20]
    await add_story(world, "story", day.opens_at + timedelta(hours=hours))
    await scoring.match_impacts(context)
    rows = await scoring_world.fetch(world, IMPACTS)
    base = -21 if hours < 0 else -20
    entry = await prices(world, DAYS[base + 1])
    assert [row["horizon"] for row in rows] == [1, 3, 5]
    for row in rows:
        leave = await prices(world, DAYS[base + row["horizon"]])
        assert (row["state"], row["entry_ts"]) == ("final", DAYS[base + 1].opens_at)
        assert (row["entry_price_krw"], row["exit_price_krw"]) == (entry["open_krw"], leave["regular_close_krw"])
        assert row["raw_return"] == pytest.approx(leave["regular_close_krw"] / entry["open_krw"] - 1)
        assert row["y"] == (1.0 if row["adjusted_return"] > 0 else 0.0)


async def test_market_adjustment_takes_the_shared_move_out(context: RunContext, world: Database) -> None:
    """A market that falls by 5 % after the news is not what the news did."""
    day, crash = DAYS[-10], DAYS[-9]
    await scoring_world.execute(
        world,
        "UPDATE daily_bars SET open_krw = 50000, regular_close_krw = 47500, high_krw = 50000, low_krw = 47500"
        " WHERE trade_date = :day",
        day=crash.trade_date,
    )
    await add_story(world, "story", day.closes_at + timedelta(hours=1), codes=scoring_world.CODES)
    await scoring.match_impacts(context)
    rows = await scoring_world.fetch(world, IMPACTS.replace("ORDER", "WHERE horizon = 1 ORDER"))
    beta = (await scoring.load_market_model(context, [CODE], day.closes_at)).at(CODE, day.trade_date)[0]
    assert {round(row["raw_return"], 9) for row in rows} == {-0.05}
    assert rows[1]["adjusted_return"] == pytest.approx(-0.05 + beta * 0.05)


async def test_pending_until_the_exit_is_over_then_final(
    context: RunContext, world: Database, set_clock: SetClock
) -> None:
    day = DAYS[-2]
    await add_story(world, "story", day.closes_at + timedelta(hours=1))
    await scoring.match_impacts(context)
    rows = await scoring_world.fetch(world, IMPACTS)
    assert [row["state"] for row in rows] == ["final", "pending", "pending"]
    assert rows[1]["exit_trade_date"] == scoring_world.CALENDAR.shift(day.trade_date, 3).trade_date
    assert rows[1]["entry_ts"] == DAYS[-1].opens_at
    assert (await scoring.match_impacts(context)).written == 0


async def test_twice_writes_nothing_and_small_batches_give_the_same(
    context: RunContext, world: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(12):
        await add_story(
            world, f"story {number}", DAYS[-15].opens_at + timedelta(hours=number), codes=scoring_world.CODES[:3]
        )
    assert (await scoring.match_impacts(context)).written == 12 * 3 * 3
    rows = await scoring_world.fetch(world, IMPACTS)
    assert {row["recorded_at"] for row in rows} == {scoring_world.NOW}
    assert (await scoring.match_impacts(context)).written == 0
    await scoring_world.execute(world, "DELETE FROM impacts")
    monkeypatch.setattr(scoring, "BATCH", 5)
    await scoring.match_impacts(context)
    assert await scoring_world.fetch(world, IMPACTS) == rows


@pytest.mark.parametrize(
    "changes",
    [
        {"flags": ["roundup"]},
        {"flags": ["reports_price"]},
        {"flags": ["stale"]},
        {"flags": ["undated"]},
        {"confidence": 0.4},
        {"codes": []},
    ],
)
async def test_stories_that_are_no_cause_are_left_out(
    context: RunContext, world: Database, changes: dict[str, Any]
) -> None:
    await add_story(world, "story", DAYS[-15].opens_at, **changes)
    assert (await scoring.match_impacts(context)).written == 0


async def test_minute_bars_give_the_entry_inside_a_session(context: RunContext, world: Database) -> None:
    day = DAYS[-6]
    known = day.opens_at + timedelta(hours=2, seconds=20)
    await add_story(world, "story", known)
    await scoring_world.execute(
        world, "CREATE TABLE minute_test PARTITION OF minute_bars FOR VALUES FROM ('2026-06-01') TO ('2026-08-01')"
    )
    for minute, price in ((1, 40_000), (2, 41_000)):
        await scoring_world.execute(
            world,
            "INSERT INTO minute_bars VALUES (:code, :ts, :price, :price, :price, :price, 1, 'test')",
            code=CODE, ts=day.opens_at + timedelta(hours=2, minutes=minute), price=price,
        )  # fmt: skip
    await scoring.match_impacts(context)
    first = (await scoring_world.fetch(world, IMPACTS))[0]
    assert first["entry_price_krw"] == 41_000  # the bar of minute 1 starts less than a minute after the news
    assert first["exit_trade_date"] == DAYS[-5].trade_date


async def test_a_restated_close_is_matched_again(context: RunContext, world: Database) -> None:
    await add_story(world, "story", DAYS[-4].closes_at)
    await scoring.match_impacts(context)
    await scoring_world.execute(
        world,
        "UPDATE daily_bars SET regular_close_krw = 60000, high_krw = 60000"
        " WHERE stock_code = :code AND trade_date = :day",
        code=CODE, day=DAYS[-3].trade_date,
    )  # fmt: skip
    assert (await scoring.match_impacts(context)).written == 1
    assert (await scoring_world.fetch(world, IMPACTS))[0]["exit_price_krw"] == 60_000
    assert (await scoring.match_impacts(context)).written == 0


async def test_a_story_before_all_prices_waits_for_them(context: RunContext, world: Database) -> None:
    await add_story(world, "story", datetime.fromisoformat("2025-06-10T08:00:00+09:00"))
    await scoring.match_impacts(context)
    rows = await scoring_world.fetch(world, IMPACTS)
    assert {row["state"] for row in rows} == {"pending"}
    assert rows[0]["exit_trade_date"] == date(2025, 6, 10)


async def test_another_head_is_measured_from_its_own_moment_and_the_old_value_is_kept(
    context: RunContext, world: Database, set_clock: SetClock
) -> None:
    """An article of the day before joins: the story was known earlier, and its effect begins there."""
    day = DAYS[-10]
    await add_story(world, "late", day.closes_at)
    await scoring.match_impacts(context)
    before = await scoring_world.fetch(world, IMPACTS)
    assert {row["known_at"] for row in before} == {DAYS[-10 + horizon].closes_at for horizon in (1, 3, 5)}
    await add_story(world, "early", DAYS[-11].closes_at)
    set_clock(scoring_world.NOW + timedelta(hours=1))
    await scoring_world.execute(world, "UPDATE news_versions SET story_id = 1")
    await scoring_world.execute(world, "UPDATE stories SET head_news_id = NULL, size = 0 WHERE id = 2")
    await scoring_world.execute(world, "UPDATE stories SET head_news_id = 2, first_known_at = :at WHERE id = 1",
                                at=DAYS[-11].closes_at)  # fmt: skip
    assert (await scoring.match_impacts(context)).written == 3
    assert (await scoring.match_impacts(context)).written == 0
    after = await scoring_world.fetch(world, IMPACTS)
    assert [(row["news_id"], row["exit_trade_date"]) for row in after] == [
        (2, DAYS[-11 + horizon].trade_date) for horizon in (1, 3, 5)
    ]
    as_of = "SELECT * FROM impacts_as_of(:at, :at) ORDER BY story_id, stock_code, horizon"
    assert await scoring_world.fetch(world, as_of, at=scoring_world.NOW) == before
