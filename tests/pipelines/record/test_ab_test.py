"""A running A/B test: its versions go on predicting, its panel rests on shared live items, and is made once."""

from typing import Any

import pytest
from sqlalchemy import text

from backend.db.session import Database
from backend.db.tables.models import ModelVersion
from backend.db.upsert import upsert
from backend.errors import ConflictError, InvalidInputError
from backend.pipelines.context import RunContext
from backend.pipelines.record import ab_test, scoring
from backend.services.forecasts import model_versions
from backend.services.record.ab import ab_test as tests
from backend.services.record.ab.ab_test import NewAbTest
from tests.pipelines import scoring_world
from tests.pipelines.record.test_sizes import SIZE

DAYS = scoring_world.SESSIONS[-50:-4]
CODES = scoring_world.CODES


async def predict_live(world: Database, said: dict[int, float], days: Any = DAYS, codes: Any = CODES) -> None:
    """A live prediction of every version, stock and session, made before its return began."""
    rows = [
        scoring_world.prediction(version, code, day, mode="live", p_up=p_up, created_at=day.closes_at)
        for version, p_up in said.items()
        for day in days
        for code in codes
    ]
    async with world.write() as session:
        await scoring_world.add_predictions(session, rows)


async def start(world: Database, a: int, b: int, metric: str = "brier") -> int:
    """A test that began before the first of DAYS."""
    async with world.write() as session:
        drafted = await tests.add_ab_test(session, NewAbTest("t", a, b, 1, metric, 0.05, 20))
        await tests.start_ab_test(session, drafted.id)
        since = {"since": DAYS[0].opens_at}
        await session.execute(text("UPDATE ab_tests SET started_at = :since"), since)
        test_id: int = drafted.id
        return test_id


async def panel_of(world: Database, test_id: int) -> Any:
    async with world.read() as session:
        return await tests.get_ab_test(session, test_id)


@pytest.fixture
async def versions(world: Database) -> dict[str, int]:
    async with world.write() as session:
        return await scoring_world.build_models(session)


async def test_the_panel_is_made_of_shared_live_items_and_made_once(
    context: RunContext, world: Database, versions: dict[str, int]
) -> None:
    base, price = versions["base"], versions["price"]
    test_id = await start(world, base, price)
    await predict_live(world, {base: 0.5, price: 0.6})
    early = scoring_world.SESSIONS[-60:-55]
    await predict_live(world, {base: 0.5, price: 0.9}, early)
    await scoring.evaluate(context)
    assert await ab_test.update_panels(context) == 1
    row = await panel_of(world, test_id)
    outcomes = await scoring_world.fetch(
        world,
        "SELECT p.trade_date, avg((0.5 - o.y) ^ 2 - (0.6 - o.y) ^ 2) AS gap FROM outcomes o"
        " JOIN predictions p ON p.id = o.prediction_id AND p.model_version_id = :price AND p.trade_date >= :since"
        " GROUP BY 1",
        price=price,
        since=DAYS[0].trade_date,
    )
    expected = sum(day["gap"] for day in outcomes) / len(outcomes)
    assert (row.panel["n"], row.panel["n_days"]) == (len(DAYS) * len(CODES), len(DAYS))
    assert row.panel["difference"] == pytest.approx(expected)
    assert row.verdict["n_days"] == len(DAYS)
    assert await ab_test.update_panels(context) == 0
    assert (await panel_of(world, test_id)).computed_at == row.computed_at


async def test_a_missing_answer_counts_as_the_base_rate(
    context: RunContext, world: Database, versions: dict[str, int]
) -> None:
    async with world.write() as session:
        models = {row.name: row.model_id for row in await session.execute(text(
            "SELECT m.name, v.model_id FROM model_versions v JOIN models m ON m.id = v.model_id"))}  # fmt: skip
        newer = {"model_id": models["price"], "version": "2", "data_hash": "y", "parameters": {}}
        ((other,),) = await upsert(session, ModelVersion, [newer], key=["model_id", "version"], returning=["id"])
    test_id = await start(world, versions["price"], other)
    await predict_live(world, {versions["base"]: 0.52, versions["price"]: 0.6})
    await predict_live(world, {other: 0.7}, DAYS[:30], CODES[:6])
    await scoring.evaluate(context)
    await ab_test.update_panels(context)
    panel = (await panel_of(world, test_id)).panel
    assert (panel["failed_a"], panel["failed_b"]) == (0, len(DAYS) * len(CODES) - 30 * 6)
    first = await scoring_world.fetch(
        world,
        "SELECT avg((0.6 - o.y) ^ 2 - (0.52 - o.y) ^ 2) AS gap FROM outcomes o"
        " JOIN predictions p ON p.id = o.prediction_id AND p.model_version_id = :a AND p.trade_date = :day",
        a=versions["price"],
        day=DAYS[-1].trade_date,
    )
    assert panel["days"][-1]["difference"] == pytest.approx(first[0]["gap"])


@pytest.fixture
async def sizes(world: Database) -> tuple[int, int]:
    """Two versions of the model of sizes."""
    async with world.write() as session:
        first = (await scoring_world.build_models(session, ("base", "size")))["size"]
        model = await session.scalar(text("SELECT id FROM models WHERE name = 'size'"))
        newer = {"model_id": model, "version": "2", "data_hash": "y", "parameters": {}}
        ((second,),) = await upsert(session, ModelVersion, [newer], key=["model_id", "version"], returning=["id"])
    return first, second


async def test_sizes_are_compared_by_their_losses_and_a_missing_one_counts_as_the_stocks_own_record(
    context: RunContext, world: Database, sizes: tuple[int, int]
) -> None:
    """B says 40 % of a move beyond 3 % where A says 25 %, and on the last five sessions nothing of half the stocks."""
    a, b = sizes
    said = {a: SIZE, b: SIZE | {"p_3pct": 0.4}}
    rows = [
        scoring_world.prediction(version, code, day, mode="live", created_at=day.closes_at) | {"size": size}
        for version, size in said.items()
        for day in DAYS
        for code in (CODES[:6] if version == b and day in DAYS[-5:] else CODES)
    ]
    async with world.write() as session:
        await scoring_world.add_predictions(session, rows)
    test_id = await start(world, a, b, "size_brier")
    await scoring.evaluate(context)
    assert await ab_test.update_panels(context) == 1
    panel = (await panel_of(world, test_id)).panel
    assert (panel["n"], panel["n_days"]) == (len(DAYS) * len(CODES), len(DAYS))
    assert (panel["failed_a"], panel["failed_b"]) == (0, 5 * (len(CODES) - 6))
    assert set(panel["secondary"]) == {"size_pinball"}
    (last,) = await scoring_world.fetch(
        world,
        "SELECT avg((0.25 - came) ^ 2 - (CASE WHEN p.stock_code = ANY (:kept) THEN 0.4 ELSE 0.1 END - came) ^ 2)"
        "::float8 AS gap"
        " FROM predictions p JOIN outcomes o ON o.prediction_id = p.id AND p.model_version_id = :a"
        " CROSS JOIN LATERAL (SELECT (abs(o.size_move) > 0.03)::int AS came) c WHERE p.trade_date = :day",
        a=a,
        kept=CODES[:6],
        day=DAYS[-1].trade_date,
    )
    assert panel["days"][-1]["difference"] == pytest.approx(last["gap"])
    assert await ab_test.update_panels(context) == 0


async def test_sizes_told_by_equal_numbers_have_nothing_to_tell_apart(
    context: RunContext, world: Database, sizes: tuple[int, int]
) -> None:
    rows = [
        scoring_world.prediction(version, code, day, mode="live", created_at=day.closes_at) | {"size": SIZE}
        for version in sizes
        for day in DAYS
        for code in CODES
    ]
    async with world.write() as session:
        await scoring_world.add_predictions(session, rows)
    test_id = await start(world, *sizes, "size_pinball")
    await scoring.evaluate(context)
    await ab_test.update_panels(context)
    panel = (await panel_of(world, test_id)).panel
    assert (panel["verdict"], "nothing to tell apart" in panel["reason"]) == ("no difference worth having", True)
    assert panel["smallest_gap"] == 0.00002


@pytest.mark.parametrize(
    ("metric", "names", "words"),
    [
        (
            "brier",
            ("base", "size"),
            "The model size cannot be compared by brier: it takes no side; name models that do",
        ),
        ("size_brier", ("size", "base"), "The model base cannot be compared by size_brier: it does not say how large"),
        ("size_pinball", ("price", "base"), "take brier, log_loss or accuracy."),
    ],
)
async def test_a_metric_that_a_model_says_nothing_of_is_refused_with_the_remedy(
    world: Database, metric: str, names: tuple[str, str], words: str
) -> None:
    async with world.write() as session:
        ids = await scoring_world.build_models(session, ("base", "price", "size"))
        drafted = NewAbTest("t", ids[names[0]], ids[names[1]], 1, metric, 0.05, 20)
        with pytest.raises(InvalidInputError) as refused:
            await tests.add_ab_test(session, drafted)
    assert words in refused.value.detail


async def test_a_side_for_the_rest_of_a_session_is_not_tested(
    world: Database, sizes: tuple[int, int], versions: dict[str, int]
) -> None:
    async with world.write() as session:
        drafted = NewAbTest("t", versions["base"], versions["price"], 0, "brier", 0.05, 20)
        with pytest.raises(InvalidInputError, match="No model takes a side for the rest of a session"):
            await tests.add_ab_test(session, drafted)
        assert (await tests.add_ab_test(session, NewAbTest("s", *sizes, 0, "size_brier", 0.05, 20))).horizon == 0


async def test_the_winner_of_a_test_of_sizes_is_not_what_people_see(world: Database, sizes: tuple[int, int]) -> None:
    test_id = await start(world, *sizes, "size_brier")
    async with world.write() as session:
        await session.execute(text("UPDATE ab_tests SET state = 'decided', verdict = '{\"decision\": \"A\"}'"))
        with pytest.raises(ConflictError, match="put size back to that version with POST /api/models/size/rollback"):
            await tests.promote(session, test_id)


async def test_a_language_model_that_wins_is_not_what_people_see(world: Database, versions: dict[str, int]) -> None:
    test_id = await start(world, versions["base"], versions["price"])
    async with world.write() as session:
        await session.execute(text("UPDATE ab_tests SET state = 'decided', verdict = '{\"decision\": \"A\"}'"))
        await session.execute(text("UPDATE models SET kind = 'llm' WHERE name = 'base'"))
        with pytest.raises(ConflictError, match="base forecasts for its record alone"):
            await tests.promote(session, test_id)


async def test_a_version_under_test_predicts_on_with_the_members_of_its_own_night(
    world: Database, versions: dict[str, int]
) -> None:
    nights = [DAYS[0].trade_date, DAYS[1].trade_date]
    async with world.write() as session:
        await scoring_world.build_models(session, ("base", "price", "knn", "gated"))
        names = {row.name: row.id for row in await session.execute(text("SELECT name, id FROM models"))}
        rows = [
            {"model_id": names[name], "version": str(night), "data_hash": "h", "parameters": {}, "trained_to": night}
            for name in ("base", "price", "gated")
            for night in nights
        ]
        await upsert(session, ModelVersion, rows, key=["model_id", "version"])
        query = text("SELECT m.name, v.version, v.id FROM model_versions v JOIN models m ON m.id = v.model_id")
        ids = {(row.name, row.version): row.id for row in await session.execute(query)}
    gated, base = ids["gated", str(nights[0])], ids["base", str(nights[1])]
    async with world.read() as session:
        assert await model_versions.list_tested(session) == []
    await start(world, gated, base)
    async with world.read() as session:
        tested = {version.id: companions for version, companions in await model_versions.list_tested(session)}
    assert set(tested) == {gated, base}
    assert {(model.model, model.version) for model in tested[gated]} == {
        ("base", str(nights[0])), ("price", str(nights[0])),
    }  # fmt: skip
