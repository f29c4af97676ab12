"""/metrics: what health tells as numbers, and the requests of this instance."""

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from backend.db.session import Database
from tests.factories import World, add_heartbeat


async def scrape(client: httpx.AsyncClient) -> dict[str, float]:
    """Sample (with its labels but the process) -> value, as Prometheus itself would read it."""
    answer = await client.get("/metrics")
    assert answer.status_code == httpx.codes.OK
    assert answer.headers["content-type"].startswith("text/plain")
    samples = [sample for family in text_string_to_metric_families(answer.text) for sample in family.samples]
    keys = ("job", "source", "status")
    return {".".join([s.name, *(s.labels[key] for key in keys if key in s.labels)]): s.value for s in samples}


async def test_requests_are_counted_by_their_status(client: httpx.AsyncClient, world: World) -> None:
    before = await scrape(client)
    await client.get("/api/stocks")
    assert (await client.get("/api/stocks/999999")).status_code == httpx.codes.NOT_FOUND
    after = await scrape(client)
    counted = "azak_request_seconds_count"
    grown = {status: after[f"{counted}.{status}"] - before.get(f"{counted}.{status}", 0) for status in ("200", "404")}
    assert grown == {"200": 2, "404": 1}  # the scrape before is one of them


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
    read = {name.partition(".")[0] for name in await scrape(client) if name.startswith("azak_")}
    assert read - {"azak_job_overdue"} == {
        "azak_database_reachable", "azak_health_reasons", "azak_scheduler_active",
        "azak_scheduler_heartbeat_age_seconds", "azak_source_well", "azak_source_newest_age_seconds",
        "azak_request_seconds_bucket", "azak_request_seconds_count", "azak_request_seconds_sum",
    }  # fmt: skip


@pytest.mark.parametrize(("state", "active"), [("active", 1), ("stopped", 0)])
async def test_a_scheduler_that_stopped_is_not_active(
    client: httpx.AsyncClient, database: Database, state: str, active: int
) -> None:
    async with database.write() as session:
        await add_heartbeat(session, state=state)
    assert (await scrape(client))["azak_scheduler_active"] == active
