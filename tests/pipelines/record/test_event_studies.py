"""The nightly studies: from the impacts of stories to a snapshot, and nothing in it from after its moment."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from backend.db.session import Database
from backend.domain.stock_days import FEATURES
from backend.internal import NoArguments
from backend.pipelines.context import RunContext
from backend.pipelines.record import aggregate_performance, event_studies, scoring
from tests.pipelines import scoring_world
from tests.pipelines.record.test_impacts import add_story

SetClock = Callable[[datetime], None]
DAYS = scoring_world.SESSIONS
CODE, OTHER = scoring_world.CODES[1:3]
STUDIES = "SELECT * FROM event_studies ORDER BY computed_at, stock_code, type, sign, size, horizon"


async def add_events(world: Database, days: int = 25) -> None:
    """A contract of one stock each evening, every second of another stock one that is taken back."""
    for number in range(days):
        known = DAYS[-40 + number].closes_at + timedelta(hours=1)
        await add_story(world, f"contract {number}", known)
        if number % 2:
            await add_story(world, f"cancelled {number}", known, codes=(OTHER,))
    reading = "UPDATE news_versions SET event_type = 'contract', sign = :sign, scope = 'company' WHERE title LIKE :like"
    await scoring_world.execute(world, reading, sign="+", like="contract%")
    await scoring_world.execute(world, reading, sign="reversed", like="cancelled%")


async def test_a_night_stores_a_snapshot_and_the_next_run_nothing(context: RunContext, world: Database) -> None:
    await add_events(world)
    await scoring.match_impacts(context)
    counts = await aggregate_performance.run(context, NoArguments())
    rows = await scoring_world.fetch(world, STUDIES)
    assert counts.detail["event_studies"] == len(rows)
    groups = {(row["stock_code"], row["type"], row["sign"], row["horizon"]): row["n"] for row in rows}
    assert {key[3] for key in groups} == {1, 3, 5}
    assert (groups["all", "any", "any", 1], groups["all", "contract", "+", 5]) == (37, 25)
    assert (groups["all", "contract", "reversed", 1], groups[CODE, "contract", "+", 1]) == (12, 25)
    assert {row["computed_at"] for row in rows} == {scoring_world.NOW}
    assert (await event_studies.update(context)) == 0


async def test_the_mean_is_that_of_the_impacts_and_of_their_drift_before(context: RunContext, world: Database) -> None:
    await add_events(world)
    await scoring.match_impacts(context)
    await event_studies.update(context)
    query = STUDIES.replace("ORDER", f"WHERE stock_code = '{CODE}' AND horizon = 3 ORDER")
    (row,) = await scoring_world.fetch(world, query)
    impacts = f"SELECT avg(adjusted_return) AS mean FROM impacts WHERE stock_code = '{CODE}' AND horizon = 3"
    (expected,) = await scoring_world.fetch(world, impacts)
    assert abs(row["mean"] - expected["mean"]) < 1e-12
    known = [float(d["ar5"]) for d in await scoring_world.fetch(world, DRIFTS)]
    assert abs(row["drift"] - sum(known) / len(known)) < 1e-12


# Each story came an hour after a close, whose own five sessions are the drift.
DRIFTS = f"""
    SELECT s.features[{FEATURES.index("ar5") + 1}] AS ar5 FROM stock_days s
     WHERE s.stock_code = '{CODE}' AND features IS NOT NULL AND s.trade_date IN
           (SELECT (known_at AT TIME ZONE 'Asia/Seoul')::date FROM news WHERE title LIKE 'contract%')
"""


async def test_what_ended_after_the_moment_changes_nothing(
    context: RunContext, world: Database, set_clock: SetClock
) -> None:
    await add_events(world)
    await scoring.match_impacts(context)
    # What the world had at the moment, azak had then, too.
    await scoring_world.execute(world, "UPDATE impacts SET recorded_at = known_at")
    moment = DAYS[-30].closes_at + timedelta(hours=2)
    set_clock(moment)
    await event_studies.update(context)
    before: list[dict[str, Any]] = await scoring_world.fetch(world, STUDIES)
    assert before
    await scoring_world.execute(world, "DELETE FROM event_studies")
    await scoring_world.execute(world, "DELETE FROM impacts WHERE known_at > :at", at=moment)
    await event_studies.update(context)
    assert await scoring_world.fetch(world, STUDIES) == before
