"""Fixtures for all tests live in tests/fixtures, one theme a file."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import structlog
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

import backend.cli.bytecode  # noqa: F401 - first: every process of a test, and each of its workers, finds byte code
from tests.options import set_apart

# A developer's own settings must not reach the tests, and nothing may leave this machine.
set_apart()
os.environ["HF_HUB_OFFLINE"] = "1"
# As in the model process, whose operations some tests call in their own: a second thread only gets in the way.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
# The same examples in every run: what a search at random finds belongs into a test of its own, not into somebody's CI.
hypothesis.settings.register_profile("azak", derandomize=True, deadline=None)
hypothesis.settings.load_profile("azak")

pytest_plugins = [
    "tests.fixtures.database",
    "tests.fixtures.installation",
    "tests.fixtures.logged",
    "tests.fixtures.standin",
    "tests.fixtures.typed_client",
]


@pytest.fixture(autouse=True, scope="session")
def _plain_logs() -> Iterator[None]:
    """Without a configuration structlog prints whole stack frames with rich: seconds for one traceback."""
    processors: list[Any] = [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(default=repr)]
    structlog.configure(processors=processors)
    yield
    structlog.reset_defaults()


def pytest_xdist_auto_num_workers() -> int:
    """One more than cores, because a test of processes waits half of its time (2 cores: 512 s with 3, 667 s with 2)."""
    return (os.cpu_count() or 1) + 1


class OneWorkerAFile(LoadScopeScheduling):
    """A file's tests stay in one worker, because they share what is dear; so do all that look at the page.

    Not by the mark `xdist_group`: xdist 3.8 renames items by an attribute that pytest 9.2 does not have any more.
    """

    def _split_scope(self, nodeid: str) -> str:
        file = Path(nodeid.partition("::")[0])
        return "tests/dashboard" if file.is_relative_to("tests/dashboard") else str(file)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> OneWorkerAFile:
    """In the order of collection, which is that of `testpaths`: what takes long begins early."""
    config.option.loadscopereorder = False
    return OneWorkerAFile(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The demo is filled first, beside the longest file and the building of the page; only then do others need them."""
    first = ("test_demo.py", "test_api_alone.py", "test_build.py")
    items.sort(key=lambda item: first.index(item.path.name) if item.path.name in first else len(first))
