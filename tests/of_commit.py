"""`uv run pytest -p tests.of_commit --of-commit COMMIT`: only the tests whose function a commit had, for its time then.

By name: the moves since then kept the names, and a test that has more cases today runs all of them.
"""

import re
import subprocess
from pathlib import Path

import pytest

_TEST = re.compile(r"def (test_\w+)")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--of-commit", help="run only the tests whose function this commit had")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    commit = config.getoption("--of-commit")
    if commit is None:
        return
    named = ["git", "grep", "-h", "def test_", commit, "--", "tests/*.py"]
    found = subprocess.run(named, cwd=Path(__file__).parent.parent, check=True, capture_output=True, text=True)
    names = set(_TEST.findall(found.stdout))
    others = [item for item in items if item.name.partition("[")[0] not in names]
    config.hook.pytest_deselected(items=others)
    items[:] = [item for item in items if item not in set(others)]
