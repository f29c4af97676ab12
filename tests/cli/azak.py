"""Runs `azak` as a person does: a process of its own, with the environment a test gives, in a pipe or a terminal."""

import os
import pty
import subprocess
import sys

# What azak itself writes to a terminal beside text.
_BOLD, _PLAIN = "\x1b[1m", "\x1b[0m"
COMMAND = [sys.executable, "-m", "backend.cli"]


def environment_of(settings: dict[str, str]) -> dict[str, str]:
    return os.environ | {"NO_COLOR": "1", "COLUMNS": "200"} | settings


def azak(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """The finished command with its output in pipes; `settings` are environment variables."""
    return subprocess.run(
        [*COMMAND, *arguments],
        env=environment_of(settings),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def azak_in_terminal(*arguments: str, columns: int = 80, **settings: str) -> list[str]:
    """The lines that the command writes to a terminal of `columns` characters; it must end with 0."""
    controller, terminal = pty.openpty()
    with subprocess.Popen(
        [*COMMAND, *arguments],
        env=environment_of(settings | {"COLUMNS": str(columns), "TERM": "xterm"}),
        stdin=subprocess.DEVNULL,
        stdout=terminal,
        stderr=terminal,
    ) as process:
        os.close(terminal)
        written = b"".join(iter(lambda: _read(controller), b""))
        code = process.wait(60)
    os.close(controller)
    text = written.decode().replace("\r\n", "\n").replace(_BOLD, "").replace(_PLAIN, "")
    assert code == 0, text
    return text.splitlines()


def _read(controller: int) -> bytes:
    """What was written; nothing at the end, which Linux reports as an error of the terminal."""
    try:
        return os.read(controller, 65_536)
    except OSError:
        return b""
