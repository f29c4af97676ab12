"""The split, with real processes killed by real signals: nobody notices when the other side is away."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from backend import clock
from tests.fixtures.database import free_port
from tests.fixtures.installation import Installation, wait_until
from tests.fixtures.typed_client import EXAMPLE

STOCK = "005930"


@pytest.fixture(scope="module")
def apis(demo_database: Installation) -> Iterator[list["subprocess.Popen[bytes]"]]:
    """Two API instances on one port."""
    with ExitStack() as stack:
        ready = f"{demo_database.api}/readyz"
        yield [
            stack.enter_context(demo_database.process(f"api-{number}", "-m", "backend.main", ready=ready))
            for number in range(2)
        ]


@pytest.fixture
def scheduler(demo_database: Installation, apis: object) -> Iterator["subprocess.Popen[bytes]"]:
    """The active scheduler with its models loaded; after a kill in the test before, that takes a lease."""
    demo_database.environment["AZAK_SCHEDULER_LEASE_TTL_S"] = "4"
    ready = f"http://127.0.0.1:{demo_database.ports['scheduler']}/readyz"
    with demo_database.process("scheduler", "-m", "backend.scheduler_main", ready=ready) as process:
        wait_until(lambda: health(demo_database)["models"]["state"] == "ready")
        yield process


def health(installation: Installation) -> dict[str, Any]:
    url = f"http://127.0.0.1:{installation.ports['scheduler']}/health"
    state: dict[str, Any] = httpx.get(url, timeout=5, trust_env=False).json()
    return state


def test_a_report_is_asked_for_and_read(demo_database: Installation, scheduler: object) -> None:
    started = time.monotonic()
    answer = demo_database.post("/api/reports", {"stock_code": STOCK})
    assert time.monotonic() - started < 1
    assert answer.status_code == httpx.codes.ACCEPTED
    assert answer.headers["location"] == f"/api/runs/{answer.json()['id']}"
    assert demo_database.run_to_end(answer.json()["id"])["state"] == "succeeded"
    newest = demo_database.get("/api/reports", stock_code=STOCK)["items"][0]
    report = demo_database.get(f"/api/reports/{newest['id']}")
    assert "투자 권유가 아닌" in report["text_ko"]
    assert "not investment advice" in report["text_en"]


def test_a_program_with_the_generated_client_does_the_same(
    demo_database: Installation, scheduler: object, typed_client: Path
) -> None:
    key = demo_database.key["Authorization"].removeprefix("Bearer ")
    program = [sys.executable, str(EXAMPLE), demo_database.api]
    environment = demo_database.environment | {"PYTHONPATH": str(typed_client), "AZAK_API_KEY": key}
    done = subprocess.run([*program, STOCK], env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, "not investment advice" in done.stdout) == (0, True), done.stderr
    refused = subprocess.run(
        [*program, "999999"], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert (refused.returncode, "999999" in refused.stderr, "Traceback" in refused.stderr) == (1, True, False)


def test_a_killed_scheduler_costs_no_read_and_no_request(
    demo_database: Installation, scheduler: "subprocess.Popen[bytes]"
) -> None:
    scheduler.kill()
    scheduler.wait(10)
    for path in ("/api/stocks", "/api/news", "/api/prediction", "/api/dashboard", "/api/health", "/readyz"):
        demo_database.get(path)
    answer = demo_database.post("/api/prediction", {"stock_code": STOCK})
    assert (answer.status_code, answer.json()["deferred"]) == (httpx.codes.ACCEPTED, True)
    ready = f"http://127.0.0.1:{demo_database.ports['scheduler']}/livez"
    with demo_database.process("scheduler", "-m", "backend.scheduler_main", ready=ready):
        run = demo_database.run_to_end(answer.json()["id"])
        assert (run["state"], run["deferred"]) == ("succeeded", True)


def test_the_orders_of_an_outage_run_once_and_those_that_expired_do_not(
    demo_database: Installation, scheduler: "subprocess.Popen[bytes]"
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
    ready = f"http://127.0.0.1:{demo_database.ports['scheduler']}/livez"
    with demo_database.process("scheduler", "-m", "backend.scheduler_main", ready=ready):
        ended = [demo_database.run_to_end(run["id"]) for run in (*wanted, *too_late)]
    assert len(wanted) == len({run["id"] for run in wanted}) == 20
    assert [(run["state"], run["attempt"]) for run in ended[:20]] == [("succeeded", 1)] * 20
    assert [(run["state"], run["attempt"]) for run in ended[20:]] == [("expired", 0)] * 2


def test_work_running_when_the_scheduler_dies_is_done_by_the_next(
    demo_database: Installation, scheduler: "subprocess.Popen[bytes]"
) -> None:
    answer = demo_database.post("/api/jobs/backtest/runs", {"arguments": {"sessions": 80}})
    run_id = answer.json()["id"]
    wait_until(lambda: demo_database.get(f"/api/runs/{run_id}")["state"] == "running")
    scheduler.kill()
    scheduler.wait(10)
    killed_at = time.monotonic()
    ready = f"http://127.0.0.1:{demo_database.ports['scheduler']}/livez"
    with demo_database.process("scheduler", "-m", "backend.scheduler_main", ready=ready):
        wait_until(lambda: demo_database.get(f"/api/runs/{run_id}")["attempt"] == 2, within_s=30)
        assert time.monotonic() - killed_at < 60
        assert demo_database.run_to_end(run_id)["state"] == "succeeded"


def test_the_model_process_dies_with_a_killed_scheduler(
    demo_database: Installation, scheduler: "subprocess.Popen[bytes]"
) -> None:
    pid = health(demo_database)["models"]["pid"]
    assert Path(f"/proc/{pid}").exists()
    scheduler.kill()
    scheduler.wait(10)
    wait_until(lambda: not Path(f"/proc/{pid}").exists(), within_s=10)


def test_a_killed_model_process_costs_one_attempt_and_is_back(
    demo_database: Installation, scheduler: "subprocess.Popen[bytes]"
) -> None:
    pid = health(demo_database)["models"]["pid"]
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: health(demo_database)["models"]["pid"] not in {pid, None})
    run = demo_database.post("/api/prediction", {"stock_code": STOCK}).json()
    assert demo_database.run_to_end(run["id"])["state"] == "succeeded"
    assert scheduler.poll() is None


def test_a_clean_stop_hands_over_at_once(demo_database: Installation, scheduler: "subprocess.Popen[bytes]") -> None:
    scheduler.send_signal(signal.SIGINT)
    assert scheduler.wait(30) == 0
    ready = f"http://127.0.0.1:{demo_database.ports['scheduler']}/readyz"
    with demo_database.process("scheduler", "-m", "backend.scheduler_main", ready=ready):
        assert health(demo_database)["role"] == "active"


def test_scheduler_process_itself_never_loads_torch(
    demo_database: Installation, scheduler: "subprocess.Popen[bytes]"
) -> None:
    demo_database.run_to_end(demo_database.post("/api/prediction", {"stock_code": STOCK}).json()["id"])
    mapped = Path(f"/proc/{scheduler.pid}/maps").read_text()
    assert "libtorch" not in mapped
    assert "numpy" not in mapped


def test_the_record_on_the_command_line(demo_database: Installation, scheduler: object) -> None:
    """A backtest prints figures and leaves its diagram; an audit says how many predictions come out again."""
    scored = demo_database.get("/api/evaluations/base/daily", mode="backtest", limit=1)["items"]
    last = scored[0]["trade_date"]
    backtest = azak(demo_database, "backtest", "--from", last, "--to", last, "--models", "base,gated", "--json")
    result = json.loads(backtest.stdout)
    assert {row["model"] for row in result["rows"]} == {"base", "gated"}
    assert (Path(result["directory"]) / "reliability.svg").exists()
    audit = azak(demo_database, "audit", "--mode", "backtest", "--sample", "3")
    said = re.search(r"(\d+) are reproduced, (\d+) differ", audit.stdout)
    assert said is not None, audit.stdout + audit.stderr
    assert (int(said[1]) + int(said[2]), audit.returncode) == (3, min(1, int(said[2])))


def test_a_stock_is_predicted_and_described_by_name(demo_database: Installation, scheduler: object) -> None:
    """All models and horizons with their record, and a report without markup."""
    predicted = azak(demo_database, "predict", "삼성전자")
    rows = [line.split("\t") for line in predicted.stdout.splitlines()]
    assert predicted.returncode == 0, predicted.stderr
    assert len(rows) == len({(row[3], row[4]) for row in rows}) >= 18
    assert all(row[1:3] == [STOCK, "삼성전자"] for row in rows)
    assert all("% of " in row[11] for row in rows), "each model has a record after the fill"
    written = azak(demo_database, "report", "삼전")
    assert (written.returncode, re.findall(r"\\|/api/|\*\*", written.stdout)) == (0, []), written.stderr
    assert "뉴스 " in written.stdout


def azak(installation: Installation, *arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "backend.cli", *arguments]
    options: dict[str, Any] = {"env": installation.environment, "cwd": installation.home, "timeout": 240}
    return subprocess.run(command, capture_output=True, text=True, check=False, **options)


def test_one_api_instance_killed_the_other_serves(
    demo_database: Installation, apis: list["subprocess.Popen[bytes]"]
) -> None:
    apis[0].kill()
    apis[0].wait(10)
    for _ in range(20):
        demo_database.get("/api/stocks")
    assert apis[1].poll() is None


def test_internal_api_needs_its_own_token(demo_database: Installation, scheduler: object) -> None:
    url = f"http://127.0.0.1:{demo_database.ports['scheduler']}/internal/generate-report"
    answer = httpx.post(url, json={"stock_code": STOCK}, headers=demo_database.key, trust_env=False)
    assert answer.status_code == httpx.codes.UNAUTHORIZED
    assert "AZAK_SCHEDULER_TOKEN" in answer.json()["detail"]
