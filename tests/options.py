"""What is said to the tests themselves: AZAK_TEST_BROWSER, AZAK_TEST_FILLED and AZAK_TEST_FUZZ.

azak refuses a setting that it does not know, and every process that a test starts is azak; so pytest moves these to
names of another prefix before anything is started, and takes every other AZAK_ name out of the environment.
"""

import os

import pytest

OPTIONS = ("BROWSER", "FILLED", "FUZZ")


def set_apart() -> None:
    """Leave no AZAK_ name in the environment. Raises UsageError for an AZAK_TEST_ name that no test reads."""
    for name in [name for name in os.environ if name.upper().startswith("AZAK_")]:
        value = os.environ.pop(name)
        if name.startswith("AZAK_TEST_"):
            chosen = name.removeprefix("AZAK_TEST_")
            if chosen not in OPTIONS:
                known = ", ".join(f"AZAK_TEST_{option}" for option in OPTIONS)
                raise pytest.UsageError(f"No test reads {name}: there are {known}.")
            os.environ[f"TESTS_OF_AZAK_{chosen}"] = value


def option(name: str) -> str | None:
    """The value of AZAK_TEST_NAME; None when it is not set or empty."""
    return os.environ.get(f"TESTS_OF_AZAK_{name}") or os.environ.get(f"AZAK_TEST_{name}") or None
