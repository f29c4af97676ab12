"""Fixtures for all tests live in tests/fixtures, one theme a file."""

import os

import pytest

# A developer's own settings must not reach the tests, and nothing may leave this machine.
for name in [name for name in os.environ if name.startswith("AZAK_") and not name.startswith("AZAK_TEST_")]:
    del os.environ[name]
os.environ["HF_HUB_OFFLINE"] = "1"

pytest_plugins = ["tests.fixtures.database", "tests.fixtures.installation", "tests.fixtures.standin"]


def pytest_xdist_auto_num_workers() -> int:
    """One more than cores, because a test of processes waits half of its time (2 cores: 512 s with 3, 667 s with 2)."""
    return (os.cpu_count() or 1) + 1


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A file's tests stay in one worker, because they share what is dear; so do all that share the filled demo."""
    for item in items:
        folder, name = item.path.parent.name, item.path.name
        item.add_marker(pytest.mark.xdist_group("demo" if folder in {"e2e", "dashboard"} else f"{folder}/{name}"))
