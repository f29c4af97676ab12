"""`python3 -m tests.bare [--only root|user] [--only-first]`: README's two commands on a bare Debian, literally.

Makes a machine by debootstrap (as root; 2 GB for it and 7 GB for each person in /var/tmp, deleted at the end), clones
what is committed here, and types the commands as an ordinary user and as root. Prints times and sizes; exit code 1
when a command fails, the demo does not answer, or something is left running. Needs no package but Python itself.
"""

import argparse
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from tests.bare.machine import BareMachine, Person
from tests.bare.readme import ROOT, Commands, readme_commands

DEMO_WITHIN_S = 3600
TESTS_WITHIN_S = 5400
STOPPED_WITHIN_S = 90
LISTS = ("/api/stocks", "/api/news", "/api/prediction", "/api/reports")


class FailedError(Exception):
    """A command did not do what README says; the text says which and why."""


def _ports() -> dict[str, int]:
    """Free ports; the machine shares the network with whatever runs here."""
    listeners = {name: socket.create_server(("127.0.0.1", 0)) for name in ("api", "scheduler", "database", "standin")}
    ports = {name: listener.getsockname()[1] for name, listener in listeners.items()}
    for listener in listeners.values():
        listener.close()
    return ports


def _get(url: str) -> bytes:
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with direct.open(url, timeout=10) as answer:
        content: bytes = answer.read()
        return content


def _answers(base: str) -> bool:
    """Whether the page is built and every list has something in it."""
    try:
        built = b'<div id="app">' in _get(f"{base}/")
        return built and all(json.loads(_get(f"{base}{path}"))["items"] for path in LISTS)
    except (urllib.error.URLError, OSError):
        return False


def _wait_until_filled(demo: "subprocess.Popen[bytes]", base: str, log: Path) -> None:
    """Until azak says that it is ready and answers. Raises FailedError."""
    deadline = time.monotonic() + DEMO_WITHIN_S
    while not ("azak is ready" in log.read_text(errors="replace") and _answers(base)):
        if demo.poll() is not None or time.monotonic() > deadline:
            raise FailedError(f"The demo did not answer at {base}/; its output ended with:\n{_end(log)}")
        time.sleep(0.5)  # between two looks


def _end(log: Path, lines: int = 15) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])


def _stop(machine: BareMachine, process: "subprocess.Popen[bytes]") -> None:
    """Ctrl-C, as a terminal sends it: SIGINT to the group. Raises FailedError when something outlives it."""
    os.killpg(process.pid, signal.SIGINT)
    deadline = time.monotonic() + STOPPED_WITHIN_S
    while (process.poll() is None or machine.processes()) and time.monotonic() < deadline:
        time.sleep(0.1)  # between two looks
    left = machine.processes()
    for pid in left:
        os.kill(pid, signal.SIGKILL)
    process.wait()
    if left:
        raise FailedError(f"{STOPPED_WITHIN_S} s after Ctrl-C there still ran: {', '.join(left.values())}")


def _first(machine: BareMachine, person: Person, folder: str, command: str, log: Path) -> str:
    """Type the first command, wait for the filled demo, press Ctrl-C; returns what it took."""
    ports = _ports()
    settings = {
        "AZAK_API_PORT": str(ports["api"]),
        "AZAK_SCHEDULER_PORT": str(ports["scheduler"]),
        "AZAK_DATABASE_PORT": str(ports["database"]),
        "AZAK_SOURCES_DEMO_URL": f"http://127.0.0.1:{ports['standin']}",
    }
    begun, before = time.monotonic(), machine.megabytes()
    demo = machine.start(command, person, folder, log, settings)
    try:
        _wait_until_filled(demo, f"http://127.0.0.1:{ports['api']}", log)
        took = time.monotonic() - begun
    finally:
        _stop(machine, demo)
    said = re.search(r"azak is ready after (\d+) s", log.read_text(errors="replace"))
    sizes = {"packages": f"{folder}/.venv", "caches": f"{person.home}/.cache", "page": f"{folder}/dashboard"}
    parts = ", ".join(f"{name} {machine.megabytes(path)} MB" for name, path in sizes.items())
    return (
        f"{took:.0f} s to the filled demo ({said[1] if said else '?'} s of it after installation), "
        f"{machine.megabytes() - before} MB more on the disk ({parts}; what two hold is there once)"
    )


def _second(machine: BareMachine, person: Person, folder: str, command: str, log: Path) -> str:
    """Type the second command and wait for its end; returns what it took and pytest's last line."""
    begun, before = time.monotonic(), machine.megabytes()
    tests = machine.start(command, person, folder, log)
    try:
        code = tests.wait(TESTS_WITHIN_S)
    except subprocess.TimeoutExpired:
        code = None
    took = time.monotonic() - begun
    if machine.processes():
        _stop(machine, tests)
        raise FailedError(f"The tests left processes behind, or did not end in {TESTS_WITHIN_S} s:\n{_end(log)}")
    if code != 0:
        raise FailedError(f"The tests ended with {code}:\n{_end(log, 60)}")
    return f"{took:.0f} s, {machine.megabytes() - before} MB more on the disk\n{_end(log)}"


def _try(machine: BareMachine, person: Person, commands: Commands, *, only_first: bool) -> bool:
    """Both commands as one person; prints what came out and returns whether all was well."""
    folder = machine.clone(ROOT, person)
    for command, run in ((commands.demo, _first), (commands.tests, _second))[: 1 if only_first else 2]:
        log = machine.folder.with_name(f"{machine.folder.name}-{person.name}{run.__name__}.log")
        print(f"{person.name}$ {command}\n  output in {log}", flush=True)
        try:
            print(f"  {run(machine, person, folder, command, log)}", flush=True)
        except FailedError as failure:
            print(f"  FAILED: {failure}", flush=True)
            return False
    return True


def main() -> int:
    parser = argparse.ArgumentParser(prog="python3 -m tests.bare", description=__doc__)
    parser.add_argument("--suite", default="bookworm", help="Debian's release (bookworm, trixie)")
    parser.add_argument("--mirror", help="where debootstrap takes packages from, instead of its default")
    parser.add_argument("--only", choices=("root", "user"), help="one of the two people")
    parser.add_argument("--only-first", action="store_true", help="not the test command, which takes ten minutes")
    parser.add_argument("--keep", action="store_true", help="leave the machine's folder")
    given = parser.parse_args()
    # What root installs, a user finds, but not the other way round: so the user comes first.
    people = [Person(name) for name in {"root": ["root"], "user": ["newcomer"]}.get(given.only, ["newcomer", "root"])]
    commands = readme_commands((ROOT / "README.md").read_text())
    machine = BareMachine(Path(tempfile.mkdtemp(prefix="azak-bare-", dir="/var/tmp")))
    try:
        machine.make(given.suite, given.mirror)
        print(f"{given.suite} with Python, pip and git: {machine.megabytes()} MB in {machine.folder}", flush=True)
        well = [_try(machine, person, commands, only_first=given.only_first) for person in people]
    finally:
        if not given.keep:
            shutil.rmtree(machine.folder)
    return int(not all(well))


if __name__ == "__main__":
    sys.exit(main())
