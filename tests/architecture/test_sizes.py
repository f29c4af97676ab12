"""Small files and short functions, measured, because every big code base rots into one god module."""

import ast
import statistics
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted(ROOT.glob("backend/**/*.py"))
TESTS = sorted(ROOT.glob("tests/**/*.py"))
BENCH = sorted(ROOT.glob("bench/**/*.py"))


def lines(path: Path) -> int:
    return len(path.read_text().splitlines())


def functions(path: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{path.relative_to(ROOT)}:{node.name}", (node.end_lineno or node.lineno) - node.lineno + 1


def test_no_file_is_long() -> None:
    long = {str(path.relative_to(ROOT)): lines(path) for path in SOURCES if lines(path) > 300}
    long |= {str(path.relative_to(ROOT)): lines(path) for path in TESTS if lines(path) > 600}
    assert long == {}


def test_files_are_short_on_the_whole() -> None:
    assert statistics.median(lines(path) for path in SOURCES if lines(path) > 5) <= 100


def test_no_folder_is_crowded() -> None:
    """At most 15 files beside the sub-folders, without `__init__.py`; one a resource, table or command may be more."""
    counted = Counter(path.parent.relative_to(ROOT) for path in SOURCES + TESTS + BENCH if path.name != "__init__.py")
    one_a_subject = {Path("backend/api"), Path("backend/db/tables"), Path("tests/api"), Path("bench")}
    assert {str(folder): n for folder, n in counted.items() if n > 15 and folder not in one_a_subject} == {}


def test_functions_are_short() -> None:
    sizes = dict(item for path in SOURCES for item in functions(path))
    assert {name: size for name, size in sizes.items() if size > 60} == {}
    assert statistics.median(sizes.values()) <= 12


def test_only_the_edge_commits() -> None:
    """One write request or job step is one transaction; `session.begin()` in db/session.py is the only commit."""
    committing = {str(path.relative_to(ROOT)) for path in SOURCES if ".commit()" in path.read_text()}
    assert committing == set()


def test_no_folder_of_tests_is_left_out() -> None:
    """Plain `pytest` runs every folder, but for the API's, which test_api_alone.py runs in its own environment."""
    configured = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["pytest"]["ini_options"]["testpaths"]
    folders = {f"tests/{path.relative_to(ROOT).parts[1]}" for path in ROOT.glob("tests/*/**/test_*.py")}
    assert folders - set(configured) == {"tests/api"}
