"""Runs a check of the repository as a command of its own."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
# Set in the environment of the inner test run, so that it does not start another one.
INNER = "TESTED_WITH_BASE_ONLY"


def run(*command: str, **environment: str) -> None:
    """Run a command in the checkout; its output is the failure."""
    given = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")} | environment
    done = subprocess.run(command, cwd=ROOT, env=given, capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout[-6000:]}\n{done.stderr[-3000:]}"


def module(name: str, *arguments: str, **environment: str) -> None:
    run(sys.executable, "-m", name, *arguments, **environment)
