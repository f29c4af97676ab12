"""Metrics are recomputed from outcomes: written once, per model and mode, whatever the order of the days."""

from datetime import timedelta
from typing import Any

import pytest

from backend.db.session import Database
from backend.db.tables.models import ModelVersion
from backend.db.upsert import upsert
from backend.domain.record import METRIC_WINDOWS
from backend.domain.runs import Counts
from backend.models.fitting import market_model
from backend.models.process.operations import OPERATIONS
from backend.pipelines.context import NoArguments, RunContext
from backend.pipelines.record import aggregate_performance, aggregation, scoring
from backend.stats.metrics import summarise_metrics
from tests.pipelines import scoring_world

DAYS = scoring_world.SESSIONS
REPLAYED = DAYS[-40:-10]
METRICS = """
    SELECT m.name, c.*
    FROM metrics c JOIN model_versions v ON v.id = c.model_version_id JOIN models m ON m.id = v.model_id
    ORDER BY m.name, c.mode, c.horizon, c.window_name, c.trade_date, c.model_version_id
"""


@pytest.fixture
async def scored(context: RunContext, world: Database) -> RunContext:
    """Thirty replayed sessions, scored."""
    async with world.write() as session:
        await scoring_world.replay(session, REPLAYED)
    await scoring.evaluate(context)
    return context


async def newest(world: Database, **wanted: Any) -> dict[str, Any]:
    rows = [r for r in await scoring_world.fetch(world, METRICS) if all(r[k] == v for k, v in wanted.items())]
    return rows[-1]


async def test_every_window_has_counts_interval_and_baseline(scored: RunContext, world: Database) -> None:
    counts = await aggregation.aggregate(scored)
    rows = await scoring_world.fetch(world, METRICS)
    assert len(rows) == 2 * 3 * (30 + 4)
    assert counts == Counts(read=2 * 3, written=len(rows), detail={"metrics": len(rows)})
    assert await scoring_world.fetch(world, "SELECT count(*) AS n FROM metric_progress") == [{"n": 1}]
    assert {row["window_name"] for row in rows} == set(METRIC_WINDOWS)
    row = await newest(world, name="price", horizon=1, window_name="20")
    assert (row["n"], row["n_days"], row["trade_date"]) == (20 * 12, 20, REPLAYED[-1].trade_date)
    for metric in ("accuracy", "brier", "brier_skill", "log_loss", "base_rate"):
        found = row["metric_values"][metric]
        assert found["low"] < found["value"] < found["high"]
        assert (found["n"], found["n_days"]) == (240, 20)
        assert found["baseline"] is not None
    assert (await newest(world, name="base", horizon=1, window_name="all"))["metric_values"]["brier_skill"][
        "value"
    ] == 0


async def test_a_second_aggregation_writes_nothing(scored: RunContext, world: Database) -> None:
    await aggregation.aggregate(scored)
    before = await scoring_world.fetch(world, METRICS)
    assert (await aggregation.aggregate(scored)).written == 0
    assert await scoring_world.fetch(world, METRICS) == before


async def test_the_job_scores_first_and_then_has_nothing_left(context: RunContext, world: Database) -> None:
    async with world.write() as session:
        await scoring_world.replay(session, REPLAYED[:5])
    first = await aggregate_performance.run(context, NoArguments())
    expected = {"outcomes": 5 * 12 * 3 * 2, "rescored": 0, "metrics": 2 * 3 * (5 + 4), "ab_tests": 0, "size_metrics": 0}
    assert first.detail == expected | {"event_studies": 0}
    assert (await aggregate_performance.run(context, NoArguments())).written == 0


async def test_live_and_backtest_never_mix(scored: RunContext, world: Database) -> None:
    versions = await scoring_world.fetch(
        world, "SELECT v.id FROM model_versions v JOIN models m ON m.id = v.model_id AND m.name = 'price'"
    )
    live = [
        scoring_world.prediction(
            versions[0]["id"], code, REPLAYED[0], mode="live", p_up=0.9, created_at=REPLAYED[0].closes_at
        )
        for code in scoring_world.CODES
    ]
    async with world.write() as session:
        await scoring_world.add_predictions(session, live)
    await scoring.evaluate(scored)
    await aggregation.aggregate(scored)
    replayed = await newest(world, name="price", mode="backtest", horizon=1, window_name="all")
    lived = await newest(world, name="price", mode="live", horizon=1, window_name="all")
    assert (replayed["n"], lived["n"]) == (30 * 12, 12)
    assert max(b["mean_p"] for b in replayed["metric_values"]["ece"]["bins"]) < 0.61
    assert lived["metric_values"]["ece"]["bins"][0]["mean_p"] == pytest.approx(0.9)


async def test_order_of_days_is_irrelevant(scored: RunContext, world: Database) -> None:
    await aggregation.aggregate(scored)
    columns = "horizon, mode, window_name, trade_date, n, n_days, n_eff, metric_values, input_hash"
    query = f"SELECT {columns} FROM metrics ORDER BY model_version_id, horizon, mode, window_name, trade_date"
    at_once = await scoring_world.fetch(world, query)
    await scoring_world.execute(world, "CREATE TABLE kept AS SELECT * FROM outcomes")
    await scoring_world.execute(world, "DELETE FROM metrics")
    await scoring_world.execute(world, "DELETE FROM metric_days")
    await scoring_world.execute(world, "DELETE FROM outcomes")
    for remainder in (2, 0, 1):
        await scoring_world.execute(
            world,
            "INSERT INTO outcomes SELECT k.* FROM kept k JOIN predictions p ON p.id = k.prediction_id"
            " WHERE extract(day FROM p.trade_date)::int % 3 = :remainder",
            remainder=remainder,
        )
        await aggregation.aggregate(scored)
    last = REPLAYED[-1].trade_date
    found = [
        row for row in await scoring_world.fetch(world, query) if row["window_name"] == "d" or row["trade_date"] == last
    ]
    assert found == at_once


async def test_windows_reach_over_versions_and_move_to_the_newest(scored: RunContext, world: Database) -> None:
    """A retrained model keeps its record: one row a window, under the newest version."""
    await aggregation.aggregate(scored)
    model = (await scoring_world.fetch(world, "SELECT id FROM models WHERE name = 'price'"))[0]["id"]
    row = {"model_id": model, "version": "2", "data_hash": "y", "parameters": {}}
    async with world.write() as session:
        ((version,),) = await upsert(session, ModelVersion, [row], key=["model_id", "version"], returning=["id"])
        late = [
            scoring_world.prediction(version, code, REPLAYED[-1], asof=REPLAYED[-1].closes_at + timedelta(hours=1))
            for code in scoring_world.CODES
        ]
        await scoring_world.add_predictions(session, late)
    await scoring.evaluate(scored)
    await aggregation.aggregate(scored)
    rows = [
        r for r in await scoring_world.fetch(world, METRICS)
        if (r["name"], r["horizon"], r["trade_date"]) == ("price", 1, REPLAYED[-1].trade_date)
    ]  # fmt: skip
    assert {(r["window_name"], r["model_version_id"]) for r in rows} == {(name, version) for name in METRIC_WINDOWS}
    assert next(r["n"] for r in rows if r["window_name"] == "all") == 31 * 12


async def test_a_restated_price_changes_the_metrics_that_rest_on_it(scored: RunContext, world: Database) -> None:
    await aggregation.aggregate(scored)
    before = await newest(world, name="price", horizon=1, window_name="all")
    await scoring_world.execute(
        world,
        "UPDATE daily_bars SET regular_close_krw = 90000, high_krw = 90000"
        " WHERE stock_code = :code AND trade_date = :day",
        code=scoring_world.CODES[0],
        day=DAYS[-12].trade_date,
    )
    await scoring.evaluate(scored)
    assert (await aggregation.aggregate(scored)).written > 0
    after = await newest(world, name="price", horizon=1, window_name="all")
    assert (after["n"], after["input_hash"] != before["input_hash"]) == (before["n"], True)


async def test_a_session_whose_outcomes_became_void_has_no_row_of_its_own(scored: RunContext, world: Database) -> None:
    await aggregation.aggregate(scored)
    await scoring_world.execute(
        world,
        "UPDATE outcomes SET state = 'void', void_reason = 'action', evaluated_at = :now FROM predictions p"
        " WHERE p.id = prediction_id AND p.trade_date = :day",
        day=REPLAYED[0].trade_date,
        now=scoring_world.NOW,
    )
    await aggregation.aggregate(scored)
    rows = await scoring_world.fetch(world, METRICS)
    assert not [row for row in rows if row["window_name"] == "d" and row["trade_date"] == REPLAYED[0].trade_date]
    assert (await newest(world, name="price", horizon=1, window_name="all"))["n_days"] == 29


def test_the_model_process_knows_both_operations() -> None:
    assert OPERATIONS["summarise_metrics"] is summarise_metrics
    assert OPERATIONS["stock_days"] is market_model.stock_days


@pytest.mark.parametrize(
    ("verdict", "direction", "calls"), [("call", "up", 12), ("lean", "hold", 0), (None, "up", 0), (None, "down", 0)]
)
async def test_only_calls_count_in_the_hit_rate_whatever_direction_an_older_row_holds(
    context: RunContext, world: Database, verdict: str | None, direction: str, calls: int
) -> None:
    async with world.write() as session:
        versions = await scoring_world.build_models(session)
        rows = [
            scoring_world.prediction(versions["price"], code, REPLAYED[0], verdict=verdict, direction=direction)
            for code in scoring_world.CODES
        ]
        await scoring_world.add_predictions(session, rows)
    await scoring.evaluate(context)
    await aggregation.aggregate(context)
    found = (await newest(world, name="price", horizon=1, window_name="all"))["metric_values"]["accuracy_shown"]
    assert (found or {"n": 0})["n"] == calls


async def test_models_that_say_the_same_are_stored_for_each_window(context: RunContext, world: Database) -> None:
    """price says what base says, within a hair, and momentum something else."""
    async with world.write() as session:
        versions = await scoring_world.build_models(session, ("base", "price", "momentum"))
        said = {"base": 0.47, "price": 0.4705, "momentum": 0.53}
        rows = [
            scoring_world.prediction(versions[name], code, day, p_up=p_up)
            for name, p_up in said.items()
            for day in REPLAYED[:3]
            for code in scoring_world.CODES
        ]
        await scoring_world.add_predictions(session, rows)
    await scoring.evaluate(context)
    await aggregation.aggregate(context)
    stored = await scoring_world.fetch(
        world, "SELECT e.window_name, m.name, s.name AS first FROM equal_models e JOIN models m ON m.id = e.model_id"
               " JOIN models s ON s.id = e.same_as ORDER BY e.window_name, m.id"
    )  # fmt: skip
    assert [tuple(row.values()) for row in stored] == [
        (window, name, "base") for window in ("20", "250", "60", "all") for name in ("base", "price")
    ]
