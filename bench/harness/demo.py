"""A demo of a benchmark's own: `azak up --demo` in a temporary folder, on free ports, ended by its pid."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from bench.harness.installation import KEY, ROOT, free_port

FILLED_WITHIN_S: Final = 900


@contextmanager
def filled_demo(*flags: str) -> Iterator[str]:
    """The URL of the API of a filled demo, whose key is installation.KEY; it ends with the block.

    `flags`: more of `azak up --demo`.
    """
    ports = [free_port() for _ in range(4)]
    with tempfile.TemporaryDirectory(prefix="azak-bench-", dir="/tmp") as home:
        Path(home).chmod(0o755)
        environment = {name: value for name, value in os.environ.items() if not name.startswith("AZAK_")} | {
            "AZAK_DATA_DIR": home,
            "AZAK_API_KEY": KEY,
            "AZAK_API_PORT": str(ports[0]),
            "AZAK_SCHEDULER_PORT": str(ports[1]),
            "AZAK_DATABASE_PORT": str(ports[2]),
            "AZAK_SOURCES_DEMO_URL": f"http://127.0.0.1:{ports[3]}",
        }
        command = (sys.executable, "-m", "backend.cli", "up", "--demo", *flags)
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
        try:
            _wait_until_filled(Path(home) / "demo" / "demo.json", process, flags)
            yield f"http://127.0.0.1:{ports[0]}"
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(60)


def _wait_until_filled(state: Path, process: subprocess.Popen[bytes], flags: tuple[str, ...]) -> None:
    deadline = time.monotonic() + FILLED_WITHIN_S
    while not (state.exists() and json.loads(state.read_text())["filled"]):
        if process.poll() is not None or time.monotonic() > deadline:
            sys.exit(f"The demo was not filled; run 'azak up --demo {' '.join(flags)}' to see why.")
        time.sleep(1)
