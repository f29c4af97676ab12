"""Runs `azak` as a person does: a process of its own, with the environment a test gives."""

import os
import subprocess
import sys

COMMAND = [sys.executable, "-m", "backend.cli"]


def azak(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """The finished command; `settings` are environment variables."""
    environment = os.environ | {"NO_COLOR": "1", "COLUMNS": "200"} | settings
    return subprocess.run(
        [*COMMAND, *arguments], env=environment, capture_output=True, text=True, check=False, timeout=60
    )
