"""Who gives way to whom, as the kernel tells it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from backend.config import Settings
from backend.models.process.client import ModelClient

_TELL = "import os; print(os.getpriority(os.PRIO_PROCESS, 0)); print(open('/proc/self/autogroup').read().strip())"
pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="autogroups are Linux's"),
    pytest.mark.skipif(not Path("/proc/self/autogroup").exists(), reason="a kernel without autogroups"),
]


def _told(*statements: str, leads: bool) -> list[str]:
    code = "; ".join(("from backend.priority import lower_priority", *statements))
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60, start_new_session=leads)
    return done.stdout.splitlines()


def _session_of(pid: int) -> str:
    return Path(f"/proc/{pid}/autogroup").read_text().strip()


def test_a_process_that_leads_its_session_lowers_the_session() -> None:
    nice, session = _told("lower_priority(15)", _TELL, leads=True)
    assert nice == "15"
    assert session.endswith(" nice 15")


def test_a_shell_that_started_it_keeps_its_own_priority() -> None:
    before = _session_of(os.getpid())
    nice, session = _told("lower_priority(15)", _TELL, leads=False)
    assert nice == "15"
    assert session == before


def test_nobody_gets_more_than_was_given() -> None:
    given = min(19, os.getpriority(os.PRIO_PROCESS, 0) + 12)  # the tests may run at a low priority themselves
    nice, session = _told("import os", "os.nice(12)", "lower_priority(5)", _TELL, leads=True)
    assert nice == str(given)
    assert session.endswith(f" nice {given}")


def test_zero_changes_nothing() -> None:
    before = os.getpriority(os.PRIO_PROCESS, 0)
    nice, session = _told("lower_priority(0)", _TELL, leads=True)
    assert nice == str(before)
    assert session.endswith(" nice 0")


@pytest.mark.skipif(
    tuple(map(int, os.uname().release.split(".")[:2])) < (6, 12), reason="slices can be asked for since Linux 6.12"
)
def test_its_threads_may_be_interrupted_at_once() -> None:
    tell = "print(open(f'/proc/self/task/{threading.get_native_id()}/sched').read())"
    thread = f"t = threading.Thread(target=lambda: {tell})"
    lines = _told("lower_priority(15)", "import threading", thread, "t.start()", "t.join()", leads=True)
    slices = [line.rpartition(":")[2].strip() for line in lines if line.startswith("se.slice")]
    assert slices == ["100000000"]


async def test_the_models_have_a_session_of_their_own(light_settings: Settings) -> None:
    settings = Settings()
    settings.general, settings.models = light_settings.general, light_settings.models.model_copy(update={"niceness": 7})
    client = ModelClient(settings)
    await client.start()
    try:
        await client.wait_ready()
        pid = client.state()["pid"]
        assert os.getsid(pid) == pid
        assert _session_of(pid).endswith(" nice 7")
        assert os.getpriority(os.PRIO_PROCESS, pid) == 7
    finally:
        await client.stop()
