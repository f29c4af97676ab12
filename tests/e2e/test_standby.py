"""Two schedulers on one database: one acts, the other stands by, accepts work and takes over."""

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from backend.config import Settings
from tests.fixtures.database import free_port
from tests.fixtures.installation import Installation, wait_until

TOKEN = "a-token-of-the-test"
LEASE_S = 3

Start = Callable[[str], tuple["subprocess.Popen[bytes]", str]]


@pytest.fixture
def start(settings: Settings, data_dir: Path, tmp_path: Path) -> Iterator[Start]:
    """Starts a scheduler without a clock; returns its process and address."""
    assert settings.database.url is not None
    environment = os.environ | {
        "AZAK_DATABASE_URL": settings.database.url.get_secret_value(),
        "AZAK_DATA_DIR": str(data_dir),
        "AZAK_SCHEDULER_TOKEN": TOKEN,
        "AZAK_SCHEDULER_CLOCK": "false",
        "AZAK_MODELS_ENGINE": "light",
        "AZAK_SCHEDULER_LEASE_TTL_S": str(LEASE_S),
    }
    with ExitStack() as stack:

        def start_one(name: str) -> tuple["subprocess.Popen[bytes]", str]:
            port = free_port()
            installation = Installation(tmp_path, environment | {"AZAK_SCHEDULER_PORT": str(port)}, {})
            url = f"http://127.0.0.1:{port}"
            process = installation.process(name, "-m", "backend.scheduler_main", ready=f"{url}/livez")
            return stack.enter_context(process), url

        yield start_one


def state(url: str) -> dict[str, Any]:
    answer: dict[str, Any] = httpx.get(f"{url}/health", timeout=5, trust_env=False, verify=False).json()
    return answer


def test_the_second_stands_by_and_takes_over_from_a_killed_one(start: Start) -> None:
    first, first_url = start("first")
    wait_until(lambda: state(first_url)["role"] == "active")
    _, second_url = start("second")
    wait_until(lambda: state(second_url)["role"] == "standby")
    assert state(second_url)["models"]["pid"] is None
    first.kill()
    first.wait(10)
    # In one answer: on a busy machine the role may be lost again, which has no epoch.
    wait_until(lambda: (state(second_url)["epoch"] or 0) >= 2, within_s=LEASE_S + 40)


def test_a_frozen_scheduler_loses_its_role_and_knows_it_when_it_wakes(start: Start) -> None:
    first, first_url = start("first")
    wait_until(lambda: state(first_url)["role"] == "active")
    _, second_url = start("second")
    first.send_signal(signal.SIGSTOP)
    wait_until(lambda: state(second_url)["role"] == "active", within_s=LEASE_S + 40)
    first.send_signal(signal.SIGCONT)
    wait_until(lambda: state(first_url)["role"] == "standby", within_s=LEASE_S + 40)
    assert state(second_url)["role"] == "active"


def test_a_standby_accepts_work_that_the_active_one_does(start: Start) -> None:
    _, first_url = start("first")
    wait_until(lambda: state(first_url)["role"] == "active")
    _, second_url = start("second")
    wait_until(lambda: state(second_url)["role"] == "standby")
    answer = httpx.post(
        f"{second_url}/internal/runs",
        json={"kind": "housekeeping"},
        headers={"Authorization": f"Bearer {TOKEN}"},
        timeout=5,
        trust_env=False,
        verify=False,
    )
    assert (answer.status_code, answer.json()["created"]) == (httpx.codes.ACCEPTED, True)
    again = {
        "json": {"kind": "no_such"},
        "headers": {"Authorization": f"Bearer {TOKEN}"},
        "trust_env": False,
        "verify": False,
    }
    assert httpx.post(f"{second_url}/internal/runs", **again).status_code == httpx.codes.NOT_FOUND  # type: ignore[arg-type]
