"""`python -m bench.starts [--json FILE]`: how long the API takes to import, and `azak --help` to answer.

CPU seconds of the best of five fresh interpreters with byte code. `import_over_libraries` divides the API by the
libraries it cannot do without, in the same run, so that a slow machine does not look like a slow azak.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LIBRARIES = "import fastapi, uvicorn, sqlalchemy.ext.asyncio, sqlalchemy.orm, asyncpg, httpx, pydantic_settings"


def cpu_seconds(*command: str) -> float:
    """Of the command and its children; the least of five, because neighbours only ever add to it."""
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    measured = []
    for _ in range(6):  # the first one writes the byte code
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        measured.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(measured[1:])


def wall_seconds(*command: str) -> float:
    started = time.perf_counter()
    subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - started


def measure() -> dict[str, float]:
    """Flat, for --json."""
    api = cpu_seconds(sys.executable, "-c", "import backend.main")
    libraries = cpu_seconds(sys.executable, "-c", LIBRARIES)
    azak = str(Path(sys.executable).with_name("azak"))
    figures = {
        "api_import_s": api,
        "import_over_libraries": api / libraries,
        "azak_help_s": min(wall_seconds(azak, "--help") for _ in range(5)),
    }
    return {name: round(value, 3) for name, value in figures.items()}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.starts", description=__doc__)
    parser.add_argument("--json", type=Path, help="writes the figures as one flat object")
    given = parser.parse_args()
    figures = json.dumps(measure(), indent=2)
    print(figures)
    if given.json is not None:
        given.json.write_text(figures + "\n")


if __name__ == "__main__":
    main()
