"""Adding a model: its parameters are checked by its kind, and it is active only once its backfill has succeeded."""

from typing import Any

import httpx
import pytest
from sqlalchemy import text

from backend.db.session import Database
from tests.api.test_refusals import problem_of
from tests.factories import World

K: tuple[Any, ...] = ("abc", "100", "\x00", 1.5, 100.0, None, -3, 0, 1_001, True, [], {}, 2**63)
SHRINKAGE: tuple[Any, ...] = ("x", None, -1, 0, 1e300, 10**400, False, [50])
WRONG: list[tuple[str, dict[str, Any], str]] = [
    *(("knn", {"k": value}, "parameters.k") for value in K),
    *(("knn", {"shrinkage": value}, "parameters.shrinkage") for value in SHRINKAGE),
    ("knn", {"kk": 5}, "parameters.kk"),
    ("knn", {"k": 5, "": 1}, "parameters."),
    ("knn", {"c": 0.1}, "parameters.c"),
    *(("price", {"c": value}, "parameters.c") for value in ("x", None, 0, -0.1, 1e7, True)),
    ("price", {"k": 5}, "parameters.k"),
    ("base", {"p0": 0.5}, "parameters.p0"),
    ("gated", {"weights": {"knn": 9}}, "parameters.weights"),
    ("momentum", {"feature": "ar5"}, "parameters.feature"),
]  # fmt: skip
RIGHT: list[tuple[str, dict[str, Any]]] = [
    ("knn", {}),
    ("knn", {"k": 1, "shrinkage": 0.5 + 0.5}),
    ("knn", {"k": 1_000, "shrinkage": 12.5}),
    ("price", {"c": 1}),
    ("gated", {}),
    ("reversal", {}),
]


async def list_models(database: Database) -> dict[str, bool]:
    async with database.read() as session:
        rows = await session.execute(text("SELECT name, is_active FROM models"))
        return {row.name: row.is_active for row in rows}


async def test_a_wrong_parameter_is_refused_by_name_and_nothing_is_stored(
    writer: httpx.AsyncClient, world: World, database: Database
) -> None:
    before = await list_models(database)
    for kind, parameters, place in WRONG:
        answer = await writer.post("/api/models", json={"name": "poison", "kind": kind, "parameters": parameters})
        assert (kind, parameters, answer.status_code) == (kind, parameters, 422)
        problem = problem_of(answer)
        assert f"Correct {place}" in problem["detail"], problem["detail"]
        assert problem["errors"][0]["location"][:2] == ["body", "parameters"]
    assert await list_models(database) == before
    assert (await writer.get("/api/runs", params={"kind": "backfill_model"})).json()["items"] == []


@pytest.mark.parametrize(("kind", "parameters"), RIGHT)
async def test_a_new_model_waits_for_its_backfill(
    writer: httpx.AsyncClient, world: World, database: Database, kind: str, parameters: dict[str, Any]
) -> None:
    answer = await writer.post("/api/models", json={"name": "mine", "kind": kind, "parameters": parameters})
    assert (answer.status_code, answer.json()["arguments"]["model"]) == (202, "mine")
    assert (await list_models(database))["mine"] is False
    model = (await writer.get("/api/models/mine")).json()["model"]
    assert (model["is_active"], model["parameters"]) == (False, parameters)


async def test_a_model_is_not_retired_while_it_is_filled_in(writer: httpx.AsyncClient, world: World) -> None:
    run = (await writer.post("/api/models", json={"name": "mine", "kind": "knn"})).json()
    refused = await writer.delete("/api/models/mine")
    assert (refused.status_code, run["id"] in problem_of(refused)["detail"]) == (409, True)
    await writer.post(f"/api/runs/{run['id']}/cancel")
    assert (await writer.delete("/api/models/mine")).status_code == 204
