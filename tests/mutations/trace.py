"""pytest plugin that records which test runs which line: `pytest -p tests.mutations.trace`, read by `lines.py`.

Coverage starts at import, before conftest files import the backend; lines run by imports belong to no test.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import coverage
import pytest

DATA_FILE = "MUTATIONS_TRACE"
_tracer = coverage.Coverage(
    data_file=os.environ[DATA_FILE],
    data_suffix=True,
    source_pkgs=["backend"],
    concurrency=["thread", "greenlet"],
    config_file=False,
    messages=False,
)
_tracer.start()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    _tracer.switch_context(item.nodeid)
    try:
        return (yield)
    finally:
        _tracer.switch_context("")


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Durations in s, one line a phase, beside the data."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        with Path(os.environ[DATA_FILE] + ".durations").open("a") as file:
            file.write(f"{report.duration:.3f} {report.nodeid}\n")


def pytest_unconfigure() -> None:
    _tracer.stop()
    _tracer.save()
