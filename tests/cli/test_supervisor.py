"""The supervisor with small real processes: ready, restarted, rotated, stopped in reverse, gone with its parent."""

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from backend.cli.environment import DemoState, demo_environment
from backend.cli.start.children import MAX_LOG_BYTES, ChildFailedError, Service, rotate
from backend.cli.start.supervisor import Supervisor

# Touches `ready`, then waits; on SIGINT it adds its name to `stops`.
CHILD = """
import pathlib, signal, sys, threading
folder, name = pathlib.Path(sys.argv[1]), sys.argv[2]
done = threading.Event()
signal.signal(signal.SIGINT, lambda *_: done.set())
print("hello from", name, flush=True)
(folder / f"{name}.ready").touch()
while not done.wait(0.05):
    pass
with (folder / "stops").open("a") as stops:
    stops.write(name + "\\n")
"""


def service(folder: Path, name: str, code: str = CHILD, *, stop_within_s: float = 10) -> Service:
    async def is_ready() -> bool:
        return (folder / f"{name}.ready").exists()

    return Service(name, ("-c", code, str(folder), name), is_ready, 20, stop_within_s)


async def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)


def is_gone(pid: int) -> bool:
    """Whether no living process has this pid (a zombie is not one)."""
    stat = Path(f"/proc/{pid}/stat")
    try:
        return stat.read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


@pytest.fixture
async def supervisor(tmp_path: Path) -> AsyncIterator[tuple[Supervisor, list[str]]]:
    said: list[str] = []
    running = Supervisor(tmp_path / "logs", said.append)
    yield running, said
    running.kill()
    await running.stop()


Running = tuple[Supervisor, list[str]]


async def test_children_log_apart_and_stop_in_reverse_order(supervisor: Running, tmp_path: Path) -> None:
    running, said = supervisor
    await running.start([service(tmp_path, "first")])
    await running.start([service(tmp_path, "second")])
    await running.stop()
    assert (tmp_path / "stops").read_text().split() == ["second", "first"]
    assert (tmp_path / "logs" / "first.jsonl").read_text() == "hello from first\n"
    assert (tmp_path / "logs" / "second.jsonl").read_text() == "hello from second\n"
    assert [line.split()[0] for line in said] == ["first", "second"]


async def test_a_killed_child_is_started_again_and_said_so(supervisor: Running, tmp_path: Path) -> None:
    running, said = supervisor
    await running.start([service(tmp_path, "api")])
    (child,) = running._children
    first = child.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    await until(lambda: child.pid not in {None, first})
    assert "api ended with code -9; starting it again in 0.5 s" in said[-1]
    assert child.restarts == 1


async def test_a_child_that_cannot_start_tells_its_last_line(supervisor: Running, tmp_path: Path) -> None:
    running, _ = supervisor
    failing = service(tmp_path, "bad", "import sys; sys.exit('Port 1 is taken; stop it.')")
    with pytest.raises(ChildFailedError, match=r"Port 1 is taken; stop it\."):
        await running.start([failing])


async def test_a_child_that_ignores_the_stop_is_killed_at_its_deadline(supervisor: Running, tmp_path: Path) -> None:
    running, _ = supervisor
    stubborn = CHILD.replace("lambda *_: done.set()", "signal.SIG_IGN")
    await running.start([service(tmp_path, "deaf", stubborn, stop_within_s=0.3)])
    (child,) = running._children
    pid = child.pid
    assert pid is not None
    await running.stop()
    assert is_gone(pid)


@pytest.mark.skipif(sys.platform != "linux", reason="the parent-death signal is Linux's")
def test_children_do_not_outlive_a_killed_supervisor(tmp_path: Path) -> None:
    code = textwrap.dedent(f"""
        import asyncio, pathlib
        from tests.cli.test_supervisor import Supervisor, service
        async def main():
            running = Supervisor(pathlib.Path({str(tmp_path)!r}) / "logs", lambda line: None)
            await running.start([service(pathlib.Path({str(tmp_path)!r}), "child")])
            print(running._children[0].pid, flush=True)
            await asyncio.Event().wait()
        asyncio.run(main())
    """)
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        parent.kill()
    asyncio.run(until(lambda: is_gone(pid)))


def test_a_log_over_ten_megabytes_moves_aside_and_five_are_kept(tmp_path: Path) -> None:
    log = tmp_path / "api-0.jsonl"
    for number in range(7):
        log.write_bytes(str(number).encode() * (MAX_LOG_BYTES + 1))
        rotate(log)
    kept = {path.name: path.read_bytes()[:1] for path in tmp_path.iterdir()}
    assert kept == {f"api-0.jsonl.{n}": str(7 - n).encode() for n in range(1, 6)}
    log.write_text("small")
    rotate(log)
    assert log.read_text() == "small"


def test_a_demo_begins_once_and_differs_by_url_key_and_calendar_only(tmp_path: Path) -> None:
    state = DemoState("2026-11-23T00:01:00+00:00", 7, 60)
    state.save(tmp_path)
    assert DemoState.load(tmp_path) == state
    prefixes = ("AZAK_DATA_DIR", "AZAK_CALENDAR_", "AZAK_SOURCES_")
    environment = demo_environment(state, tmp_path)
    assert all(name.startswith(prefixes) for name in environment)
    assert environment["AZAK_CALENDAR_DEMO_START"] == state.start
