"""What the tests of the page do on a machine without a browser."""

import os
from pathlib import Path

import pytest

from tests.dashboard.browser import chromium


@pytest.fixture
def no_browser(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine of somebody who is not root, with nothing on PATH but what a test puts in the folder; not CI."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(chromium, "PLACES", ())
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    for name in ("CI", "TESTS_OF_AZAK_BROWSER"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def program(path: Path, code: int) -> Path:
    path.write_text(f"#!/bin/sh\necho no network >&2\nexit {code}\n")
    path.chmod(0o755)
    return path


def test_without_a_browser_they_are_skipped_with_the_remedy(no_browser: Path) -> None:
    with pytest.raises(pytest.skip.Exception, match="apt-get install chromium"):
        chromium.require_chromium()


def test_on_request_they_are_skipped_where_there_is_one(no_browser: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(no_browser / "chromium", 0)
    monkeypatch.setenv("TESTS_OF_AZAK_BROWSER", "none")
    with pytest.raises(pytest.skip.Exception, match="AZAK_TEST_BROWSER=none"):
        chromium.require_chromium()


def test_in_ci_they_fail(no_browser: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    with pytest.raises(AssertionError, match="There is no Chromium"):
        chromium.require_chromium()


def test_root_whose_packages_do_not_come_sees_why(no_browser: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    program(no_browser / "apt-get", 100)
    with pytest.raises(RuntimeError, match="no network"):
        chromium.require_chromium()


def test_a_browser_on_path_is_taken(no_browser: Path) -> None:
    found = program(no_browser / "google-chrome", 0)
    assert chromium.require_chromium() == str(found)
