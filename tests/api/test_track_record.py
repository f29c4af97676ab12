"""The leaderboard, ratings of reports, and the life of an A/B test, as a client sees them."""

import hashlib
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import select, update

from backend.db.session import Database
from backend.db.tables.ab_test import AbTest
from backend.db.tables.evaluations import EqualModel
from backend.db.tables.models import Model
from backend.domain.record import METRIC_VERSION
from tests.factories import SAMSUNG, World, add, add_ab_test, add_metric, add_version

SKILL = {"value": 0.02, "high": 0.04, "baseline": 0.0, "n": 120, "n_days": 50}
SUMMARY = {"reason": "r", "n": 900, "difference": 0.002, "low": 0.001, "high": 0.003, "p_value": 0.01,
           "sessions_needed": 30}  # fmt: skip


async def add_record(database: Database, world: World, name: str, *, low: float, n_days: int = 50, **more: Any) -> None:
    async with database.write() as session:
        version = await add_version(session, name)
        values = {"brier_skill": SKILL | {"low": low}}
        await add_metric(session, version, world.day, values=values, n_days=n_days, **more)


async def board(client: httpx.AsyncClient, query: str = "") -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await client.get(f"/api/evaluations/leaderboard{query}")).json()["items"]
    return items


async def test_the_leaderboard_sorts_by_what_is_sure(
    client: httpx.AsyncClient, world: World, database: Database
) -> None:
    """The best estimate is not the best model; a short record is not ranked; nobody is left out for lack of data."""
    await add_record(database, world, "price", low=-0.01)
    await add_record(database, world, "knn", low=0.01)
    await add_record(database, world, "lucky", low=0.2, n_days=39)
    rows = await board(client)
    assert [(row["model"], row["rank"]) for row in rows] == [
        ("knn", 1), ("price", 2), ("lucky", None), ("gated", None), ("base", None),
    ]  # fmt: skip
    assert {row["model"] for row in rows if row["too_early"]} == {"lucky", "gated", "base"}
    assert {row["model"]: row["has_skill"] for row in rows} == {
        "knn": True, "price": False, "lucky": False, "gated": False, "base": False,
    }  # fmt: skip
    assert (rows[0]["brier_skill"]["low"], rows[-1]["n"], rows[-1]["is_benchmark"]) == (0.01, 0, True)


@pytest.mark.parametrize(("low", "has_skill"), [(2.8e-17, False), (0.00004, False), (0.0001, True), (0.0, False)])
async def test_a_skill_that_is_zero_in_the_digits_shown_is_none(
    client: httpx.AsyncClient, world: World, database: Database, low: float, has_skill: bool
) -> None:
    await add_record(database, world, "knn", low=low)
    assert [row["has_skill"] for row in await board(client) if row["model"] == "knn"] == [has_skill]


async def test_modes_do_not_mix_and_language_models_are_judged_live_only(
    client: httpx.AsyncClient, world: World, database: Database
) -> None:
    async with database.write() as session:
        await add(session, Model, name="gpt", kind="llm")
    await add_record(database, world, "gpt", low=0.5, mode="backtest")
    await add_record(database, world, "price", low=0.1, mode="backtest")
    by_mode = {mode: await board(client, f"?mode={mode}") for mode in ("live", "backtest")}
    assert {row["model"] for row in by_mode["live"] if row["is_shadow"]} == {"gpt"}
    assert "gpt" not in {row["model"] for row in by_mode["backtest"]}
    assert {row["n"] for row in by_mode["live"] if row["model"] == "price"} == {0}


async def test_one_line_a_model_whatever_its_versions(
    client: httpx.AsyncClient, world: World, database: Database
) -> None:
    await add_record(database, world, "price", low=0.1)
    async with database.write() as session:
        newer = await add_version(session, "price", "v2")
        await add_metric(session, newer, world.day + timedelta(days=1), n=140)
    assert [(row["version"], row["n"]) for row in await board(client) if row["model"] == "price"] == [("v2", 140)]


async def test_a_model_without_outcomes_has_an_empty_calibration(client: httpx.AsyncClient, world: World) -> None:
    answer = (await client.get("/api/evaluations/base/calibration")).json()
    assert (answer["n"], answer["bins"], answer["ece"]) == (0, [], None)
    assert (await client.get("/api/evaluations/base/stocks")).json()["items"] == []


async def test_a_report_is_rated_blind_and_both_opinions_are_kept(writer: httpx.AsyncClient, world: World) -> None:
    handed = (await writer.get("/api/evaluations/ratings/next")).json()
    assert (handed["report_id"], handed["stock_code"]) == (world.report, SAMSUNG)
    assert not {"writer", "model", "version"} & set(handed)
    first = await writer.post("/api/evaluations/ratings", json={"report_id": world.report, "score": 2})
    assert (first.status_code, first.json()["writer"], first.json()["model"]) == (201, "template", "gated")
    assert (await writer.get("/api/evaluations/ratings/next")).status_code == 404
    await writer.post("/api/evaluations/ratings", json={"report_id": world.report, "score": 5, "comment": "고쳐 씀"})
    kept = (await writer.get(f"/api/evaluations/ratings?report_id={world.report}")).json()["items"]
    assert [row["score"] for row in kept] == [5, 2]
    (summary,) = (await writer.get("/api/evaluations/ratings/summary")).json()["items"]
    assert (summary["n"], summary["mean"], summary["good"]) == (1, 5, 1)
    assert summary["low"] == pytest.approx(1 / (1 + 1.959964**2))


async def test_an_a_b_test_from_draft_to_promotion(writer: httpx.AsyncClient, world: World, database: Database) -> None:
    """It cannot be decided before its minimum, is promoted by one audited call, and is put away."""
    async with database.write() as session:
        test = await add_ab_test(session, world.version, world.other_version, state="running", verdict=SUMMARY)
    path = f"/api/ab_test/{test}"
    early = await writer.post(f"{path}/decide")
    assert (early.status_code, "0 of the 40 sessions" in early.json()["detail"]) == (409, True)
    assert (await writer.post(f"{path}/promote")).status_code == 409
    assert (await writer.post(f"{path}/archive")).status_code == 409
    async with database.write() as session:
        await session.execute(update(AbTest).values(panel={"n_days": 40}, verdict=SUMMARY | {"verdict": "B"}))
    decided = (await writer.post(f"{path}/decide")).json()
    verdict = decided["verdict"]
    assert (decided["state"], verdict["decision"], verdict["decided_by"]) == (
        "decided",
        "B",
        "key",
    )
    assert (await writer.post(f"{path}/decide")).status_code == 409
    promoted = (await writer.post(f"{path}/promote")).json()
    assert promoted["promoted_at"] is not None
    shown = [row["name"] for row in (await writer.get("/api/models")).json()["items"] if row["is_shown"]]
    assert shown == ["base"]
    trail = [row["path"] for row in (await writer.get("/api/audit")).json()["items"]]
    assert trail[0] == f"{path}/promote"
    assert (await writer.post(f"{path}/archive")).json()["state"] == "archived"


async def test_a_stopped_test_has_no_winner(writer: httpx.AsyncClient, world: World, database: Database) -> None:
    async with database.write() as session:
        test = await add_ab_test(session, world.version, world.other_version, state="running")
    assert (await writer.post(f"/api/ab_test/{test}/promote")).status_code == 409  # it has no verdict at all yet
    stopped = (await writer.post(f"/api/ab_test/{test}/stop")).json()
    assert (stopped["state"], stopped["verdict"]["decision"]) == ("decided", "stopped")
    assert (await writer.post(f"/api/ab_test/{test}/promote")).status_code == 409


async def test_a_viewer_always_sees_the_same_side(client: httpx.AsyncClient, world: World, database: Database) -> None:
    async with database.write() as session:
        test = await add_ab_test(session, world.version, world.other_version)
    seen = [(await client.get(f"/api/ab_test/{test}/assignment?viewer=v{n}")).json() for n in (*range(60), 0)]
    assert seen[0] == seen[-1]
    share = sum(row["model_version_id"] == world.version for row in seen[:60]) / 60
    assert 0.25 < share < 0.75
    hashed = [int(hashlib.sha256(f"{test}:v{n}".encode()).hexdigest()[:16], 16) % 100 for n in range(60)]
    assert [row["bucket"] for row in seen[:60]] == hashed
    sides = {True: world.version, False: world.other_version}
    assert [row["model_version_id"] for row in seen[:60]] == [sides[bucket < 50] for bucket in hashed]


async def test_a_model_in_a_running_test_is_not_retired(
    writer: httpx.AsyncClient, world: World, database: Database
) -> None:
    async with database.write() as session:
        wide = await add_version(session, "knn-wide")
        test = await add_ab_test(session, world.version, wide, state="running")
    assert (await writer.delete("/api/models/gated")).status_code == 409
    refused = await writer.delete("/api/models/knn-wide")
    assert (refused.status_code, "running A/B test" in refused.json()["detail"]) == (409, True)
    await writer.post(f"/api/ab_test/{test}/stop")
    assert (await writer.delete("/api/models/knn-wide")).status_code == 204
    async with database.write() as session:
        draft = await add_ab_test(session, world.version, wide)
    retired = await writer.post(f"/api/ab_test/{draft}/start")
    assert (retired.status_code, "knn-wide is retired" in retired.json()["detail"]) == (409, True)
    assert (await writer.delete("/api/models/nope")).status_code == 404


async def test_models_that_say_the_same_share_a_rank_and_the_next_one_counts_them(
    client: httpx.AsyncClient, world: World, database: Database
) -> None:
    """price and a copy of it in other words, two whose bounds look the same, the base rate and one that equals it."""
    await add_record(database, world, "price", low=0.02)
    await add_record(database, world, "copy", low=0.0187)
    await add_record(database, world, "knn", low=0.01004)
    await add_record(database, world, "lucky", low=0.00996)
    await add_record(database, world, "momentum", low=-0.01)
    async with database.write() as session:
        for name in ("base", "shadow"):
            version = await add_version(session, name, f"{name}-50")
            nothing = SKILL | {"value": 0.0, "low": None, "high": None}
            await add_metric(session, version, world.day, values={"brier_skill": nothing}, n_days=50)
        ids = {row.name: row.id for row in await session.execute(select(Model.name, Model.id))}
        place = {"horizon": 1, "mode": "live", "window_name": "all", "metric_version": METRIC_VERSION}
        for name, first in (("price", "price"), ("copy", "price"), ("base", "base"), ("shadow", "base")):
            await add(session, EqualModel, model_id=ids[name], same_as=ids[first], **place)
    ranked = [(row["model"], row["rank"], row["has_skill"]) for row in await board(client) if row["rank"] is not None]
    assert ranked == [
        ("copy", 1, True), ("price", 1, True), ("knn", 3, True), ("lucky", 3, True), ("base", 5, False),
        ("shadow", 5, False), ("momentum", 7, False),
    ]  # fmt: skip
