"""Work that is asked for at the API is done by the scheduler as it is shipped, with torch in a process of its own."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.fixtures.installation import Installation, wait_until
from tests.fixtures.typed_client import EXAMPLE

STOCK = "005930"
UNSET_KEY = "AZAK_SOURCES_PUBLIC_DATA_KEY"


@pytest.fixture(scope="module", autouse=True)
def api(demo_database: Installation) -> Iterator["subprocess.Popen[bytes]"]:
    """The key of data.go.kr is not in its environment: `azak init` gives it one."""
    del demo_database.environment[UNSET_KEY]
    with demo_database.process("api", "-m", "backend.main", ready=f"{demo_database.api}/readyz") as process:
        yield process


@pytest.fixture(scope="module")
def scheduler(demo_database: Installation, api: object) -> Iterator["subprocess.Popen[bytes]"]:
    """One active scheduler with its models loaded, which no test here ends."""
    ready = f"http://127.0.0.1:{demo_database.ports['scheduler']}/readyz"
    with demo_database.process("scheduler", "-m", "backend.scheduler_main", ready=ready) as process:
        wait_until(lambda: demo_database.scheduler_health()["models"]["state"] == "ready")
        yield process


def test_a_report_is_asked_for_and_read(demo_database: Installation, scheduler: object) -> None:
    answer = demo_database.post("/api/reports", {"stock_code": STOCK})
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


def test_internal_api_needs_its_own_token(demo_database: Installation, scheduler: object) -> None:
    url = f"http://127.0.0.1:{demo_database.ports['scheduler']}/internal/generate-report"
    answer = httpx.post(url, json={"stock_code": STOCK}, headers=demo_database.key, trust_env=False, verify=False)
    assert answer.status_code == httpx.codes.UNAUTHORIZED
    assert "AZAK_SCHEDULER_TOKEN" in answer.json()["detail"]


def test_a_source_is_switched_off_and_on_while_azak_runs(demo_database: Installation, scheduler: object) -> None:
    def change(source: str, **body: object) -> httpx.Response:
        """Asked again while a busy scheduler does not answer in time, as the answer says."""
        url = f"{demo_database.api}/api/sources/{source}"

        def answered() -> httpx.Response | None:
            answer = httpx.patch(url, json=body, headers=demo_database.key, timeout=10, trust_env=False, verify=False)
            return None if answer.status_code == httpx.codes.SERVICE_UNAVAILABLE else answer

        found: httpx.Response = wait_until(answered)
        return found

    off = change("rss_mk", on=False)
    assert (off.status_code, off.json()["state"]) == (httpx.codes.OK, "off")
    assert off.json()["off"] == {"code": "switched_off", "setting": "AZAK_SOURCES_OFF"}
    demo_database.run_to_end(demo_database.post("/api/jobs/crawl_news/runs", {}).json()["id"])
    states = {row["id"]: row["state"] for row in demo_database.get("/api/sources")["items"]}
    assert (states["rss_mk"], states["rss_hankyung"]) == ("off", "ok")
    assert change("rss_mk", on=True).json()["off"] is None
    # The demo's processes have the stand-in's keys in their environment, which goes first.
    key = "K" * 40
    refused = change("dart", keys=[{"setting": "AZAK_SOURCES_DART_KEY", "value": key}])
    assert (refused.status_code, "change it there" in refused.json()["detail"]) == (httpx.codes.CONFLICT, True)
    short = change("dart", keys=[{"setting": "AZAK_SOURCES_DART_KEY", "value": "K7" * 3}])
    assert (short.status_code, "K7K7" in short.text) == (httpx.codes.UNPROCESSABLE_ENTITY, False)
    assert change("nowhere", on=True).status_code == httpx.codes.NOT_FOUND
    logs = "".join(path.read_text() for path in (demo_database.data_dir / "logs").glob("*.jsonl"))
    assert key not in logs + demo_database.output


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
    assert all(re.fullmatch(r"±\d+\.\d% \(usually ±\d+\.\d%\)", row[12]) for row in rows), rows[0]
    written = azak(demo_database, "report", "삼전")
    assert (written.returncode, re.findall(r"\\|/api/|\*\*", written.stdout)) == (0, []), written.stderr
    assert "뉴스 " in written.stdout


def azak(installation: Installation, *arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "backend.cli", *arguments]
    options: dict[str, Any] = {"env": installation.environment, "cwd": installation.home, "timeout": 240}
    return subprocess.run(command, capture_output=True, text=True, check=False, **options)


def test_a_killed_model_process_costs_one_attempt_and_is_back(
    demo_database: Installation, scheduler: "subprocess.Popen[bytes]"
) -> None:
    pid = demo_database.scheduler_health()["models"]["pid"]
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: demo_database.scheduler_health()["models"]["pid"] not in {pid, None})
    run = demo_database.post("/api/prediction", {"stock_code": STOCK}).json()
    assert demo_database.run_to_end(run["id"])["state"] == "succeeded"
    assert scheduler.poll() is None


def test_a_file_is_read_by_the_scheduler_and_a_dry_run_stores_nothing(
    demo_database: Installation, scheduler: object, tmp_path: Path
) -> None:
    path = tmp_path / "bars.csv"
    path.write_text(
        "date,code,market,open,high,low,close,volume\n"
        "2026-07-06,900010,KOSDAQ,1000,1010,990,1005.5,500\n2026-07-07,900010,KOSDAQ,1005,1020,1000,1015,\n"
    )
    command = [sys.executable, "-m", "backend.cli", "import", "prices", str(path), "--dry-run", "--json"]
    key = demo_database.key["Authorization"].removeprefix("Bearer ")
    environment = demo_database.environment | {"AZAK_API_KEY": key}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["run"]["state"], told["result"]["counts"]["new"], told["result"]["refused"]) == (
        "succeeded", 1, {"missing_value": 1},
    )  # fmt: skip
    assert httpx.get(f"{demo_database.api}/api/stocks/900010", trust_env=False).status_code == httpx.codes.NOT_FOUND


def test_a_key_that_init_asks_for_is_used_and_tried_by_the_running_azak(
    demo_database: Installation, scheduler: object
) -> None:
    def public_data() -> Any:
        return next(row for row in demo_database.get("/api/sources")["items"] if row["id"] == "public_data")

    assert public_data()["off"] == {"code": "needs_key", "setting": UNSET_KEY}
    typed = subprocess.run(
        [sys.executable, "-m", "backend.cli", "init"], input="typed-key-1234\n", env=demo_database.environment,
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert typed.returncode == 0, typed.stderr
    assert re.search(r"public_data\s+ok", typed.stdout), typed.stdout
    assert (public_data()["off"], public_data()["state"]) == (None, "ok")
    file = demo_database.data_dir / "azak.env"
    assert (f"{UNSET_KEY}=typed-key-1234" in file.read_text(), file.stat().st_mode & 0o077) == (True, 0)
    said = typed.stdout + typed.stderr + (demo_database.home / "scheduler.log").read_text()
    assert "typed-key-1234" not in said
