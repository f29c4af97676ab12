"""The API as a real process: light, quick to start, several on one port, and none missed when one dies."""

import json
import re
import signal
import time
from pathlib import Path

import httpx
import pytest

from backend.config import ApiSettings, Settings
from backend.db.migrations import head_revision
from backend.db.revision import newest_revision
from backend.errors import ConfigurationError
from backend.web import bind_socket, require_safe_host
from tests.factories import World
from tests.fixtures.api_process import instances, python

ROOT = Path(__file__).resolve().parents[2]
FORBIDDEN = ("torch", "transformers", "numpy", "sklearn", "apscheduler", "pgqueuer", "holidays", "feedparser")
OURS = (
    "krx", "models", "sources", "text", "reports.fact_sheet", "reports.report_template", "reports.llm", "pipelines",
    "stats", "scheduler", "scheduler_main", "demo",
)  # fmt: skip
RESIDENT_LIMIT_MIB = 110


def test_a_fresh_interpreter_imports_no_model_and_no_job(compiled: dict[str, str]) -> None:
    loaded = set(json.loads(python(compiled, "import backend.main, json, sys; print(json.dumps(list(sys.modules)))")))
    assert "backend.main" in loaded
    assert not loaded & {*FORBIDDEN, *(f"backend.{name}" for name in OURS)}


def test_newest_revision_is_alembics() -> None:
    assert newest_revision() == head_revision()


def resident_mib(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    assert found is not None
    return int(found[1]) / 1024


async def test_memory_after_two_hundred_requests(settings: Settings, world: World, compiled: dict[str, str]) -> None:
    paths = ["/api/dashboard", "/api/news", "/api/prediction", "/api/stocks", "/api/evaluations", "/api/jobs",
             "/api/runs", "/api/reports", "/api/health", "/"]  # fmt: skip
    # The first start compiles what only a serving process imports; its memory is not what people have.
    for _ in range(2):
        with instances(settings, compiled, 1) as (address, (process,)):
            async with httpx.AsyncClient(base_url=address, verify=False) as client:
                for number in range(200):
                    assert (await client.get(paths[number % len(paths)])).status_code == 200
            resident = resident_mib(process.pid)
    assert resident <= RESIDENT_LIMIT_MIB


async def test_one_instance_is_killed_and_the_other_serves(
    settings: Settings, world: World, compiled: dict[str, str]
) -> None:
    with instances(settings, compiled, 2) as (address, (first, second)):
        first.send_signal(signal.SIGKILL)
        first.wait(10)
        for _ in range(50):
            # A new connection each time: the kernel chooses the instance.
            async with httpx.AsyncClient(verify=False) as client:
                assert (await client.get(f"{address}/api/stocks")).status_code == 200
        second.send_signal(signal.SIGINT)
        started = time.monotonic()
        lines = second.communicate(timeout=10)[0].decode().splitlines()
        assert (second.returncode, time.monotonic() - started < 8) == (0, True)
        served = [json.loads(line) for line in lines if '"event":"request"' in line]
        assert [line["path"] for line in served] == ["/api/stocks"] * 50
        assert all(line["request_id"] for line in served)


def test_another_host_needs_a_key() -> None:
    with pytest.raises(ConfigurationError, match="AZAK_API_KEY"):
        require_safe_host(ApiSettings(host="0.0.0.0"))
    require_safe_host(ApiSettings(host="0.0.0.0", key="k"))
    require_safe_host(ApiSettings(host="::1"))


def test_taken_port_is_refused_with_a_remedy() -> None:
    with bind_socket("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with bind_socket("127.0.0.1", port):
            pass  # shared with an instance of ours
    with pytest.raises(ConfigurationError, match="set another port"):
        bind_socket("192.0.2.1", port)  # an address this machine does not have
