"""Which in-process test runs which line of the backend: `python -m tests.mutations.lines FILE`.

It runs the tests of these folders once under coverage (about ten minutes on two cores) and writes FILE as JSON:
`tests` are [name, seconds], `files` give for each line the numbers of the tests that run it. Lines run by an import
belong to all tests that run something else of their file, or, where it holds declarations alone, of a file that imports
it: also where one test happens to be the first that imports it.
"""

import argparse
import ast
import json
import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import coverage

from tests.mutations.listing import ROOT

FOLDERS = (
    "architecture", "services", "pipelines", "sources", "text", "models", "reports", "scheduler", "db", "demo", "stats",
    "cli", "e2e", "trouble", "bench",
)  # fmt: skip
PLUGIN = "tests.mutations.trace"
NO_TEST = ""  # the context that the plugin leaves between tests: imports, and what goes on in the background
# They compare declarations (tables, schemas, settings) with a second copy, so they look at lines that run at import.
DECLARATIONS = (
    "tests/api/test_schema.py::test_committed_document_is_current",
    "tests/scheduler/test_job_table.py",
    "tests/architecture/test_tables_of_limits.py",
    "tests/architecture/test_tables_of_numbers.py",
    "tests/cli/test_commands.py::test_the_example_file_lists_every_setting",
    "tests/sources/test_tables.py",
    "tests/trouble/test_table.py",
    "tests/db/test_declarations.py",
    "tests/db/test_constraints.py",
)


def function_of(test: str) -> str:
    """Node id without the parameters."""
    return test.partition("[")[0]


def imported_by(file: str) -> set[str]:
    """The files of the backend that a file imports from."""
    names = {
        f"{node.module}.{name.name}" if part else node.module or ""
        for node in ast.walk(ast.parse((ROOT / file).read_text()))
        if isinstance(node, ast.ImportFrom)
        for name in node.names
        for part in (False, True)
    }
    return {f"{name.replace('.', '/')}.py" for name in names if name.startswith("backend.")}


def users_of(traced: Mapping[str, Mapping[int, set[int]]]) -> dict[str, set[int]]:
    """The tests that run something of each file; for one that holds declarations alone, of the files that import it."""
    users = {file: set().union(*lines.values()) for file, lines in traced.items()}
    imports = {file: imported_by(file) for file in traced}
    while True:
        found = {
            file: set().union(*(users[other] for other in traced if file in imports[other]))
            for file, tests in users.items()
            if not tests
        }
        if not any(found.values()):
            return users
        users |= found


def read_traces(folder: Path) -> dict[str, Any]:
    """What the plugin wrote into `folder`."""
    seconds: dict[str, float] = defaultdict(float)
    for timed in (folder / "trace.durations").read_text().splitlines():
        duration, _, test = timed.partition(" ")
        seconds[function_of(test)] += float(duration)
    numbers = {test: number for number, test in enumerate(sorted(seconds))}
    traced: dict[str, dict[int, set[int]]] = defaultdict(lambda: defaultdict(set))
    imported: dict[str, set[int]] = defaultdict(set)
    for path in folder.glob("trace.*"):
        if path.suffix == ".durations":
            continue
        data = coverage.CoverageData(str(path))
        data.read()
        for file in data.measured_files():
            name = str(Path(file).relative_to(ROOT))
            for line, tests in data.contexts_by_lineno(file).items():
                if NO_TEST in tests:
                    imported[name].add(line)
                traced[name][line] |= {numbers[function_of(test)] for test in tests if function_of(test) in numbers}
    declared = {number for test, number in numbers.items() if test.startswith(DECLARATIONS)}
    files: dict[str, dict[int, list[int]]] = {}
    users = users_of(traced)
    for name, covered in sorted(traced.items()):
        every = users[name] | declared
        files[name] = {
            line: sorted(found | every if line in imported[name] or not found else found)
            for line, found in sorted(covered.items())
        }
    return {"tests": [[test, round(seconds[test], 2)] for test in numbers], "files": files}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.mutations.lines", description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--traces", type=Path, help="read this folder, which has traces already, and run nothing")
    arguments = parser.parse_args()
    if arguments.traces is not None:
        arguments.file.write_text(json.dumps(read_traces(arguments.traces)))
        return
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {"MUTATIONS_TRACE": f"{folder}/trace"}
        for tests in ([f"tests/{name}" for name in FOLDERS], ["tests/api"]):
            command = [sys.executable, "-m", "pytest", "-p", PLUGIN, "-q", "-n", "2", *tests]
            subprocess.run(command, cwd=ROOT, env=environment, check=False)
        arguments.file.write_text(json.dumps(read_traces(Path(folder))))


if __name__ == "__main__":
    main()
