"""AZAK_TEST_ names are for the tests alone."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def test_settings_of_the_tests_do_not_reach_azak(tmp_path: Path) -> None:
    """`AZAK_TEST_BROWSER=none pytest` once made every process that a test started refuse its settings."""
    (tmp_path / "test_child.py").write_text(
        "import subprocess, sys\n"
        "from tests.options import option\n"
        "def test_child():\n"
        "    assert option('BROWSER') == 'none'\n"
        "    child = 'from backend.config import load_settings; load_settings()'\n"
        "    subprocess.run([sys.executable, '-c', child], check=True)\n"
    )
    for workers in ("0", "1"):
        done = _pytest(tmp_path / "test_child.py", "-n", workers, AZAK_TEST_BROWSER="none", azak_api_prot="1")
        assert "1 passed" in done.stdout, done.stdout + done.stderr


def test_a_misspelt_setting_of_the_tests_is_refused(tmp_path: Path) -> None:
    (tmp_path / "test_nothing.py").write_text("")
    done = _pytest(tmp_path / "test_nothing.py", AZAK_TEST_BROWSR="none")
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    known = "AZAK_TEST_BROWSER, AZAK_TEST_FILLED, AZAK_TEST_FUZZ"
    assert f"No test reads AZAK_TEST_BROWSR: there are {known}." in done.stderr


def _pytest(file: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(ROOT)]
    command += ["-c", str(ROOT / "pyproject.toml"), "--confcutdir", str(ROOT), "-p", "tests.conftest", str(file)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    return subprocess.run(
        [*command, *arguments],
        env=environment | settings | {"PYTHONPATH": str(ROOT)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
