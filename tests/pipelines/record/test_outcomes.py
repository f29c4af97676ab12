"""Predictions are scored once, when their exit is over, against the prices that one could have traded."""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from backend.db.session import Database
from backend.domain.record import ENGINE_VERSION
from backend.pipelines.context import RunContext
from backend.pipelines.record import scoring
from backend.services.record import outcomes
from tests.pipelines import scoring_world

SetClock = Callable[[datetime], None]
DAYS = scoring_world.SESSIONS
OUTCOMES = (
    "SELECT o.*, p.horizon, p.stock_code FROM outcomes o JOIN predictions p ON p.id = o.prediction_id ORDER BY p.id"
)


async def predict(world: Database, *rows: dict[str, Any]) -> None:
    async with world.write() as session:
        await scoring_world.add_predictions(session, rows)


async def version(world: Database) -> int:
    async with world.write() as session:
        return (await scoring_world.build_models(session))["price"]


async def set_bar(world: Database, code: str, day: date, **values: Any) -> None:
    columns = ", ".join(f"{name} = :{name}" for name in values)
    statement = f"UPDATE daily_bars SET {columns} WHERE stock_code = :code AND trade_date = :day"
    await scoring_world.execute(world, statement, code=code, day=day, **values)


async def test_an_outcome_by_hand(context: RunContext, world: Database) -> None:
    code, base = scoring_world.CODES[1], DAYS[-10]
    await predict(world, scoring_world.prediction(await version(world), code, base, horizon=3))
    counts = await scoring.evaluate(context)
    (row,) = await scoring_world.fetch(world, OUTCOMES)
    prices = {
        bar["trade_date"]: bar
        for bar in await scoring_world.fetch(world, "SELECT * FROM daily_bars WHERE stock_code = :code", code=code)
    }
    entry, leave = prices[DAYS[-9].trade_date], prices[DAYS[-7].trade_date]
    raw = leave["regular_close_krw"] / entry["open_krw"] - 1
    legs = await scoring_world.fetch(
        world,
        "SELECT avg(regular_close_krw::float8 / open_krw) AS leg FROM daily_bars WHERE trade_date = :day",
        day=DAYS[-9].trade_date,
    )
    index = await scoring_world.fetch(
        world, "SELECT trade_date, close FROM index_bars WHERE index_code = 'KOSPI' ORDER BY trade_date DESC LIMIT 9"
    )
    market = legs[0]["leg"] * index[6]["close"] / index[8]["close"] - 1
    model = await scoring.load_market_model(context, [code], base.closes_at)
    beta = model.at(code, base.trade_date)[0]
    assert counts.written == 1
    assert (row["state"], row["entry_price_krw"], row["exit_price_krw"]) == (
        "final", entry["open_krw"], leave["regular_close_krw"],
    )  # fmt: skip
    assert row["raw_return"] == pytest.approx(raw)
    assert row["adjusted_return"] == pytest.approx(raw - beta * market)
    assert row["z"] == pytest.approx(row["adjusted_return"] / (0.02 * 3**0.5))
    assert row["gap"] == pytest.approx(entry["open_krw"] / 50_000 - 1)
    assert row["loss_brier"] == pytest.approx((0.55 - row["y"]) ** 2)


async def test_a_second_evaluation_writes_nothing(context: RunContext, world: Database) -> None:
    async with world.write() as session:
        await scoring_world.replay(session, DAYS[-30:-5])
    first = await scoring.evaluate(context)
    before = await scoring_world.fetch(world, OUTCOMES)
    second = await scoring.evaluate(context)
    assert first.written == 25 * 12 * 3 * 2
    assert (second.written, await scoring_world.fetch(world, OUTCOMES)) == (0, before)


async def test_nothing_is_scored_before_the_late_close_of_an_exam_day(
    context: RunContext, world: Database, set_clock: SetClock
) -> None:
    """On the day of the university entrance exam the session ends at 16:30, not 15:30."""
    exam = scoring_world.CALENDAR.day(date(2025, 11, 13))
    base = scoring_world.CALENDAR.shift(exam.trade_date, -1)
    async with world.write() as session:
        await scoring_world.build_market(
            session, days=scoring_world.CALENDAR.between(date(2025, 6, 2), exam.trade_date)
        )
    await predict(world, scoring_world.prediction(await version(world), scoring_world.CODES[0], base))
    set_clock(datetime.fromisoformat("2025-11-13T16:00:00+09:00"))
    assert (await scoring.evaluate(context)).read == 0
    set_clock(datetime.fromisoformat("2025-11-13T17:00:00+09:00"))
    assert (await scoring.evaluate(context)).written == 1


async def test_a_bar_that_is_not_final_is_waited_for(context: RunContext, world: Database) -> None:
    code = scoring_world.CODES[0]
    await predict(world, scoring_world.prediction(await version(world), code, DAYS[-2]))
    await set_bar(world, code, DAYS[-1].trade_date, is_final=False)
    assert (await scoring.evaluate(context)).written == 0
    await set_bar(world, code, DAYS[-1].trade_date, is_final=True)
    assert (await scoring.evaluate(context)).written == 1


async def halt(world: Database, code: str, sessions: slice) -> None:
    for session in DAYS[sessions]:
        await scoring_world.execute(
            world,
            "DELETE FROM daily_bars WHERE stock_code = :code AND trade_date = :day",
            code=code,
            day=session.trade_date,
        )


async def test_a_halt_at_the_exit_takes_the_next_tradable_close(context: RunContext, world: Database) -> None:
    code = scoring_world.CODES[2]
    await predict(world, scoring_world.prediction(await version(world), code, DAYS[-20], horizon=3))
    await halt(world, code, slice(-17, -14))
    await scoring.evaluate(context)
    (row,) = await scoring_world.fetch(world, OUTCOMES)
    assert (row["state"], row["exit_trade_date"]) == ("final", DAYS[-14].trade_date)


async def test_a_longer_halt_is_void(context: RunContext, world: Database) -> None:
    code = scoring_world.CODES[2]
    await predict(world, scoring_world.prediction(await version(world), code, DAYS[-20], horizon=3))
    await halt(world, code, slice(-17, -8))
    await scoring.evaluate(context)
    (row,) = await scoring_world.fetch(world, OUTCOMES)
    assert (row["state"], row["void_reason"], row["y"]) == ("void", "halt", None)


async def test_a_delisted_stock_is_void_and_says_so(context: RunContext, world: Database) -> None:
    code = scoring_world.CODES[2]
    await predict(world, scoring_world.prediction(await version(world), code, DAYS[-20], horizon=3))
    await halt(world, code, slice(-17, None))
    await scoring_world.execute(world, "UPDATE stocks SET status = 'delisted' WHERE code = :code", code=code)
    await scoring.evaluate(context)
    (row,) = await scoring_world.fetch(world, OUTCOMES)
    assert (row["state"], row["void_reason"]) == ("void", "delisted")


async def test_a_halt_that_may_still_end_is_not_decided(context: RunContext, world: Database) -> None:
    code = scoring_world.CODES[2]
    await predict(world, scoring_world.prediction(await version(world), code, DAYS[-4]))
    await halt(world, code, slice(-3, None))
    assert (await scoring.evaluate(context)).written == 0


async def test_sessions_nobody_collected_are_no_halt(context: RunContext, world: Database) -> None:
    await predict(world, scoring_world.prediction(await version(world), scoring_world.CODES[2], DAYS[-20]))
    await scoring_world.execute(world, "DELETE FROM daily_bars WHERE trade_date >= :day", day=DAYS[-19].trade_date)
    assert (await scoring.evaluate(context)).written == 0


async def test_no_price_at_the_entry_is_void_after_five_sessions(context: RunContext, world: Database) -> None:
    code = scoring_world.CODES[3]
    await predict(world, scoring_world.prediction(await version(world), code, DAYS[-12], horizon=3))
    await halt(world, code, slice(-11, -10))
    await scoring.evaluate(context)
    (row,) = await scoring_world.fetch(world, OUTCOMES)
    assert (row["state"], row["void_reason"]) == ("void", "no_price")
    assert (await scoring.evaluate(context)).written == 0


async def test_an_entry_inside_a_session_takes_the_first_minute_bar(context: RunContext, world: Database) -> None:
    code, base = scoring_world.CODES[4], DAYS[-6]
    noon = base.opens_at + timedelta(hours=3)
    row = scoring_world.prediction(await version(world), code, base, asof=noon, entry_ts=noon + timedelta(minutes=1))
    await predict(world, row)
    first, last = DAYS[-10].trade_date.replace(day=1), date(2026, 8, 1)
    await scoring_world.execute(
        world,
        f"CREATE TABLE IF NOT EXISTS minute_test PARTITION OF minute_bars FOR VALUES FROM ('{first}') TO ('{last}')",
    )
    for minute, price in ((0, 40_000), (2, 41_000), (3, 42_000)):
        await scoring_world.execute(
            world,
            "INSERT INTO minute_bars VALUES (:code, :ts, :price, :price, :price, :price, 1, 'test')",
            code=code, ts=noon + timedelta(minutes=minute), price=price,
        )  # fmt: skip
    await scoring.evaluate(context)
    (found,) = await scoring_world.fetch(world, OUTCOMES)
    assert (found["entry_price_krw"], found["entry_ts"]) == (41_000, noon + timedelta(minutes=2))
    assert found["exit_trade_date"] == DAYS[-5].trade_date


async def test_a_split_inside_the_window_is_no_loss(context: RunContext, world: Database) -> None:
    code, base = scoring_world.CODES[5], DAYS[-10]
    for position in range(len(DAYS)):
        before = position < len(DAYS) - 8
        price = 50_000 if before else 10_200
        factor = 0.2 if before else 1.0
        prices = {"open_krw": price, "high_krw": price, "low_krw": price, "regular_close_krw": price}
        await set_bar(world, code, DAYS[position].trade_date, **prices, adjust_factor=factor)
    await predict(world, scoring_world.prediction(await version(world), code, base, horizon=3))
    await scoring.evaluate(context)
    (row,) = await scoring_world.fetch(world, OUTCOMES)
    assert (row["entry_price_krw"], row["exit_price_krw"]) == (50_000, 10_200)
    assert row["raw_return"] == pytest.approx(0.02)
    assert row["in_band"] is True


async def test_a_price_that_did_not_move_is_half_up(context: RunContext, world: Database) -> None:
    await scoring_world.execute(
        world, "UPDATE daily_bars SET open_krw = 50000, high_krw = 50000, low_krw = 50000, regular_close_krw = 50000"
    )
    await predict(world, scoring_world.prediction(await version(world), scoring_world.CODES[6], DAYS[-10]))
    await scoring.evaluate(context)
    (row,) = await scoring_world.fetch(world, OUTCOMES)
    assert (row["adjusted_return"], row["y"], row["loss_brier"]) == (0, 0.5, pytest.approx(0.0025))


async def test_a_restated_price_keeps_what_was_said_before(context: RunContext, world: Database) -> None:
    code = scoring_world.CODES[7]
    await predict(world, scoring_world.prediction(await version(world), code, DAYS[-10]))
    await scoring.evaluate(context)
    (old,) = await scoring_world.fetch(world, OUTCOMES)
    await set_bar(world, code, DAYS[-9].trade_date, regular_close_krw=60_000, high_krw=60_000)
    counts = await scoring.evaluate(context)
    (new,) = await scoring_world.fetch(world, OUTCOMES)
    (kept,) = await scoring_world.fetch(world, "SELECT * FROM outcome_revisions")
    assert (counts.detail["rescored"], new["exit_price_krw"], new["y"]) == (1, 60_000, 1.0)
    assert kept["previous"]["exit_price_krw"] == old["exit_price_krw"]
    assert (await scoring.evaluate(context)).written == 0


async def test_the_rule_of_void_what_was_said_before_is_kept_when_an_outcome_becomes_void_and_back(
    context: RunContext, world: Database
) -> None:
    """A final outcome turns out to be void, and its price comes after all: three words, of which two are kept."""
    await predict(world, scoring_world.prediction(await version(world), scoring_world.CODES[7], DAYS[-10]))
    await scoring.evaluate(context)
    (first,) = await scoring_world.fetch(world, "SELECT * FROM outcomes")
    gone = dict.fromkeys(
        ("exit_price_krw", "raw_return", "adjusted_return", "gap", "z", "y", "in_band", "loss_brier", "loss_log",
         "loss_pinball")
    )  # fmt: skip
    row = first | gone | {"state": "void", "void_reason": "halt", "input_hash": "halted"}
    async with world.write() as session:
        assert [await outcomes.record_outcomes(session, [row]) for _ in range(2)] == [1, 0]
    assert (await scoring.evaluate(context)).detail == {"outcomes": 0, "rescored": 1}
    kept = await scoring_world.fetch(world, "SELECT previous FROM outcome_revisions ORDER BY id")
    assert [(one["previous"]["state"], one["previous"]["y"]) for one in kept] == [("final", first["y"]), ("void", None)]
    (last,) = await scoring_world.fetch(world, "SELECT * FROM outcomes")
    assert last == first


async def test_an_action_that_nobody_told_voids_what_was_scored_until_somebody_tells(
    context: RunContext, world: Database
) -> None:
    code = scoring_world.CODES[8]
    await predict(world, scoring_world.prediction(await version(world), code, DAYS[-10], horizon=3))
    await scoring.evaluate(context)
    (first,) = await scoring_world.fetch(world, "SELECT * FROM outcomes")
    ex_date = DAYS[-8].trade_date
    for flags, void, written in ((["unknown_action"], "unknown_action", 1), ([], None, 1), ([], None, 0)):
        await set_bar(world, code, ex_date, flags=flags)
        assert (await scoring.evaluate(context)).detail == {"outcomes": 0, "rescored": written}
        (row,) = await scoring_world.fetch(world, "SELECT * FROM outcomes")
        assert (row["void_reason"], row["y"]) == (void, None if void else first["y"])


async def test_a_day_without_a_trade_is_neither_exit_nor_a_return(context: RunContext, world: Database) -> None:
    code = scoring_world.CODES[8]
    blank = {"open_krw": None, "high_krw": None, "low_krw": None, "volume": 0}
    await set_bar(world, code, DAYS[-9].trade_date, **blank, flags=["no_trade"])
    await predict(world, scoring_world.prediction(await version(world), code, DAYS[-11]))
    await predict(world, scoring_world.prediction(await version(world), code, DAYS[-12], horizon=3))
    await scoring.evaluate(context)
    rows = await scoring_world.fetch(world, OUTCOMES)
    assert [(row["void_reason"], row["exit_trade_date"]) for row in rows] == [
        (None, DAYS[-10].trade_date),
        (None, DAYS[-8].trade_date),
    ]


async def test_outcomes_of_earlier_rules_stay_beside_the_new_ones(context: RunContext, world: Database) -> None:
    """Everything is scored once more by the new version, and the rows of the old one are kept."""
    await predict(world, scoring_world.prediction(await version(world), scoring_world.CODES[7], DAYS[-10]))
    await scoring.evaluate(context)
    await scoring_world.execute(world, "UPDATE outcomes SET engine_version = '1', raw_return = 0.5")
    assert [(await scoring.evaluate(context)).written for _ in range(2)] == [1, 0]
    rows = await scoring_world.fetch(world, "SELECT engine_version, raw_return FROM outcomes ORDER BY 1")
    assert [row["engine_version"] for row in rows] == ["1", ENGINE_VERSION]
    assert rows[0]["raw_return"] == 0.5
    assert rows[1]["raw_return"] != 0.5


async def test_the_rule_of_the_scoring_edge_a_batch_is_not_begun_when_the_time_is_over(
    context: RunContext, world: Database
) -> None:
    await predict(world, scoring_world.prediction(await version(world), scoring_world.CODES[7], DAYS[-10]))
    late = replace(context, deadline=time.monotonic() + scoring._RESERVE_S - 1)
    assert (await scoring.evaluate(late)).written == 0
    assert (await scoring.evaluate(context)).written == 1


async def test_order_and_a_stop_in_between_do_not_matter(
    context: RunContext, world: Database, set_clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All at once, or day by day with tiny batches and an attempt that ends in the middle: the same rows."""
    async with world.write() as session:
        await scoring_world.replay(session, DAYS[-12:-5], scoring_world.CODES[:4])
    await scoring.evaluate(context)
    columns = "prediction_id, state, adjusted_return, z, y, loss_pinball, input_hash"
    at_once = await scoring_world.fetch(world, f"SELECT {columns} FROM outcomes ORDER BY 1")
    await scoring_world.execute(world, "DELETE FROM outcomes")
    monkeypatch.setattr(scoring, "BATCH", 7)
    for day in DAYS[-9:-6]:
        set_clock(day.closes_at + timedelta(minutes=30))
        await scoring.evaluate(context)
    await scoring_world.execute(world, "DELETE FROM outcomes WHERE prediction_id % 3 = 0")
    set_clock(scoring_world.NOW)
    await scoring.evaluate(context)
    assert await scoring_world.fetch(world, f"SELECT {columns} FROM outcomes ORDER BY 1") == at_once
