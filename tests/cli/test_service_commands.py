"""`azak stop`, `logs` and `open` with real processes, files and a browser that writes down what it is given."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from backend.cli.start.running import only_one
from backend.errors import ConfigurationError
from tests.cli.azak import COMMAND, azak, azak_in_terminal, environment_of
from tests.cli.conftest import RunningApi
from tests.fixtures.installation import wait_until

# Holds a data directory as `azak up` does; `once`: ends at the first SIGINT, else at the second.
HOLDER = """
import pathlib, signal, sys
from backend.cli.start.running import only_one
stops = []
signal.signal(signal.SIGINT, lambda *_: stops.append(1))
with only_one(pathlib.Path(sys.argv[1])):
    print("holds", flush=True)
    while len(stops) < int(sys.argv[2]):
        signal.pause()
"""


@contextmanager
def holder(data_dir: Path, stops: int = 1) -> Iterator["subprocess.Popen[str]"]:
    command = [sys.executable, "-c", HOLDER, str(data_dir), str(stops)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "holds\n"
        yield process
        process.kill()


def test_stop_ends_the_running_up_and_says_so(tmp_path: Path) -> None:
    with holder(tmp_path) as process:
        with pytest.raises(ConfigurationError, match="end it with 'azak stop'"), only_one(tmp_path):
            pass
        stopped = azak("stop", AZAK_DATA_DIR=str(tmp_path))
        assert (stopped.returncode, stopped.stdout, stopped.stderr) == (0, "'azak up' has ended.\n", "")
        assert process.wait(10) == 0
    again = azak("stop", AZAK_DATA_DIR=str(tmp_path))
    assert (again.returncode, "No 'azak up' runs in" in again.stdout, "pm2 stop all" in again.stdout) == (0, True, True)


def test_a_file_that_a_killed_up_left_stops_nobody(tmp_path: Path) -> None:
    with holder(tmp_path) as process:
        process.kill()
        process.wait(10)
    assert (tmp_path / "up.pid").read_text() == f"{process.pid}\n"
    assert "No 'azak up' runs in" in azak("stop", AZAK_DATA_DIR=str(tmp_path)).stdout
    with only_one(tmp_path):
        assert (tmp_path / "up.pid").read_text() != f"{process.pid}\n"


def log_line(event: str, **fields: object) -> str:
    values = {"event": event, "service": "x", "level": "info", "ts": "2026-11-28T18:51:49.419224Z", **fields}
    return json.dumps(values, ensure_ascii=False)


@pytest.fixture
def log_home(tmp_path: Path) -> Path:
    """Log files of four processes, with a line that would colour the terminal."""
    (tmp_path / "logs").mkdir()
    files = {"api-0": "api", "api-1": "other api", "scheduler": "tick"}
    for name, event in files.items():
        lines = [log_line(f"{event} {number}", run="2d9b") for number in range(30)]
        (tmp_path / "logs" / f"{name}.jsonl").write_text("\n".join(lines) + "\n")
    (tmp_path / "logs" / "database.jsonl").write_text("LOG:  ready \x1b[31m\n")
    return tmp_path


def test_logs_prints_the_last_lines_of_each_process(log_home: Path) -> None:
    given = {"AZAK_DATA_DIR": str(log_home)}
    everything = azak("logs", **given).stdout.splitlines()
    names = [line.split("\t")[0] for line in everything]
    assert [names.count(name) for name in ("api-0", "api-1", "database", "scheduler")] == [20, 20, 1, 20]
    two = azak("logs", "api", "-n", "1", **given).stdout.splitlines()
    assert [json.loads(line.split("\t")[1])["event"] for line in two] == ["api 29", "other api 29"]
    assert azak("logs", "api-1", "-n", "1", **given).stdout.startswith("api-1\t")
    unknown = azak("logs", "bank", **given)
    assert (unknown.returncode, "there are api-0, api-1," in unknown.stderr) == (2, True)
    assert azak_in_terminal("logs", "scheduler", "-n", "1", AZAK_DATA_DIR=str(log_home)) == [
        "scheduler  11-29 03:51:49 info    tick 29 run=2d9b"
    ]
    assert azak_in_terminal("logs", "database", AZAK_DATA_DIR=str(log_home)) == ["database   LOG:  ready [31m"]


def test_logs_follow_a_file_that_grows_and_is_moved_aside(log_home: Path) -> None:
    log = log_home / "logs" / "scheduler.jsonl"
    command = [*COMMAND, "logs", "scheduler", "-f", "-n", "1"]
    environment = environment_of({"AZAK_DATA_DIR": str(log_home)})
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert "tick 29" in process.stdout.readline()
        with log.open("a") as file:
            file.write(log_line("grown") + "\n" + log_line("half")[:10])
        assert "grown" in process.stdout.readline()
        log.rename(log.with_name("scheduler.jsonl.1"))
        log.write_text(log_line("new file") + "\n")
        assert "new file" in process.stdout.readline()
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 0
        assert process.stdout.read() == ""


def test_open_starts_a_browser_where_there_is_a_screen(api: RunningApi, tmp_path: Path) -> None:
    browser, opened = tmp_path / "browser", tmp_path / "opened"
    browser.write_text(f'#!/bin/sh\necho "$1" >> {opened}\n')
    browser.chmod(0o755)
    given = {"BROWSER": str(browser), "DISPLAY": "", "WAYLAND_DISPLAY": ""}
    address = f"http://127.0.0.1:{api.environment['AZAK_API_PORT']}/"
    headless = api("open", **given)
    assert (headless.returncode, headless.stdout, opened.exists()) == (0, f"{address}\n", False)
    shown = api("open", "삼성전자", **given | {"DISPLAY": ":0"})
    assert (shown.returncode, shown.stdout) == (0, f"{address}stock/005930\n")
    wait_until(opened.exists)
    assert opened.read_text() == f"{address}stock/005930\n"
    api("open", **given | {"WAYLAND_DISPLAY": "wayland-0"})
    wait_until(lambda: len(opened.read_text().splitlines()) == 2)
