"""The split, with real processes killed by real signals: nobody notices when the other side is away."""

import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from backend import clock
from tests.fixtures.database import free_port
from tests.fixtures.installation import START_WITHIN_S, Installation, wait_until

STOCK = "005930"
Start = Callable[[], "subprocess.Popen[bytes]"]


@pytest.fixture(scope="module")
def apis(demo_database: Installation) -> Iterator[list["subprocess.Popen[bytes]"]]:
    """Two API instances on one port."""
    with ExitStack() as stack:
        ready = f"{demo_database.api}/readyz"
        yield [
            stack.enter_context(demo_database.process(f"api-{number}", "-m", "backend.main", ready=ready))
            for number in range(2)
        ]


@pytest.fixture(scope="module")
def running_scheduler(demo_database: Installation, apis: object) -> Iterator[Start]:
    """Gives the scheduler that runs, alive or ready; starts one where none does. It runs on into the next test.

    Without its clock and torch: each start would spend ten seconds on them, and no test here looks at either.
    """
    demo_database.environment |= {
        "AZAK_SCHEDULER_LEASE_TTL_S": "4", "AZAK_SCHEDULER_CLOCK": "false", "AZAK_MODELS_ENGINE": "light",
    }  # fmt: skip
    ready = f"http://127.0.0.1:{demo_database.ports['scheduler']}/livez"
    started: list[subprocess.Popen[bytes]] = []
    with ExitStack() as stack:

        def running() -> "subprocess.Popen[bytes]":
            if not started or started[-1].poll() is not None:
                process = demo_database.process("scheduler", "-m", "backend.scheduler_main", ready=ready)
                started.append(stack.enter_context(process))
            return started[-1]

        yield running


@pytest.fixture
def scheduler(demo_database: Installation, running_scheduler: Start) -> "subprocess.Popen[bytes]":
    """The active scheduler with its models loaded; after a kill in the test before, that takes a lease."""
    process = running_scheduler()
    wait_until(lambda: demo_database.scheduler_health()["role"] == "active", START_WITHIN_S)
    wait_until(lambda: demo_database.scheduler_health()["models"]["state"] == "ready")
    return process


def test_a_killed_scheduler_costs_no_read_and_no_request(
    demo_database: Installation, scheduler: "subprocess.Popen[bytes]", running_scheduler: Start
) -> None:
    scheduler.kill()
    scheduler.wait(10)
    for path in ("/api/stocks", "/api/news", "/api/prediction", "/api/dashboard", "/api/health", "/readyz"):
        demo_database.get(path)
    answer = demo_database.post("/api/prediction", {"stock_code": STOCK})
    assert (answer.status_code, answer.json()["deferred"]) == (httpx.codes.ACCEPTED, True)
    running_scheduler()
    run = demo_database.run_to_end(answer.json()["id"])
    assert (run["state"], run["deferred"]) == ("succeeded", True)


def test_the_orders_of_an_outage_run_once_and_those_that_expired_do_not(
    demo_database: Installation, scheduler: "subprocess.Popen[bytes]", running_scheduler: Start
) -> None:
    hasty = replace(demo_database, ports=demo_database.ports | {"api": free_port()})
    hasty.environment = demo_database.environment | {
        "AZAK_API_PORT": str(hasty.ports["api"]), "AZAK_API_DEFERRED_EXPIRY_S": "0.5",
    }  # fmt: skip
    scheduler.kill()
    scheduler.wait(10)
    codes = [stock["code"] for stock in demo_database.get("/api/stocks", limit=12)["items"]]

    def order(api: Installation, path: str, code: str) -> dict[str, Any]:
        run: dict[str, Any] = api.post(path, {"stock_code": code}).json()
        assert run["deferred"]
        return run

    wanted = [order(demo_database, path, code) for path in ("/api/reports", "/api/prediction") for code in codes[:10]]
    with hasty.process("api-hasty", "-m", "backend.main", ready=f"{hasty.api}/readyz"):
        too_late = [order(hasty, "/api/reports", code) for code in codes[10:]]
    wait_until(lambda: all(clock.now() > datetime.fromisoformat(run["expires_at"]) for run in too_late))
    running_scheduler()
    ended = [demo_database.run_to_end(run["id"]) for run in (*wanted, *too_late)]
    assert len(wanted) == len({run["id"] for run in wanted}) == 20
    assert [(run["state"], run["attempt"]) for run in ended[:20]] == [("succeeded", 1)] * 20
    assert [(run["state"], run["attempt"]) for run in ended[20:]] == [("expired", 0)] * 2


def test_work_running_when_the_scheduler_dies_is_done_by_the_next(
    demo_database: Installation, scheduler: "subprocess.Popen[bytes]", running_scheduler: Start
) -> None:
    answer = demo_database.post("/api/jobs/backtest/runs", {"arguments": {"sessions": 30}})
    run_id = answer.json()["id"]
    wait_until(lambda: demo_database.get(f"/api/runs/{run_id}")["state"] == "running")
    scheduler.kill()
    scheduler.wait(10)
    killed_at = time.monotonic()
    running_scheduler()
    wait_until(lambda: demo_database.get(f"/api/runs/{run_id}")["attempt"] == 2, within_s=30)
    assert time.monotonic() - killed_at < 60
    assert demo_database.run_to_end(run_id)["state"] == "succeeded"


def test_the_model_process_dies_with_a_killed_scheduler(
    demo_database: Installation, scheduler: "subprocess.Popen[bytes]"
) -> None:
    pid = demo_database.scheduler_health()["models"]["pid"]
    assert Path(f"/proc/{pid}").exists()
    scheduler.kill()
    scheduler.wait(10)
    wait_until(lambda: not Path(f"/proc/{pid}").exists(), within_s=10)


def test_a_clean_stop_hands_over_at_once(
    demo_database: Installation, scheduler: "subprocess.Popen[bytes]", running_scheduler: Start
) -> None:
    scheduler.send_signal(signal.SIGINT)
    assert scheduler.wait(30) == 0
    running_scheduler()
    ready = f"http://127.0.0.1:{demo_database.ports['scheduler']}/readyz"
    wait_until(lambda: httpx.get(ready, timeout=2, trust_env=False, verify=False).is_success, START_WITHIN_S)
    assert demo_database.scheduler_health()["role"] == "active"


def test_one_api_instance_killed_the_other_serves(
    demo_database: Installation, apis: list["subprocess.Popen[bytes]"]
) -> None:
    apis[0].kill()
    apis[0].wait(10)
    for _ in range(20):
        demo_database.get("/api/stocks")
    assert apis[1].poll() is None
