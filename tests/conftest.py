"""Fixtures for all tests live in tests/fixtures, one theme a file."""

import os

# A developer's own settings must not reach the tests, and nothing may leave this machine.
for name in [name for name in os.environ if name.startswith("AZAK_") and not name.startswith("AZAK_TEST_")]:
    del os.environ[name]
os.environ["HF_HUB_OFFLINE"] = "1"

pytest_plugins = ["tests.fixtures.database", "tests.fixtures.installation", "tests.fixtures.standin"]
