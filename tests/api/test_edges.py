"""Values at the edge of what a type can hold, and names of what does not exist: refused before anything is stored."""

import base64
import json
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from backend.db.session import Database
from tests.api.test_refusals import problem_of
from tests.factories import World

MOMENTS = ("0001-01-01T00:00:00+09:00", "9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+00:01")
LISTS = {
    "/api/runs": "moment uuid",
    "/api/news": "moment bigint",
    "/api/prediction": "moment bigint",
    "/api/reports": "moment bigint",
    "/api/reports/latest": "code",
    "/api/stocks": "code",
    "/api/stocks/005930/bars": "date",
    "/api/ab_test": "integer",
    "/api/audit": "bigint",
    "/api/evaluations/ratings": "bigint",
    "/api/evaluations/gated/daily": "date integer",
}
GOOD = {
    "moment": "2026-11-28T12:00:00+00:00",
    "uuid": "0193a1f0-0000-7000-8000-000000000000",
    "bigint": str(2**63 - 1),
    "integer": str(2**31 - 1),
    "code": "005930",
    "date": "2026-11-28",
}
BAD: dict[str, tuple[Any, ...]] = {
    "moment": (*MOMENTS, "2026-11-28T12:00:00", 1, None, "x"),
    "uuid": (1, "1", None, [], GOOD["uuid"][:-1]),
    "bigint": (2**63, str(2**63), str(-(2**63)), float("inf"), "1e999", "NaN", 1.5, None, True),
    "integer": (2**31, str(2**31), str(2**63), float("inf"), None),
    "code": ("\ud800", "\x00", 1, None, ["005930"]),
    "date": ("0000-01-01", "2026-02-30", 20261128, None),
}


def cursor_of(parts: Any) -> str:
    written = json.dumps(parts).replace("Infinity", "1e999")
    return base64.urlsafe_b64encode(written.encode()).decode().rstrip("=")


@pytest.mark.parametrize("path", LISTS)
async def test_a_cursor_that_no_row_can_have_is_refused(writer: httpx.AsyncClient, world: World, path: str) -> None:
    kinds = LISTS[path].split()
    good = [GOOD[kind] for kind in kinds]
    assert (await writer.get(path, params={"cursor": cursor_of(good)})).status_code == 200
    bad = [[*good[:place], value, *good[place + 1 :]] for place, kind in enumerate(kinds) for value in BAD[kind]]
    for parts in (*bad, [], [*good, "1"], {"a": 1}, 1, None, "x", [[good]], [1e999], [2**63], ["\ud800"]):
        answer = await writer.get(path, params={"cursor": cursor_of(parts)})
        assert (parts, answer.status_code) == (parts, 422)
        assert "next_cursor" in problem_of(answer)["detail"]


@pytest.mark.parametrize("moment", MOMENTS)
async def test_a_moment_that_has_no_name_in_utc_is_refused(
    writer: httpx.AsyncClient, world: World, moment: str
) -> None:
    for path, name in (("/api/news", "since"), ("/api/runs", "since"), ("/api/runs", "until")):
        answer = await writer.get(path, params={name: moment})
        assert (path, answer.status_code) == (path, 422)
        assert name in problem_of(answer)["detail"]
    made = await writer.post("/api/keys", json={"name": "phone", "scopes": ["read"], "expires_at": moment})
    assert (made.status_code, "expires_at" in problem_of(made)["detail"]) == (422, True)


async def test_the_first_and_last_moments_of_utc_are_moments(client: httpx.AsyncClient, world: World) -> None:
    for moment in ("0001-01-01T09:00:00+09:00", "9999-12-31T11:59:59-12:00", "0001-01-01T00:00:00Z"):
        answer = await client.get("/api/runs", params={"since": moment})
        assert (moment, answer.status_code) == (moment, 200)


@pytest.mark.parametrize(
    "path",
    [
        f"/api/news/{2**63}",
        f"/api/news/{2**63}/similar",
        f"/api/prediction/{2**63}",
        f"/api/reports/{2**63}",
        f"/api/ab_test/{2**31}",
        f"/api/ab_test/{2**31}/status",
        f"/api/evaluations/ratings?report_id={2**63}",
        f"/api/runs/0193a1f0-0000-7000-8000-000000000000/events?after={2**63}",
        f"/api/news/{'9' * 5000}",
        "/api/calendar?since=0000-01-01",
        "/api/calendar?since=10000-01-01",
    ],
)
async def test_an_id_beyond_its_column_is_refused(client: httpx.AsyncClient, world: World, path: str) -> None:
    assert (await client.get(path)).status_code == 422


UNKNOWN = "999999"
WORK: list[tuple[str, dict[str, Any], int, str]] = [
    ("generate_predictions", {"stock_codes": ["005930", UNKNOWN, "999998"]}, 422, "999998, 999999"),
    ("generate_reports", {"stock_codes": [UNKNOWN]}, 422, UNKNOWN),
    ("load_history", {"stock_codes": [UNKNOWN], "days": 1}, 422, UNKNOWN),
    ("backtest", {"stock_codes": [UNKNOWN]}, 422, UNKNOWN),
    ("initial_analysis", {"stock_code": UNKNOWN}, 422, UNKNOWN),
    ("backtest", {"models": ["gated", "gatde"], "report": True}, 422, "gatde"),
    ("backfill_model", {"model": "gatde"}, 404, "gatde"),
    ("backtest", {"first": "0001-01-01", "last": "2026-01-01"}, 422, "first"),
    ("backtest", {"first": "0026-01-02", "last": "2026-01-02"}, 422, "first"),
    ("backtest", {"first": "1995-01-02", "last": "2026-01-02"}, 422, "oldest price"),
    ("backtest", {"first": "2026-01-02", "last": "9999-12-31"}, 422, "last"),
    ("audit_predictions", {"prediction_ids": [2**63]}, 422, "prediction_ids.0"),
    ("audit_predictions", {"prediction_ids": [1, 0]}, 422, "prediction_ids.1"),
]


@pytest.mark.parametrize("work", WORK, ids=lambda work: f"{work[0]} {work[3]}")
async def test_work_on_what_does_not_exist_is_refused_and_named(
    writer: httpx.AsyncClient, world: World, database: Database, work: tuple[str, dict[str, Any], int, str]
) -> None:
    kind, arguments, status, named = work
    before = await count_runs(database)
    answer = await writer.post(f"/api/jobs/{kind}/runs", json={"arguments": arguments})
    assert answer.status_code == status, answer.text
    assert named in problem_of(answer)["detail"]
    assert await count_runs(database) == before


async def test_work_on_stocks_that_are_watched_is_accepted(
    writer: httpx.AsyncClient, world: World, database: Database
) -> None:
    arguments = {"stock_codes": ["005930"]}
    for kind in ("generate_predictions", "generate_reports", "load_history", "backtest"):
        assert (await writer.post(f"/api/jobs/{kind}/runs", json={"arguments": arguments})).status_code == 202


async def test_a_stock_that_is_watched_no_more_is_named_too(
    writer: httpx.AsyncClient, world: World, database: Database
) -> None:
    async with database.write() as session:
        await session.execute(text("UPDATE stocks SET state = 'paused' WHERE code = '005930'"))
    for path, body, status in (
        ("/api/reports", {"stock_code": "005930"}, 409),
        ("/api/prediction", {"stock_code": "005930"}, 409),
        ("/api/jobs/generate_reports/runs", {"arguments": {"stock_codes": ["005930"]}}, 422),
    ):
        answer = await writer.post(path, json=body)
        assert (path, answer.status_code, "005930" in problem_of(answer)["detail"]) == (path, status, True)


async def test_a_retry_of_work_on_a_stock_that_is_gone_is_refused(
    writer: httpx.AsyncClient, world: World, database: Database
) -> None:
    run = (await writer.post("/api/jobs/generate_reports/runs", json={"arguments": {"stock_codes": ["005930"]}})).json()
    await writer.post(f"/api/runs/{run['id']}/cancel")
    async with database.write() as session:
        await session.execute(text("UPDATE stocks SET state = 'paused' WHERE code = '005930'"))
    answer = await writer.post(f"/api/runs/{run['id']}/retry", json={})
    assert (answer.status_code, "005930" in problem_of(answer)["detail"]) == (422, True)


async def count_runs(database: Database) -> int:
    async with database.read() as session:
        return int(await session.scalar(text("SELECT count(*) FROM runs")) or 0)
