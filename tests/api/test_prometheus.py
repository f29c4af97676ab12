"""/metrics: what health tells as numbers, and the requests of this instance."""

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from backend.db.session import Database
from backend.domain.operations import Reason
from backend.domain.runs import Origin
from backend.services.operations.delivery import alarms, outbox
from backend.services.runs import runs
from tests.factories import World, add_heartbeat


async def scrape(client: httpx.AsyncClient) -> dict[str, float]:
    """Sample (with its labels but the process) -> value, as Prometheus itself would read it."""
    answer = await client.get("/metrics")
    assert answer.status_code == httpx.codes.OK
    assert answer.headers["content-type"].startswith("text/plain")
    samples = [sample for family in text_string_to_metric_families(answer.text) for sample in family.samples]
    keys = ("job", "source", "route", "status", "loop", "pool", "state", "channel")
    return {".".join([s.name, *(s.labels[key] for key in keys if key in s.labels)]): s.value for s in samples}


async def test_requests_are_counted_by_their_route_and_status(client: httpx.AsyncClient, world: World) -> None:
    before = await scrape(client)
    for _ in range(2):  # the second one runs a kept plan, without FastAPI's routing
        await client.get("/api/stocks")
    assert (await client.get("/api/stocks/999999")).status_code == httpx.codes.NOT_FOUND
    assert (await client.get("/api/no-such-thing-0123456789")).status_code == httpx.codes.NOT_FOUND
    after = await scrape(client)
    counted = "azak_request_seconds_count."
    grown = {
        name.removeprefix(counted): count
        for name, now in after.items()
        if name.startswith(counted) and (count := now - before.get(name, 0))
    }
    assert grown == {"/metrics.200": 1, "/api/stocks.200": 2, "/api/stocks/{code}.404": 1, "other.404": 1}


async def test_the_readings_are_those_of_health(client: httpx.AsyncClient, database: Database, world: World) -> None:
    read, told = await scrape(client), (await client.get("/api/health")).json()
    assert read["azak_database_reachable"] == 1
    assert read["azak_health_reasons"] == len(told["reasons"])
    assert read["azak_scheduler_active"] == (told["scheduler"]["state"] == "active")
    wells = {source["id"]: float(source["state"] == "ok") for source in told["sources"]}
    assert wells
    assert {name: read[f"azak_source_well.{name}"] for name in wells} == wells


async def test_the_names_that_alerts_are_written_for(
    client: httpx.AsyncClient, database: Database, world: World
) -> None:
    async with database.write() as session:
        await add_heartbeat(session, state="active")
        await runs.accept(session, kind="crawl_news", arguments={}, origin=Origin.API)
        await alarms.record(session, [Reason("disk-low", "seoul", "Full.")], gone=(), channels=["slack"])
        await outbox.claim(session, "slack")
    assert (await scrape(client))["azak_runs_open.queued"] == 1
    assert (await scrape(client))["azak_deliveries_waiting.slack"] == 1
    of_work = "azak_run_seconds"  # counted by tests that executed runs in this process
    names = {name.partition(".")[0] for name in await scrape(client) if name.startswith("azak_")}
    read = {name for name in names if not name.startswith(of_work)}
    assert read - {"azak_job_overdue"} == {
        "azak_database_reachable", "azak_health_reasons", "azak_scheduler_active",
        "azak_scheduler_heartbeat_age_seconds", "azak_source_well", "azak_source_newest_age_seconds",
        "azak_request_seconds_bucket", "azak_request_seconds_count", "azak_request_seconds_sum",
        "azak_loop_age_seconds", "azak_event_loop_lag_seconds", "azak_clock_ahead_seconds", "azak_disk_free_bytes",
        "azak_log_lines_dropped", "azak_pool_connections", "azak_pool_connections_in_use",
        "azak_pool_connections_limit", "azak_runs_open", "azak_runs_open_oldest_seconds",
        "azak_deliveries_waiting",
    }  # fmt: skip


@pytest.mark.parametrize(("state", "active"), [("active", 1), ("stopped", 0)])
async def test_a_scheduler_that_stopped_is_not_active(
    client: httpx.AsyncClient, database: Database, state: str, active: int
) -> None:
    async with database.write() as session:
        await add_heartbeat(session, state=state)
    assert (await scrape(client))["azak_scheduler_active"] == active
