"""The schedule and the runs as people change them: pause, interval, run now, cancel, try again."""

import uuid
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select, update

from backend import clock
from backend.db.session import Database
from backend.db.tables.processes import Leader
from backend.db.tables.runs import Job, Run
from backend.domain.runs import Origin
from backend.services.runs import runs
from tests.factories import World, add


@pytest.fixture
async def crawl(database: Database) -> str:
    async with database.write() as session:
        await add(session, Job, id="crawl_news", cron="*/10 * * * *")
    return "/api/jobs/crawl_news"


async def add_run(database: Database, state: str = "queued", **more: Any) -> uuid.UUID:
    """A run of its own arguments in any state."""
    async with database.write() as session:
        given = {"kind": "load_history", "arguments": {"days": 5}, "origin": Origin.API} | more
        accepted = await runs.accept(session, **given)
        await session.execute(update(Run).where(Run.id == accepted.id).values(state=state))
    return accepted.id


async def count_runs(database: Database) -> int:
    async with database.read() as session:
        return await session.scalar(select(func.count()).select_from(Run)) or 0


async def test_a_job_is_paused_and_resumed(writer: httpx.AsyncClient, crawl: str) -> None:
    paused = (await writer.patch(crawl, json={"paused": True})).json()
    assert (paused["paused_by"], paused["paused_at"] is not None) == ("key", True)
    assert (await writer.patch(crawl, json={"paused": True})).json()["paused_at"] == paused["paused_at"]
    resumed = await writer.patch(crawl, json={"paused": False})
    assert (resumed.status_code, resumed.json()["paused_at"], resumed.json()["paused_by"]) == (200, None, None)


async def test_a_job_gets_another_schedule_and_its_own_back(writer: httpx.AsyncClient, crawl: str) -> None:
    often = (await writer.patch(crawl, json={"interval_minutes": 5})).json()
    assert (often["interval_minutes"], often["custom_cron"], often["changed_by"]) == (5, None, "key")
    line = (await writer.patch(crawl, json={"cron": "*/5 9-15 * * mon-fri", "paused": True})).json()
    assert (line["interval_minutes"], line["custom_cron"], line["cron"]) == (
        None, "*/5 9-15 * * mon-fri", "*/10 * * * *",
    )  # fmt: skip
    own = (await writer.patch(crawl, json={"cron": None})).json()
    assert (own["interval_minutes"], own["custom_cron"], own["paused_by"]) == (None, None, "key")
    (listed,) = (await writer.get("/api/jobs")).json()["items"]
    assert listed == own


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({}, "name what to change"),
        ({"interval_minutes": 0}, "greater than or equal to 1"),
        ({"interval_minutes": 5, "cron": "* * * * *"}, "not both"),
        ({"cron": "every day"}, "2 fields"),
        ({"cron": "60 * * * *"}, "minute '60' is not within 0 to 59"),
        ({"cron": "* * * * 1"}, "mon, tue"),
        ({"cron": "0 0 31 2 *"}, "never comes"),
        ({"surprise": 1}, "Extra inputs"),
    ],
)
async def test_a_bad_schedule_is_refused(
    writer: httpx.AsyncClient, crawl: str, change: dict[str, Any], says: str
) -> None:
    answer = await writer.patch(crawl, json=change)
    assert (answer.status_code, says in answer.text) == (422, True), answer.text
    (job,) = (await writer.get("/api/jobs")).json()["items"]
    assert (job["custom_cron"], job["interval_minutes"], job["changed_at"]) == (None, None, None)


async def test_unknown_jobs_and_wrong_arguments_are_refused_before_anything_is_stored(
    writer: httpx.AsyncClient, database: Database, crawl: str
) -> None:
    assert (await writer.patch("/api/jobs/no_such_job", json={"paused": True})).status_code == 404
    unknown = await writer.post("/api/jobs/no_such_job/runs", json={})
    assert (unknown.status_code, "crawl_news" in unknown.json()["detail"]) == (404, True)
    for job, arguments in (("crawl_news", {"x": 1}), ("backtest", {"sessions": 0}), ("backtest", {"stock_codes": [1]})):
        assert (await writer.post(f"/api/jobs/{job}/runs", json={"arguments": arguments})).status_code == 422
    assert await count_runs(database) == 0


async def test_who_acts_since_when(client: httpx.AsyncClient, database: Database, crawl: str) -> None:
    assert (await client.get("/api/jobs")).json()["scheduler"] is None
    now = clock.now()
    async with database.write() as session:
        ends = now + timedelta(minutes=1)
        await add(session, Leader, id=1, holder="one:1:a", epoch=3, acquired_at=now, expires_at=ends)
    scheduler = (await client.get("/api/jobs")).json()["scheduler"]
    assert (scheduler["holder"], scheduler["epoch"], scheduler["expired"]) == ("one:1:a", 3, False)


async def test_a_waiting_run_is_cancelled_at_once_and_a_running_one_is_asked(
    writer: httpx.AsyncClient, database: Database
) -> None:
    waiting, running = await add_run(database), await add_run(database, "running", arguments={})
    cancelled = await writer.post(f"/api/runs/{waiting}/cancel")
    assert (cancelled.status_code, cancelled.json()["state"]) == (200, "cancelled")
    asked = (await writer.post(f"/api/runs/{running}/cancel")).json()
    assert (asked["state"], asked["cancel_requested_by"]) == ("running", "key")
    again = await writer.post(f"/api/runs/{waiting}/cancel")
    assert (again.status_code, "start a new one" in again.json()["detail"]) == (409, True)
    assert (await writer.post(f"/api/runs/{uuid.uuid4()}/cancel")).status_code == 404


@pytest.mark.parametrize("state", ["failed", "dead", "cancelled", "expired"])
async def test_what_did_not_succeed_is_tried_again_as_a_new_run(
    writer: httpx.AsyncClient, database: Database, state: str
) -> None:
    first = await add_run(database, state)
    answer = await writer.post(f"/api/runs/{first}/retry", headers={"Idempotency-Key": "again"})
    run = answer.json()
    assert (answer.status_code, answer.headers["location"]) == (202, f"/api/runs/{run['id']}")
    assert (run["retry_of"], run["kind"], run["arguments"], run["origin"]) == (
        str(first), "load_history", {"days": 5}, "retry",
    )  # fmt: skip
    twice = await writer.post(f"/api/runs/{first}/retry", headers={"Idempotency-Key": "again"})
    assert twice.json()["id"] == run["id"]


@pytest.mark.parametrize("state", ["queued", "running", "retry", "succeeded"])
async def test_what_is_open_or_succeeded_is_not_tried_again(
    writer: httpx.AsyncClient, database: Database, state: str
) -> None:
    run_id = await add_run(database, state)
    assert (await writer.post(f"/api/runs/{run_id}/retry")).status_code == 409
    assert await count_runs(database) == 1


async def test_runs_are_filtered(client: httpx.AsyncClient, database: Database, world: World) -> None:
    failed = await add_run(database, "failed")
    await add_run(database, "queued", kind="crawl_news", arguments={}, origin=Origin.CLOCK)
    for wanted in ({"state": "failed"}, {"kind": "load_history"}, {"origin": "api", "state": "failed"}):
        items = (await client.get("/api/runs", params=wanted)).json()["items"]
        assert [item["id"] for item in items] == [str(failed)], wanted
    hour_ago, soon = (clock.now() + timedelta(hours=hours) for hours in (-1, 1))
    assert (await client.get("/api/runs", params={"until": hour_ago.isoformat()})).json()["items"] == []
    now: dict[str, Any] = {"since": hour_ago.isoformat(), "until": soon.isoformat(), "limit": 200}
    assert len((await client.get("/api/runs", params=now)).json()["items"]) == await count_runs(database)
    assert (await client.get("/api/runs", params={"since": "2026-11-01T00:00:00"})).status_code == 422
