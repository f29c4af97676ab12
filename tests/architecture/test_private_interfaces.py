"""Inner parts of libraries are used in one file each, and only up to a version that was tried."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# Library -> the one file that may use what its documentation does not name, and the prefixes of those parts.
ADAPTERS = {
    "fastapi": ("backend/web/fastapi_private.py", ("fastapi.dependencies", "fastapi.params", "fastapi._")),
    "uvicorn": ("backend/web/connections.py", ("uvicorn.protocols", "uvicorn._")),
    "pgqueuer": ("backend/scheduler/engine.py", ("pgqueuer.adapters", "pgqueuer.core", "pgqueuer.domain")),
}


def _imports(path: Path) -> Iterator[str]:
    """Every imported name of a file, dotted."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _users(*prefixes: str) -> set[str]:
    files = [path for folder in ("backend", "alembic") for path in (ROOT / folder).rglob("*.py")]
    return {str(path.relative_to(ROOT)) for path in files if any(name.startswith(prefixes) for name in _imports(path))}


@pytest.mark.parametrize("library", ADAPTERS)
def test_inner_parts_of_a_library_are_used_in_one_file(library: str) -> None:
    adapter, inner = ADAPTERS[library]
    assert _users(*inner) == {adapter}


@pytest.mark.parametrize("library", ADAPTERS)
def test_its_version_has_an_upper_bound(library: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    asked = [*project["project"]["dependencies"], *project["dependency-groups"]["scheduler"]]
    (found,) = [line for line in asked if re.match(rf"{library}(\[[a-z]+\])?>", line)]
    assert re.search(r",<\d", found), f"{found}: bound its version from above"


def test_nobody_imports_a_name_with_an_underscore() -> None:
    found = {
        (str(path.relative_to(ROOT)), name)
        for path in (ROOT / "backend").rglob("*.py")
        for name in _imports(path)
        if any(part.startswith("_") and not part.startswith("__") for part in name.split("."))
    }
    assert not found
