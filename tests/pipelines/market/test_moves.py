"""Why each stock moved, from bars, minutes, quotes and stories as they are stored."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from backend.db.session import Database
from backend.domain.understanding.event_studies import ALL_STOCKS, ANY, Study
from backend.krx import TradingDay
from backend.pipelines.context import RunContext
from backend.pipelines.market import market_model, moves
from backend.services.market import bars
from backend.services.record import event_studies
from tests.fixtures.news_rows import remember
from tests.pipelines.scoring_world import CALENDAR, CODES, NOW, SESSIONS, execute, fetch

SetClock = Callable[[datetime], None]
DAY, BEFORE = SESSIONS[-1], SESSIONS[-2]
CODE = CODES[1]  # on KOSPI
STORY = """
    WITH n AS (
        INSERT INTO news (url_key, url, source, publisher, kind, title, published_at, published_precision,
                          first_seen_at, known_at, flags)
        VALUES (:key, :key, 'test', 'test', 'article', :key, :known, 'second', :known, :known, CAST(:flags AS text[]))
        RETURNING id
    ), linked AS (
        INSERT INTO news_stocks (news_id, stock_code, method, confidence, known_at)
        SELECT n.id, :code, 'name', 0.9, :known FROM n
    )
    INSERT INTO stories (head_news_id, first_known_at, size, event_type, scope, sign, materiality)
    SELECT id, :known, 1, :event_type, 'company', :sign, 2 FROM n RETURNING id
"""


async def add_story(world: Database, known: datetime, **changes: Any) -> int:
    bound = {"code": CODE, "known": known, "event_type": "contract", "sign": "+", "flags": []} | changes
    async with world.write() as session:
        story_id: int = (await session.execute(text(STORY), {"key": f"{bound}", **bound})).scalar_one()
        await remember(session)
    return story_id


async def move_by(world: Database, share: float, *, code: str = CODE, day: TradingDay = DAY) -> None:
    """Set the close of a session so far from the close before."""
    before = CALENDAR.shift(day.trade_date, -1).trade_date
    await execute(
        world,
        """
        UPDATE daily_bars b SET recorded_at = now(),
               regular_close_krw = p.regular_close_krw * (1 + CAST(:share AS double precision))
          FROM daily_bars p WHERE p.stock_code = b.stock_code AND p.trade_date = :before AND b.trade_date = :day
           AND b.stock_code = :code
        """,
        share=share, code=code, day=day.trade_date, before=before,
    )  # fmt: skip


async def explain(context: RunContext) -> int:
    await market_model.update(context)
    return await moves.explain_closed(context)


async def moved(world: Database, code: str = CODE, day: TradingDay = DAY) -> dict[str, Any]:
    query = "SELECT * FROM moves WHERE stock_code = :code AND trade_date = :day"
    (row,) = await fetch(world, query, code=code, day=day.trade_date)
    return row


async def model_of(world: Database, code: str = CODE) -> tuple[float, float, float]:
    """(beta and sigma of the close before, the market's return of the day)."""
    query = """
        SELECT d.beta, d.sigma, m.market_return FROM stock_days d JOIN stocks s ON s.code = d.stock_code
        JOIN market_days m ON m.market = s.market AND m.trade_date = :day
        WHERE d.stock_code = :code AND d.trade_date = :before
    """
    (row,) = await fetch(world, query, code=code, day=DAY.trade_date, before=BEFORE.trade_date)
    return row["beta"], row["sigma"], row["market_return"]


async def test_a_close_writes_the_parts_of_each_move_once(context: RunContext, world: Database) -> None:
    await move_by(world, 0.06)
    written = await explain(context)
    row, (beta, sigma, market) = await moved(world), await model_of(world)
    assert row["move"] == pytest.approx(0.06)
    assert row["market_return"] == pytest.approx(market)
    assert row["market_part"] == pytest.approx(beta * market)
    assert row["own_part"] == pytest.approx(0.06 - beta * market)
    assert row["own_sigmas"] == pytest.approx((0.06 - beta * market) / sigma)
    assert (row["industry_part"], row["industry_stocks"], row["is_final"]) == (None, 0, True)
    assert row["known_at"] == DAY.closes_at
    # A sigma of 20 sessions or fewer is not the stock's own: with the close before, 21 sessions have no move.
    assert written == len(CODES) * (len(SESSIONS) - 21)
    assert await moves.explain_closed(context) == 0


async def test_the_industry_is_that_of_the_reference_table(context: RunContext, world: Database) -> None:
    peers = [CODES[1], CODES[2], CODES[4], CODES[5]]
    for code in peers:
        await execute(
            world,
            "INSERT INTO listings (code, name, market, industry) VALUES (:code, :code, 'KOSPI', '0027/0013/0000')",
            code=code,
        )
    await explain(context)
    rows = [await moved(world, code) for code in peers]
    rests = [row["move"] - row["market_part"] for row in rows]
    for row, own in zip(rows, rests, strict=True):
        median = sorted(rest for rest in rests if rest is not own)[1]
        assert row["industry_part"] == pytest.approx(median / 3)
        assert row["industry_stocks"] == 3
        assert row["own_part"] == pytest.approx(own - median / 3)
    assert (await moved(world, CODES[7]))["industry_part"] is None


async def test_the_stories_that_fit_are_kept_best_first(context: RunContext, world: Database) -> None:
    await move_by(world, 0.0, day=BEFORE)
    await move_by(world, 0.08)
    evening = BEFORE.closes_at + timedelta(hours=2)
    await add_story(world, BEFORE.opens_at - timedelta(minutes=1))
    during = await add_story(world, BEFORE.opens_at + timedelta(hours=1))
    overnight = await add_story(world, evening)
    neutral = await add_story(world, evening, sign="0")
    await add_story(world, evening, sign="-")
    await add_story(world, evening, event_type="price_move", sign="0")
    await add_story(world, evening, flags=["roundup"])
    await add_story(world, evening, code=CODES[2])
    await add_story(world, DAY.closes_at + timedelta(seconds=1))
    await explain(context)
    assert (await moved(world))["story_ids"] == [overnight, during, neutral]


async def test_no_story_and_no_look_for_one_are_told_apart(context: RunContext, world: Database) -> None:
    await move_by(world, 0.08)
    await explain(context)
    assert (await moved(world))["story_ids"] is None  # azak has no news of that time
    await add_story(world, SESSIONS[-30].opens_at, code=CODES[2])
    await explain(context)
    assert (await moved(world))["story_ids"] == []
    rows = await fetch(world, "SELECT * FROM moves WHERE trade_date >= :day", day=SESSIONS[-15].trade_date)
    assert {abs(row["own_sigmas"]) < 1 for row in rows if row["story_ids"] is None} == {True}
    assert {abs(row["own_sigmas"]) < 1 for row in rows if row["story_ids"] is not None} == {False}


@pytest.mark.parametrize(
    ("verdicts", "is_named"),
    [({1: "none", 3: "none"}, False), ({1: "too_few", 3: "none"}, True), ({1: "none", 3: "effect"}, True), ({}, True)],
)
async def test_a_kind_whose_study_shows_no_effect_is_left_out(
    context: RunContext, world: Database, verdicts: dict[int, str], *, is_named: bool
) -> None:
    studies = [
        Study("contract", "+", ANY, ALL_STOCKS, horizon, 900, 300, 0.0, -0.001, 0.001, 0.0, None, verdict)
        for horizon, verdict in verdicts.items()
    ]
    async with world.write() as session:
        await event_studies.record_snapshot(session, NOW, studies)
    await move_by(world, 0.08)
    await add_story(world, SESSIONS[-30].opens_at)
    story = await add_story(world, BEFORE.closes_at + timedelta(hours=2))
    await explain(context)
    assert (await moved(world))["story_ids"] == ([story] if is_named else [])


def minutes(code: str, day: TradingDay, prices: Sequence[int], first: datetime) -> list[dict[str, Any]]:
    """Minute bars that end one minute apart, the first one at `first`."""
    return [
        {"code": code, "ts": first + timedelta(minutes=number - 1), "price": price}
        for number, price in enumerate(prices)
    ]


async def add_minutes(world: Database, rows: Sequence[dict[str, Any]]) -> None:
    async with world.write() as session:
        await bars.ensure_partitions(session, {(DAY.opens_at.year, DAY.opens_at.month)})
        await session.execute(
            text("""
                INSERT INTO minute_bars (stock_code, ts, open_krw, high_krw, low_krw, close_krw, volume, source)
                VALUES (:code, :ts, :price, :price, :price, :price, 1, 'test')
            """),
            list(rows),
        )


async def test_news_after_most_of_the_move_explains_nothing(context: RunContext, world: Database) -> None:
    """The stock leaps in the minute that ends at ten; the others stand where they closed the day before."""
    ten = DAY.opens_at + timedelta(hours=1)
    query = "SELECT stock_code, regular_close_krw AS krw FROM daily_bars WHERE trade_date = :day"
    closes = {row["stock_code"]: row["krw"] for row in await fetch(world, query, day=BEFORE.trade_date)}
    await move_by(world, 0.10)
    for code in CODES:
        leap = 1.10 if code == CODE else 1.0
        prices = [round(closes[code]), round(closes[code] * leap)]
        await add_minutes(world, minutes(code, DAY, prices, ten - timedelta(minutes=1)))
        if code != CODE:
            await move_by(world, 0.0, code=code)
    await add_story(world, SESSIONS[-30].opens_at, code=CODES[2])
    await add_story(world, ten)
    in_time = await add_story(world, ten - timedelta(seconds=1))
    await explain(context)
    assert (await moved(world))["story_ids"] == [in_time]


async def test_a_restated_bar_replaces_its_move_and_the_old_one_is_kept(context: RunContext, world: Database) -> None:
    await move_by(world, 0.06)
    await explain(context)
    await move_by(world, 0.01)
    assert await explain(context) > 0
    assert (await moved(world))["move"] == pytest.approx(0.01)
    query = "SELECT move FROM moves_replaced WHERE stock_code = :code AND trade_date = :day"
    (kept,) = await fetch(world, query, code=CODE, day=DAY.trade_date)
    assert kept["move"] == pytest.approx(0.06)


async def test_news_that_is_loaded_or_read_again_later_is_looked_at(context: RunContext, world: Database) -> None:
    """Of a session that is long over; its article was known then, and its reading came after the move was written."""
    day, before = SESSIONS[-60], SESSIONS[-61]
    await move_by(world, 0.08, day=day)
    await add_story(world, SESSIONS[-80].opens_at, code=CODES[2])
    await explain(context)
    assert (await moved(world, day=day))["story_ids"] == []
    story = await add_story(world, before.closes_at + timedelta(hours=1))
    assert await moves.explain_closed(context) == 0  # known to azak before, so it was looked at
    await execute(
        world, "UPDATE news_versions SET recorded_at = CAST(:now AS timestamptz) + interval '1 hour'", now=NOW
    )
    assert await moves.explain_closed(context) >= 1
    assert (await moved(world, day=day))["story_ids"] == [story]


@pytest.mark.parametrize("flag", ["no_trade", "unknown_action", "flat_copy"])
async def test_a_bar_that_lies_has_no_move(context: RunContext, world: Database, flag: str) -> None:
    await execute(
        world,
        "UPDATE daily_bars SET flags = ARRAY[:flag] WHERE stock_code = :code AND trade_date = :day",
        flag=flag, code=CODE, day=DAY.trade_date,
    )  # fmt: skip
    await explain(context)
    query = "SELECT 1 FROM moves WHERE stock_code = :code AND trade_date = :day"
    assert await fetch(world, query, code=CODE, day=DAY.trade_date) == []
    assert await moved(world, CODES[2])


async def test_a_split_is_no_move(context: RunContext, world: Database) -> None:
    await execute(
        world,
        "UPDATE daily_bars SET adjust_factor = 0.2 WHERE stock_code = :code AND trade_date < :day",
        code=CODE, day=DAY.trade_date,
    )  # fmt: skip
    await move_by(world, -0.79)
    await explain(context)
    assert (await moved(world))["move"] == pytest.approx(0.05)


QUOTES = """
    INSERT INTO quotes (stock_code, last_price_krw, previous_close_krw, volume, ts, source)
    SELECT s.code, CASE s.code WHEN :code THEN 10800 ELSE 10100 END, 10000, 1, CAST(:ts AS timestamptz), 'test'
      FROM stocks s
"""


async def test_a_session_is_explained_as_it_runs_and_for_good_after_its_close(
    context: RunContext, world: Database, set_clock: SetClock
) -> None:
    await execute(world, "DELETE FROM daily_bars WHERE trade_date = :day", day=DAY.trade_date)
    eleven = DAY.opens_at + timedelta(hours=2)
    set_clock(eleven)
    await explain(context)
    await add_story(world, SESSIONS[-30].opens_at, code=CODES[2])
    story = await add_story(world, BEFORE.closes_at + timedelta(hours=1))
    await add_story(world, eleven + timedelta(minutes=1))
    await execute(world, QUOTES, code=CODE, ts=eleven - timedelta(minutes=2))
    assert await moves.explain_running(context, DAY) == len(CODES)
    row = await moved(world)
    query = "SELECT beta FROM stock_days WHERE stock_code = :code AND trade_date = :day"
    (model,) = await fetch(world, query, code=CODE, day=BEFORE.trade_date)
    mean = (0.08 + 0.01 * (len(CODES) - 1)) / len(CODES)
    assert row["market_return"] == pytest.approx(mean)
    assert row["own_part"] == pytest.approx(0.08 - model["beta"] * mean)
    assert (row["is_final"], row["known_at"], row["story_ids"]) == (False, eleven, [story])
    await execute(world, "UPDATE quotes SET last_price_krw = 10000, ts = :ts", ts=eleven)
    assert await moves.explain_running(context, DAY) == len(CODES)
    assert await fetch(world, "SELECT 1 FROM moves_replaced") == []
    await execute(world, "UPDATE moves SET is_final = true")
    assert await moves.explain_running(context, DAY) == 0


async def test_a_trade_of_the_day_before_is_no_move_of_today(
    context: RunContext, world: Database, set_clock: SetClock
) -> None:
    set_clock(DAY.opens_at + timedelta(minutes=1))
    await explain(context)
    await execute(world, QUOTES, code=CODE, ts=BEFORE.closes_at)
    assert await moves.explain_running(context, DAY) == 0
    await execute(world, "UPDATE quotes SET ts = :ts", ts=DAY.opens_at)
    await execute(world, "DELETE FROM quotes WHERE stock_code = ANY (:codes)", codes=CODES[2:5])
    assert await moves.explain_running(context, DAY) == 0  # nine stocks are no market
