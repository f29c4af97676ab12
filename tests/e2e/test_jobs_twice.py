"""Every job twice in a row over a world that stands still: the second time writes nothing, table by table."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import asyncpg
import pytest

from backend import clock
from tests.fixtures.installation import Installation, outside_world, wait_until

# In the order of a day, so that each finds what the one before it left.
JOBS = (
    "refresh_stocks", "crawl_news", "collect_prices", "embed_news", "collect_daily_bars", "collect_minute_bars",
    "match_impacts", "train_models",
    "generate_predictions", "evaluate_predictions", "aggregate_performance", "generate_reports", "housekeeping",
)  # fmt: skip
# The ledger and signs of life: a run that writes nothing is still a run, and the order that asked for it is audited.
LEDGER = {
    "audit",
    "runs",
    "run_events",
    "stream_events",
    "jobs",
    "leader",
    "heartbeats",
    "workers",
    "sources",
    "idempotency_keys",
    "alembic_version",
}
OPEN = ("queued", "running", "retry")


@pytest.fixture(scope="module")
def still_world(filled_demo: Installation) -> Iterator[Installation]:
    with ExitStack() as stack:
        moment = clock.now().isoformat(timespec="seconds")
        installation = stack.enter_context(outside_world(filled_demo, "--frozen-at", moment))
        installation.environment["AZAK_SCHEDULER_CLOCK"] = "false"
        ready = f"{installation.api}/readyz"
        stack.enter_context(installation.process("api", "-m", "backend.main", ready=ready))
        ready = f"http://127.0.0.1:{installation.ports['scheduler']}/readyz"
        stack.enter_context(installation.process("scheduler", "-m", "backend.scheduler_main", ready=ready))
        yield installation


def run_all(world: Installation) -> dict[str, int]:
    """Run each job to its end, with the runs that follow it; returns job -> rows written."""
    written: dict[str, int] = {}
    for job in JOBS:
        run = world.run_to_end(world.post(f"/api/jobs/{job}/runs", {"arguments": {}}).json()["id"])
        assert run["state"] in {"succeeded", "skipped"}, run["error"]
        written[job] = 0 if run["state"] == "skipped" else run["counts"]["written"]
        wait_until(lambda: not any(world.get("/api/runs", state=state)["items"] for state in OPEN))
    return written


async def fingerprints(world: Installation) -> dict[str, str]:
    """Table -> hash of the physical versions of its rows: an update to equal values shows too."""
    connection = await asyncpg.connect(world.database_url)
    try:
        names = await connection.fetch("SELECT relname FROM pg_stat_user_tables WHERE schemaname = 'public' ORDER BY 1")
        tables = [row["relname"] for row in names if row["relname"] not in LEDGER]
        version = "md5(coalesce(string_agg(xmin::text || ctid::text, ',' ORDER BY ctid), ''))"
        return {table: await connection.fetchval(f"SELECT {version} FROM {table}") for table in tables}
    finally:
        await connection.close()


async def test_the_second_pass_writes_nothing(still_world: Installation) -> None:
    run_all(still_world)
    before = await fingerprints(still_world)
    written: dict[str, Any] = run_all(still_world)
    after = await fingerprints(still_world)
    assert {job: rows for job, rows in written.items() if rows} == {}
    assert [table for table in before if before[table] != after.get(table)] == []
    assert len(after) >= 18


def test_every_source_answers_its_check_or_says_what_it_needs(still_world: Installation) -> None:
    run = still_world.run_to_end(still_world.post("/api/jobs/check_sources/runs", {"arguments": {}}).json()["id"])
    assert run["state"] == "succeeded", run["error"]
    told = [event["data"] for event in still_world.get(f"/api/runs/{run['id']}/events")["items"]]
    results = {line["source"]: line["result"] for line in told if line and "result" in line}
    assert results.pop("naver_search_legacy") == "off"
    assert set(results.values()) == {"ok"}
    assert {"kis", "kis_news", "kis_master", "dart", "dart_rss", "public_data", "naver_search"} <= results.keys()
